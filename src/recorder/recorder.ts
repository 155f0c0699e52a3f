/** The contract of the recorder: the only writer of a log, its money and its holds. */
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'
import type { ActivationLeaf, IntentLeaf, OutcomeLeaf, RefusalLeaf } from '../ledger/index.ts'

export type RecorderErrorCode =
  /** Nothing of what was asked has been written; asking again later, under what is then in force, may succeed. */
  | 'RECORDER_UNAVAILABLE'
  /** What was asked does not fit what was recorded before: an unknown intent, a spent reservation. */
  | 'RECORDER_CONFLICT'
  /** The data cannot be trusted or belongs to another log; a person must look. */
  | 'RECORDER_DAMAGED'

export class RecorderError extends ServandaError<RecorderErrorCode> {
  override readonly name = 'RecorderError'
}

/** A leaf as its author knows it; the recorder adds version, index and time. */
export type Unsequenced<L> = Omit<L, 'v' | 'seq' | 'time'>

export interface Reservation {
  readonly id: number
  /** Millionths of the currency for the agreement: settled, plus all reservations, this one included. */
  readonly committedMicros: number
}

export interface OpenedHold {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Admission {
  readonly reservation: number
  readonly leaf: Unsequenced<IntentLeaf>
  readonly sealed: Uint8Array
}

export interface Refusal {
  /** Given back with the refusal. */
  readonly reservation?: number
  readonly leaf: Unsequenced<RefusalLeaf>
  readonly sealed: Uint8Array
  readonly hold?: OpenedHold
}

export interface Settlement {
  readonly leaf: Unsequenced<OutcomeLeaf>
  readonly sealed: Uint8Array
  /** What the exchange really cost; the rest of the reservation is given back. */
  readonly micros: number
  readonly hold?: OpenedHold
}

export interface Activation {
  readonly leaf: Unsequenced<ActivationLeaf>
  /** The agreement file, byte for byte. */
  readonly text: string
}

export interface Recorded {
  readonly seq: number
  /** The log's signed promise that this entry stands at this index, as one line of text. */
  readonly receipt: string
}

/** An agreement version as it was activated. */
export interface ActivatedText {
  readonly seq: number
  readonly text: string
  readonly envelope: Json
}

/** Grows with anything that changes what is in force. */
export type StandingVersion = number

/** What a worker's lease rests on. */
export interface LeaseAnswer {
  /** What is in force at this moment. */
  readonly version: StandingVersion
  /** Time of the last entry; 0 before the first. It never falls, whatever the clocks do. */
  readonly logTime: number
}

export interface StandingAnswer {
  readonly version: StandingVersion
  readonly origin: string
  /** In the order of the log; the newest of each agreement is in force. */
  readonly activations: readonly ActivatedText[]
}

/**
 * `reserve` and `release` are volatile: they cost no write and a crash forgets them. Everything else is durable
 * when its promise resolves and not written at all when it rejects with `RECORDER_UNAVAILABLE`. Calls may run at
 * once; those that arrive together are written in one commit.
 *
 * A reservation is given back by `release` or with what is rejected; once admitted, by its outcome alone. An outcome
 * that was rejected is owed: unless it is asked again first, an `interrupted` one takes its place at worst case.
 * A step under a version of the agreement that another has superseded is not written.
 *
 * A crash leaves intents without outcome; the next start writes an `interrupted` outcome for each and settles
 * its worst case. The same happens while running when a worker goes away.
 */
export interface Recorder {
  reserve(agreement: string, micros: number): Promise<Reservation>
  release(reservation: number): void
  /** Writes reservation and intent in one commit: after this the request may leave. */
  admit(admission: Admission): Promise<Recorded>
  refuse(refusal: Refusal): Promise<Recorded>
  /** Writes outcome and amounts in one commit: after this the last byte may leave. */
  settle(settlement: Settlement): Promise<Recorded>
  lease(): Promise<LeaseAnswer>
  standing(): Promise<StandingAnswer>
  activate(activation: Activation): Promise<Recorded>
}
