/** The contract of the recorder: the only writer of a log, its money and its holds. */
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'
import type {
  ActivationLeaf,
  AnnouncedLeaf,
  CertificateLeaf,
  DisputeLeaf,
  EnrolledReviewer,
  HoldDecidedLeaf,
  IntentLeaf,
  OrderLeaf,
  OutcomeLeaf,
  RefusalLeaf,
  ReviewersLeaf,
  ServedEndLeaf,
  ServedLeaf,
  TurnedAwayLeaf,
} from '../ledger/index.ts'

export type RecorderErrorCode =
  /** Nothing of what was asked has been written; asking again later, under what is then in force, may succeed. */
  | 'RECORDER_UNAVAILABLE'
  /** Nothing was written: an amendment, an order or a dispute has come between. Judged anew, the answer may be another. */
  | 'RECORDER_SUPERSEDED'
  /**
   * Nothing was written: the hold cannot be opened (the caller has as many as it may, or one for this very call is
   * open) or cannot be redeemed (it is not open, was denied, or waits for another call).
   */
  | 'RECORDER_HOLD'
  /** Nothing was written: the intent was served before, or its time is over. */
  | 'RECORDER_REUSED'
  /** What was asked does not fit what was recorded before: an unknown intent, a spent reservation. */
  | 'RECORDER_CONFLICT'
  /** The data cannot be trusted or belongs to another log; a person must look. */
  | 'RECORDER_DAMAGED'

export class RecorderError extends ServandaError<RecorderErrorCode> {
  override readonly name = 'RecorderError'
}

/** A leaf as its author knows it; the recorder adds version, index and time. */
export type Unsequenced<L> = L extends unknown ? Omit<L, 'v' | 'seq' | 'time'> : never

export interface Reservation {
  readonly id: number
  /** Millionths of the currency for the agreement: settled, plus all reservations, this one included. */
  readonly committedMicros: number
  /** The hold that is open for this very call, decided upon or not. */
  readonly hold?: OpenHold
}

/** A hold as whoever opens it knows it. */
export interface NewHold {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Keyed digest of the caller: holds are counted by it. */
  readonly caller: string
  /** Keyed digest of the caller and everything of the call: the same for a repeat and for nothing else. */
  readonly call: string
  /** Digest of what people are shown and sign, `sha256:<hex>`. */
  readonly subject: string
  /** The levels asked for. */
  readonly asks: readonly string[]
}

/** A hold that has not expired, was not redeemed and was not denied. */
export interface OpenHold extends NewHold {
  readonly exchange: string
  /** The refusal or outcome that opened it: its sealed record holds what people are shown. */
  readonly seq: number
  /** Activation entry under which it was opened. */
  readonly agreement: number
  readonly stage: 'request' | 'tool' | 'answer'
  readonly rules: readonly string[]
  /** Hex root of the commitments of that entry: what its opened record must give. */
  readonly commitments: string
  /** Signed approvals (DSSE envelopes), in the order of the log; whoever relies on them verifies them. */
  readonly approvals: readonly Json[]
}

/** What was decided by what was in force at a moment. */
interface Judged {
  /**
   * The `version` of what stood when it was judged: a step is not written after a later dispute about its agreement, an
   * activation not after anything that changed since.
   */
  readonly judgedUnder: StandingVersion
}

export interface Admission extends Judged {
  readonly reservation: number
  /** For an intent that names a hold: the call, which must be the one that was held. */
  readonly call?: string
  readonly leaf: Unsequenced<IntentLeaf>
  readonly sealed: Uint8Array
}

export interface Refusal extends Judged {
  /** Given back with the refusal. */
  readonly reservation?: number
  /** Where it opens a hold, the recorder adds when that ends. */
  readonly leaf: Unsequenced<RefusalLeaf>
  readonly sealed: Uint8Array
  readonly hold?: NewHold
}

export interface Settlement extends Judged {
  /** As in a refusal. */
  readonly leaf: Unsequenced<OutcomeLeaf>
  readonly sealed: Uint8Array
  /** What the exchange really cost; the rest of the reservation is given back. */
  readonly micros: number
  readonly hold?: NewHold
}

export interface HoldDecision {
  readonly leaf: Unsequenced<HoldDecidedLeaf>
  readonly sealed: Uint8Array
}

/** A call that a provider's gate passes on. */
export interface Serving {
  readonly leaf: Unsequenced<ServedLeaf>
  /** Index of the intent in the agency's log: served once. */
  readonly intent: number
  /** Time of the intent by the agency's log. */
  readonly intentTime: number
}

