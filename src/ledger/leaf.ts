/**
 * Leaf v1: what the ledger says of each step, in the clear and for ever. Nothing in it would ever need to be
 * taken out: who called, for which unit and to what purpose are commitments, and the content is a digest of
 * sealed bytes. Its bytes are made and read in leaf-bytes.ts.
 */
import type { Json } from '../base/index.ts'

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
  /** `gate` for the log of a provider's gate; absent for that of an agency's. */
  readonly role?: 'gate'
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
  /** The entry by which this version was made known before, where it was. */
  readonly announced?: number
  /** The signed statement as it was verified (DSSE envelope). */
  readonly envelope: Json
  /** Present where demonstration keys signed. */
  readonly demo?: true
}

/** An amendment was made known: signed by all who must, and not yet in force. */
export interface AnnouncedLeaf extends Step {
  readonly kind: 'announced'
  /** The activation entry of the version that is in force now, and that it amends. */
  readonly agreement: number
  readonly version: number
  /** `sha256:<hex>` of the agreement file. */
  readonly hash: string
  /** The signed statement as it was verified (DSSE envelope); its activation has the very same. */
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
  /** `sha256:<hex>` of the agreement that was applied, as its activation says: the provider's gate compares it. */
  readonly text: string
  /**
   * The hold that it redeems, and thereby uses up. With stage `request` a model is called; with stage `answer` the
   * answer that was held is given out and no model is called.
   */
  readonly hold?: string
}

/** The request does not go out: denied or held. */
export interface RefusalLeaf extends ExchangeStep {
  readonly kind: 'refusal'
  readonly decision: 'deny' | 'hold'
  /** The hold that it opens, or the open one that this very call waits for. */
  readonly hold?: string
  /** When the hold that it opens ends, in milliseconds since the epoch; absent where it opens none. */
  readonly expires?: number
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
  /** The hold that it opens, and when that ends; both or neither. */
  readonly hold?: string
  readonly expires?: number
}

/** Written at start for an intent that the program before left without an outcome; its worst case is settled. */
export interface InterruptedLeaf extends Step {
  readonly kind: 'outcome'
  readonly status: 'interrupted'
  readonly exchange: string
  readonly intent: number
}

/** A reviewer has decided about a hold: one denial closes it, approvals count by the levels that it asks. */
export interface HoldDecidedLeaf extends Step {
  readonly kind: 'hold-decided'
  readonly exchange: string
  readonly hold: string
  readonly verdict: 'approve' | 'deny'
  /** The reviewer's signed statement (DSSE envelope): names the key, the levels, the digest of what was shown. */
  readonly envelope: Json
  /** Hex root of the salted commitments: the reviewer stands in `caller`, the reason in the sealed content. */
  readonly commitments: string
  /** `sha256:<hex>` of the sealed record. */
  readonly record: string
}

/** Nobody decided in time, or an order or an amendment has come between. */
export interface HoldExpiredLeaf extends Step {
  readonly kind: 'hold-expired'
  readonly exchange: string
  readonly hold: string
}

/** From here on these may decide about holds, and nobody else: replaces the list before it. */
export interface ReviewersLeaf extends Step {
  readonly kind: 'reviewers'
  readonly reviewers: readonly EnrolledReviewer[]
}

/** One key of one reviewer under one agreement. Names nobody: persons and callers are keyed digests in hex. */
export interface EnrolledReviewer {
  /** Raw Ed25519 public key in base64. */
  readonly key: string
  /** The same for all keys of one natural person. */
  readonly person: string
  /** Id of the agreement. */
  readonly agreement: string
  readonly levels: readonly string[]
  /** Ids of roles of the schedule that this person holds; none where it is absent. */
  readonly roles?: readonly string[]
  /** Id of the unit of the schedule that this person reviews for. */
  readonly unit?: string
  /** Callers that are this person: about their calls the reviewer never counts. */
  readonly callers: readonly string[]
}

