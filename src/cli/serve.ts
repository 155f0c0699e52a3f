/** `servanda serve`: puts what is in force between callers and models. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { initialise, isInitialised, placesOf, readSettings, serve as startServing } from '../process/index.ts'
import type { Serving, Settings } from '../process/index.ts'
import { command } from './command.ts'
import { failure } from './failure.ts'

const usage = `usage: servanda serve [--demo] [--json]

  --demo  where nothing was initialised yet, put the example agreements in force, signed with
          demonstration keys, before a rehearsal model: for trying out only
  --json  print one JSON object, in one line, when ready
`

const demonstration = {
  agreements: ['department/v1.md', 'department/v2.md', 'hospital/v1.md', 'ended/v1.md'].map(exampleFile),
  callers: exampleFile('demo-callers.json'),
  demo: true,
}

/** Serves until SIGINT or SIGTERM; exit code 1 when the gateway had to end itself, 2 when it could not start. */
export const serve = command({
  usage,
  operands: {},
  options: { demo: 'flag' },
  async run({ demo }, output) {
    const ended = untilSignal()
    const settings = readSettings(process.env)
    if (demo && !isInitialised(settings)) await initialise(settings, demonstration)
    const serving = await startServing(settings, { warn: (message) => output.err(`servanda: ${message}\n`) })
    // In one line, and not by `answer`: whoever started it waits for this line, and not for the end of the output.
    output.out(output.json ? readyJson(serving, settings) : readyText(serving, settings))
    try {
      await Promise.race([ended, serving.failed])
    } catch (error) {
      // The recorder is in an unknown state: the only safe way on is a new start, so nothing is closed in order.
      failure(error, output)
      return 1
    }
    await serving.close()
    return 0
  },
})

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function exampleFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

function readyJson(serving: Serving, settings: Settings): string {
  const { port, inForce, demo, rehearsal } = serving
  const { evidence } = placesOf(settings)
  return `${JSON.stringify({ ready: true, url: url(serving, settings), port, inForce, demo, rehearsal, evidence })}\n`
}

function url({ port }: Serving, { host }: Settings): string {
  if (['127.0.0.1', '0.0.0.0', '::1', '::'].includes(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function readyText(serving: Serving, settings: Settings): string {
  const places = placesOf(settings)
  const address = url(serving, settings)
  return [
    `In force: ${serving.inForce.join(', ')}`,
    ...(serving.demo
      ? ['DEMONSTRATION: anyone can make the keys that signed this, so it binds nobody.']
      : []),
    ...(serving.rehearsal ? ['REHEARSAL: no route leads to a model; a script answers.'] : []),
    '',
    `  address   ${address}/v1   (OpenAI Chat Completions; listens on ${settings.host})`,
    `  evidence  ${places.evidence}`,
    ...(existsSync(places.demoCallerKeys) ? demoText(places.demoCallerKeys, address) : []),
    '',
    '',
  ].join('\n')
}

function demoText(path: string, address: string): string[] {
  const keys = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
  const clerk = keys.find(([id]) => id === 'medical-clerk') ?? keys[0]
  const request =
    '{"model":"general","messages":[{"role":"user","content":"Draft a reminder for the vaccination clinic."}]}'
  return [
    `  callers   ${path}`,
    ...keys.map(([id, key]) => `            ${id.padEnd(22)} ${key}`),
    '',
    'Try it, in another terminal:',
    '',
    `  curl -s ${address}/v1/chat/completions -H 'authorization: Bearer ${clerk?.[1] ?? ''}' \\`,
    `    -H 'content-type: application/json' -d '${request}'`,
    '',
    '  npm run -s servanda -- rehearse',
    '  npm run -s servanda -- verify',
  ]
}
