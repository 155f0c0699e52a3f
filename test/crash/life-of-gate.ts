/** Everything that changes rows of a provider's gate's log; every intent is shown in every run, and served once. */
import type { Recorded, Recorder } from '../../src/recorder/index.ts'
import { serving } from '../../src/recorder/sample-asks.ts'
import {
  activate,
  amendTo,
  attempt,
  inForce,
  isStopped,
  openDispute,
  requireRefused,
  resume,
  since,
  stop,
} from './life.ts'
import type { Life } from './life.ts'

/** Indexes in the agency's log, each served exactly once in the end. */
export const intentsServed = [10, 11, 12, 13, 14, 15, 16, 17, 18] as const

export async function liveAsGate(life: Life): Promise<void> {
  await activate(life, 1)
  await liftStop(life)
  const { recorder } = life
  const away = { kind: 'turned-away', reason: 'missing', count: 3, intents: [] } as const
  await attempt('turned away', recorder.note(away))
  life.publish()
  await Promise.all([
    serveToEnd(life, 10, 'answered'),
    serveToEnd(life, 11, 'failed'),
    serveToEnd(life, 12, 'gone'),
  ])
  life.publish()
  await serveTwiceAtOnce(life, 13)
  await loseWorker(life, 14)
  life.publish()
  await stopAll(life)
  life.publish()
  await openDispute(life)
  await amendTo(life, 2)
  await serveToEnd(life, 17, 'answered')
  const period = { supplier: 'cumulus', from: since, to: since + 1 }
  await attempt('certificate', recorder.note({ kind: 'certificate', certificate: 'exclusion', ...period }))
  await attempt('turned away', recorder.note({ ...away, reason: 'reused', count: 1, intents: [10] }))
  life.publish()
  // Left open: the next start owes it an end.
  await tryServe(life, 18)
  for (const intent of intentsServed) {
    const asked = serve(life, intent, `again-${intent}-${life.run}`)
    await requireRefused(`intent ${intent} again`, asked, 'RECORDER_REUSED')
  }
}

async function liftStop(life: Life): Promise<void> {
  if (!(await isStopped(life))) return
  const asked = serve(life, 99, `stopped-${life.run}`)
  await requireRefused('a call under a stop of an earlier run', asked, 'RECORDER_SUPERSEDED')
  await resume(life, await inForce(life))
}

async function serve(
  life: Life,
  intent: number,
  name: string,
  recorder: Recorder = life.recorder,
): Promise<Recorded> {
  const agreement = await inForce(life)
  return await recorder.serve(await serving({ exchange: name, intent, time: since, agreement }))
}

/** The exchange and its entry, or null where an earlier run has served this intent. */
async function tryServe(
  life: Life,
  intent: number,
  recorder?: Recorder,
): Promise<{ readonly name: string; readonly seq: number } | null> {
  const name = `call-${intent}-${life.run}`
  const asked = serve(life, intent, name, recorder)
  const served = await attempt(`intent ${intent}`, asked, { exchange: name, codes: ['RECORDER_REUSED'] })
  return served && { name, seq: served.seq }
}

type Status = 'answered' | 'failed' | 'gone' | 'stopped'

async function end(life: Life, call: { name: string; seq: number } | null, status: Status): Promise<void> {
  if (!call) return
  const leaf = { kind: 'served-end', exchange: call.name, served: call.seq, status } as const
  await attempt('end', life.recorder.note(leaf), { exchange: call.name })
}

async function serveToEnd(life: Life, intent: number, status: Status): Promise<void> {
  await end(life, await tryServe(life, intent), status)
}

async function serveTwiceAtOnce(life: Life, intent: number): Promise<void> {
  const name = `twin-${intent}-${life.run}`
  const codes = ['RECORDER_REUSED'] as const
  const twin = attempt(`intent ${intent}`, serve(life, intent, name), { exchange: name, codes })
  const [first, second] = await Promise.all([tryServe(life, intent), twin])
  await end(life, first, 'answered')
  await end(life, second && { name, seq: second.seq }, 'answered')
}

/** Its call is ended as interrupted while the recorder runs on. */
async function loseWorker(life: Life, intent: number): Promise<void> {
  const lost = life.connect()
  await tryServe(life, intent, lost.recorder)
  await lost.leave()
}

async function stopAll(life: Life): Promise<void> {
  const running = await tryServe(life, 15)
  const agreement = await inForce(life)
  await stop(life, agreement)
  if (await isStopped(life)) {
    const asked = serve(life, 16, `stopped-16-${life.run}`)
    await requireRefused('a call under a stop', asked, 'RECORDER_SUPERSEDED')
  }
  await end(life, running, 'stopped')
  await resume(life, agreement)
  await serveToEnd(life, 16, 'answered')
}