/** A party has ordered; in force from here on. */
export interface OrderLeaf extends Step {
  readonly kind: 'order'
  readonly order: 'stop' | 'resume'
  readonly id: string
  /** The activation entry of the agreement whose parties signed. */
  readonly agreement: number
  /** Ids of the stop orders that a resume lifts; empty for a stop. */
  readonly lifts: readonly string[]
  /** The signed order (DSSE envelope). */
  readonly envelope: Json
}

/** A party finds prose and rule of a clause apart: from here on the stricter reading acts. */
export interface DisputeLeaf extends Step {
  readonly kind: 'dispute'
  /** Up to 64 letters, digits, `_` and `-`. */
  readonly id: string
  /** The activation entry of the agreement whose party signed. */
  readonly agreement: number
  /** Number of the clause. */
  readonly clause: string
  /** The signed dispute (DSSE envelope). */
  readonly envelope: Json
}

/** A provider's gate passes a call on to the model: written before it does. */
export interface ServedLeaf extends Step {
  readonly kind: 'served'
  /** The exchange's id at the agency's gate. */
  readonly exchange: string
  /** This log's activation entry of the agreement whose route it is. */
  readonly agreement: number
  readonly provider: string
  readonly upstream: 'live' | 'rehearsal'
  /** The agency's receipt for its intent: its signed promise that the intent stands in its own log. */
  readonly receipt: string
}

export interface ServedEndLeaf extends Step {
  readonly kind: 'served-end'
  readonly exchange: string
  /** The entry of kind `served`. */
  readonly served: number
  readonly status: ServedStatus
}

export type ServedStatus =
  /** The model's answer went out whole. */
  | 'answered'
  /** The model failed or refused. */
  | 'failed'
  /** The agency's gate went away. */
  | 'gone'
  /** An order ended it. */
  | 'stopped'
  /** The program ended without another status. */
  | 'interrupted'

/** Calls that a provider's gate refused. Strangers can make these, so they are counted, not listed. */
export interface TurnedAwayLeaf extends Step {
  readonly kind: 'turned-away'
  readonly reason: TurnedAwayReason
  readonly count: number
  /** Indexes of intents of the agency's log that were shown, where they were truly signed by it; at most 16. */
  readonly intents: readonly number[]
}

/** How long after its time an intent may be served, by the provider's gate's own clock, and how far before. */
export const intentWindowMs = 60_000

/** Why a provider's gate refuses; in this order, the first that applies. */
export const turnedAwayReasons = [
  /** No intent receipt. */
  'missing',
  /** Not a receipt that the agency's log signed for an intent. */
  'false',
  /** A receipt for other bytes or another route. */
  'altered',
  /** Too old, or from a time that has not come. */
  'expired',
  /**
   * The route is none in force here, or is judged by another text, or another provider's, or that of an excluded
   * one; the body names another model; or the term is over.
   */
  'unlisted',
  /** A stop order is in force at this gate. */
  'stopped',
  /** A call was served for this intent before. */
  'reused',
] as const
export type TurnedAwayReason = (typeof turnedAwayReasons)[number]

/** A certificate is asked for: it covers what stands before this entry. */
export interface CertificateLeaf extends Step {
  readonly kind: 'certificate'
  readonly certificate: 'exclusion'
  /** Provider code. */
  readonly supplier: string
  /** Milliseconds since the epoch; `from` is inside the period, `to` is not. */
  readonly from: number
  readonly to: number
}

/** Refusals that were answered while nothing could be written. */
export interface GapLeaf extends Step {
  readonly kind: 'gap'
  readonly refusals: number
}

export type Leaf =
  | OpenedLeaf
  | ActivationLeaf
  | AnnouncedLeaf
  | IntentLeaf
  | RefusalLeaf
  | OutcomeLeaf
  | InterruptedLeaf
  | HoldDecidedLeaf
  | HoldExpiredLeaf
  | ReviewersLeaf
  | OrderLeaf
  | DisputeLeaf
  | ServedLeaf
  | ServedEndLeaf
  | TurnedAwayLeaf
  | CertificateLeaf
  | GapLeaf