/** Entries that carry nothing but themselves. */
export type PlainLeaf =
  AnnouncedLeaf | ReviewersLeaf | OrderLeaf | DisputeLeaf | ServedEndLeaf | TurnedAwayLeaf | CertificateLeaf

export interface Activation extends Judged {
  readonly leaf: Unsequenced<ActivationLeaf>
  /** Milliseconds since the epoch: from when it shall be in force, as was signed. No entry of an earlier time is written. */
  readonly notBefore: number
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
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly text: string
  readonly envelope: Json
  /** The entry by which it was made known before, where it was. */
  readonly announced?: number
  /** Something was judged in this log, before it, under an earlier version of this agreement. */
  readonly judgedBefore: boolean
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
  /** Every order there ever was, in the order of the log. */
  readonly orders: readonly RecordedOrder[]
  /** Every dispute there ever was, in the order of the log. */
  readonly disputes: readonly RecordedDispute[]
  /** Every amendment that was ever made known, in the order of the log, whatever became of it. */
  readonly announced: readonly RecordedAnnouncement[]
  readonly reviewers: readonly EnrolledReviewer[]
}

export interface RecordedDispute {
  readonly seq: number
  /** Activation entry of the agreement whose party signed. */
  readonly agreement: number
  readonly envelope: Json
}

export interface RecordedAnnouncement {
  readonly seq: number
  /** Milliseconds since the epoch: from here the cooling-off period runs. */
  readonly time: number
  /** Activation entry of the version that it amends. */
  readonly agreement: number
  readonly version: number
  /** `sha256:<hex>` of the agreement file. */
  readonly hash: string
  readonly envelope: Json
}

export interface RecordedOrder {
  readonly seq: number
  /** Activation entry of the agreement whose parties signed. */
  readonly agreement: number
  readonly envelope: Json
}

export { intentWindowMs } from '../ledger/index.ts'

/** Amendments to one version that may be made known at once. */
export const announcedMax = 16

/** Holds of one caller that may be open at once. */
export const holdsPerCallerMax = 16

/**
 * `reserve` and `release` are volatile: they cost no write and a crash forgets them. Everything else is durable
 * when its promise resolves and not written at all when it rejects with `RECORDER_UNAVAILABLE`. Calls may run at
 * once; those that arrive together are written in one commit.
 *
 * A reservation is given back by `release` or with what is rejected; once admitted, by its outcome alone. An outcome
 * that was rejected is owed: unless it is asked again first, an `interrupted` one takes its place at worst case.
 * A step under a version of the agreement that another has superseded is not written, nor an intent while a stop
 * order is in force. A stop, an amendment and a dispute end the open holds of their agreement in the same commit. After
 * a dispute nothing is written that was judged before it and lets something pass, wait or be refused by a clause; how
 * what went out before has ended is written, unless it is that its answer was given out whole.
 *
 * A hold is used up by the intent that names it, in the intent's commit. An intent of the agency's log is served
 * once, and only within `intentWindowMs` of its time.
 *
 * A crash leaves intents without outcome; the next start writes an `interrupted` outcome for each and settles
 * its worst case. The same happens while running when a worker goes away.
 */
export interface Recorder {
  /** `call` asks for the open hold of that call, in the same message. */
  reserve(agreement: string, micros: number, call?: string): Promise<Reservation>
  release(reservation: number): void
  /** Writes reservation and intent in one commit: after this the request may leave. */
  admit(admission: Admission): Promise<Recorded>
  refuse(refusal: Refusal): Promise<Recorded>
  /** Writes outcome and amounts in one commit: after this the last byte may leave. */
  settle(settlement: Settlement): Promise<Recorded>
  lease(): Promise<LeaseAnswer>
  standing(): Promise<StandingAnswer>
  activate(activation: Activation): Promise<Recorded>
  /** All open holds. */
  holds(): Promise<readonly OpenHold[]>
  /** The sealed record of an entry, or null where it has none. */
  sealed(seq: number): Promise<Uint8Array | null>
  /** Rejects with `RECORDER_HOLD` where the hold is not open. A denial closes it. */
  decideHold(decision: HoldDecision): Promise<Recorded>
  /** For a provider's gate: after this the call may go to the model. */
  serve(serving: Serving): Promise<Recorded>
  /**
   * Amendments that are made known, orders, disputes, reviewers, certificates, and what a provider's gate ends or turns
   * away. Who signed is for whoever asks to verify before.
   */
  note(leaf: Unsequenced<PlainLeaf>): Promise<Recorded>
}
