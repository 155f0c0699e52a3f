/**
 * Leaf v1: what the ledger says of each step, in the clear and for ever. Nothing in it would ever need to be
 * taken out: who called, for which unit and to what purpose are commitments, and the content is a digest of
 * sealed bytes. The bytes of a leaf are canonical JSON (RFC 8785), so a stranger's program reads them.
 */
import type { Json } from '../base/canonical-json.ts'

interface Step {
  readonly v: 1
  /** The index in the log, from 0. */
  readonly seq: number
  /** Milliseconds since the Unix epoch; never falls from one entry to the next. */
  readonly time: number
}

/** The first entry of every log. */
export interface OpenedLeaf extends Step {
  readonly kind: 'opened'
  readonly origin: string
}

/** From here on this version of the agreement is in force. */
export interface ActivationLeaf extends Step {
  readonly kind: 'activation'
  readonly agreement: string
  readonly version: number
  /** `sha256:<hex>` of the agreement file. */
  readonly hash: string
  /** The activation entry of the version before; absent for the first version in this log. */
  readonly supersedes?: number
  /** The signed statement as it was verified (DSSE envelope). */
  readonly envelope: Json
  /** Present where demonstration keys signed. */
  readonly demo?: true
}

interface ExchangeStep extends Step {
  readonly exchange: string
  /** The activation entry of the agreement that was applied; absent where the call named no route of any. */
  readonly agreement?: number
  readonly stage: 'request' | 'tool' | 'answer'
  readonly decision: 'allow' | 'hold' | 'deny'
  /** Ids of the rules that caused the decision, such as `4.2#1`. */
  readonly rules: readonly string[]
  /** Provider code of the schedule; absent where the call named no route. */
  readonly provider?: string
  /** `rehearsal` where no model answers but the scripted one. */
  readonly upstream?: 'live' | 'rehearsal'
  /** Hex root of the salted commitments, see records. */
  readonly commitments: string
  /** `sha256:<hex>` of the sealed record. */
  readonly record: string
}

/** The request may go out: written before it does. */
export interface IntentLeaf extends ExchangeStep {
  readonly kind: 'intent'
  readonly decision: 'allow'
}

/** The request does not go out: denied or held. */
export interface RefusalLeaf extends ExchangeStep {
  readonly kind: 'refusal'
  readonly decision: 'deny' | 'hold'
  readonly hold?: string
}

export type OutcomeStatus =
  | 'completed'
  /** A clause stopped the answer, before or after its first byte. */
  | 'stopped'
  /** The upstream failed or answered nonsense. */
  | 'failed'
  | 'client-gone'

/** What became of an intent: written before the last byte of the answer. */
export interface OutcomeLeaf extends ExchangeStep {
  readonly kind: 'outcome'
  /** The intent's entry. */
  readonly intent: number
  readonly status: OutcomeStatus
  readonly hold?: string
}

/** Written at start for an intent that the program before left without an outcome; its worst case is settled. */
export interface InterruptedLeaf extends Step {
  readonly kind: 'outcome'
  readonly status: 'interrupted'
  readonly exchange: string
  readonly intent: number
}

export interface HoldExpiredLeaf extends Step {
  readonly kind: 'hold-expired'
  readonly exchange: string
  readonly hold: string
}

/** Refusals that were answered while nothing could be written. */
export interface GapLeaf extends Step {
  readonly kind: 'gap'
  readonly refusals: number
}

export type Leaf =
  | OpenedLeaf
  | ActivationLeaf
  | IntentLeaf
  | RefusalLeaf
  | OutcomeLeaf
  | InterruptedLeaf
  | HoldExpiredLeaf
  | GapLeaf
