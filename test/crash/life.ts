/** What a script of asks has at hand, and how it says what became of each on its standard output. */
import { writeSync } from 'node:fs'
import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { utf8 } from '../../src/base/index.ts'
import { RecorderClient, RecorderError, portChannel } from '../../src/recorder/index.ts'
import type { Recorded, Recorder, RecorderErrorCode, RecorderHost } from '../../src/recorder/index.ts'
import { HeldClock, activation, announcement, dispute, order } from '../../src/recorder/sample-asks.ts'

/** One line of the output. */
export type Said =
  | ({ readonly said: 'done'; readonly what: string; readonly exchange: string } & Recorded)
  | { readonly said: 'refused'; readonly what: string; readonly code: RecorderErrorCode }
  /** Said before it is signed: whatever happens then, these bytes may be signed somewhere. */
  | { readonly said: 'signing'; readonly bytes: string }

/** The time at which every life begins, whichever run it is: so intents that a gate is shown do not grow old. */
export const since = new HeldClock().time

export interface Life {
  /** Different in each run over the same directory: exchanges are new, holds, orders and versions are the same. */
  readonly run: string
  now(): number
  readonly recorder: Recorder
  /** One more worker, and how it goes away. */
  connect(): { readonly recorder: Recorder; readonly leave: () => Promise<void> }
  /** Lets so much time pass for the recorder, and what is due then. */
  pass(ms: number): void
  /** Begins to sign and show what is durable now; the life goes on meanwhile. */
  publish(): void
}

/** Synchronous: once the recorder has acknowledged, nothing comes between that and the saying. */
export function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`)
}

/** What is tried in every run and may have come about in an earlier one: then it is refused with one of `codes`. */
export async function attempt(
  what: string,
  asked: Promise<Recorded>,
  {
    exchange = '',
    codes = [],
  }: { readonly exchange?: string; readonly codes?: readonly RecorderErrorCode[] } = {},
): Promise<Recorded | null> {
  try {
    const { seq, receipt } = await asked
    say({ said: 'done', what, exchange, seq, receipt })
    return { seq, receipt }
  } catch (thrown) {
    if (!(thrown instanceof RecorderError) || !codes.includes(thrown.code)) throw thrown
    say({ said: 'refused', what, code: thrown.code })
    return null
  }
}

/** What must never come about, whatever was interrupted before. */
export async function requireRefused(
  what: string,
  asked: Promise<Recorded>,
  code: RecorderErrorCode,
): Promise<void> {
  const recorded = await attempt(what, asked, { codes: [code] })
  if (recorded) throw new Error(`${what} was taken, as entry ${recorded.seq}`)
}

export function connectTo(host: RecorderHost): ReturnType<Life['connect']> {
  const { port1, port2 } = new MessageChannel()
  host.connect(portChannel(port2))
  async function leave(): Promise<void> {
    port1.close()
    await once(port2, 'close')
  }
  return { recorder: new RecorderClient(portChannel(port1)), leave }
}

/** Money as an auditor would find it: the record of an intent says what was reserved, that of an outcome what it cost. */
export function sealedMicros(micros: number): Uint8Array {
  return utf8(JSON.stringify({ micros }))
}

/** The activation entry that is in force. */
export async function inForce({ recorder }: Life): Promise<number> {
  const { activations } = await recorder.standing()
  return activations.at(-1)?.seq ?? -1
}

export async function activate(life: Life, version: number, announced?: number): Promise<number> {
  const asked = life.recorder.activate(activation('department', version, announced))
  await attempt(`version ${version}`, asked, { codes: ['RECORDER_CONFLICT'] })
  return await inForce(life)
}

export async function stop(life: Life, agreement: number): Promise<void> {
  const asked = life.recorder.note(order('stop', { agreement }))
  await attempt('stop', asked, { codes: ['RECORDER_CONFLICT'] })
}

export async function resume(life: Life, agreement: number): Promise<void> {
  const asked = life.recorder.note(order('resume', { agreement, lifts: ['stop'] }))
  await attempt('resume', asked, { codes: ['RECORDER_CONFLICT'] })
}

/** Makes the version known, where an earlier run has not, and puts it into force. */
export async function amendTo(life: Life, version: number): Promise<void> {
  const agreement = await inForce(life)
  const asked = life.recorder.note(announcement(version, agreement))
  await attempt(`version ${version} is made known`, asked, { codes: ['RECORDER_CONFLICT'] })
  const { announced } = await life.recorder.standing()
  const entry = announced.find((one) => one.agreement === agreement)?.seq
  await activate(life, version, entry)
}

export async function openDispute(life: Life): Promise<void> {
  const asked = life.recorder.note(dispute('dispute', await inForce(life)))
  await attempt('dispute', asked, { codes: ['RECORDER_CONFLICT'] })
}

/** An earlier run may have ended between a stop and its resume. */
export async function isStopped({ recorder }: Life): Promise<boolean> {
  return (await recorder.standing()).orders.length === 1
}
