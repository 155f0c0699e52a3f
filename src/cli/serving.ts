/** What `serve` and `gate` have in common: how they tell that they are ready, and how they come to an end. */
import { placesOf } from '../process/index.ts'
import type { Serving, Settings } from '../process/index.ts'
import type { Output } from './command.ts'
import { failure } from './failure.ts'

/** Resolves with the first signal that asks for an end; in a child, when whoever started it is gone. */
export function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    if (process.channel === undefined) {
      process.once('SIGINT', () => resolve())
    } else {
      // The terminal sends it to all processes; a child is ended by the one that started it.
      process.on('SIGINT', () => undefined)
      process.once('disconnect', () => resolve())
    }
  })
}

/** Serves to the end; exit code 1 when the gate had to end itself. */
export async function serveUntil(ended: Promise<void>, serving: Serving, output: Output): Promise<number> {
  try {
    await Promise.race([ended, serving.failed])
  } catch (error) {
    // The recorder is in an unknown state: the only safe way on is a new start, so nothing is closed in order.
    failure(error, output)
    return 1
  }
  await serving.close()
  return 0
}

export function urlOf({ port }: Serving, { host }: Settings): string {
  if (['127.0.0.1', '0.0.0.0', '::1', '::'].includes(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function readyJson(serving: Serving, settings: Settings, more: object = {}): string {
  const { port, inForce, demo, rehearsal } = serving
  const { evidence } = placesOf(settings)
  const url = urlOf(serving, settings)
  return `${JSON.stringify({ ready: true, url, port, inForce, demo, rehearsal, evidence, ...more })}\n`
}

export function readyLines({ inForce, demo, rehearsal }: Serving): string[] {
  return [
    `In force: ${inForce.join(', ')}`,
    ...(demo ? ['DEMONSTRATION: anyone can make the keys that signed this, so it binds nobody.'] : []),
    ...(rehearsal ? ['REHEARSAL: no route leads to a model; a script answers.'] : []),
  ]
}
