/** What two logs that shall tell of the same calls can disagree about. */
import type { InterruptedLeaf, OutcomeLeaf, ServedLeaf, ServedStatus } from '../ledger/index.ts'

/** Each is a finding: the two logs cannot both be whole and true. */
export type DifferenceKind =
  /** Served on a receipt that the agency's log did not sign. */
  | 'false-receipt'
  /** Served for an entry that the agency's log does not show. */
  | 'not-shown'
  /** Served for an entry in whose place the agency's log shows another. */
  | 'another-entry'
  /** Served for an entry that sends nothing to a model. */
  | 'no-call'
  /** Served as another exchange, or for another provider, than the intent names. */
  | 'another-exchange'
  /** Served under another text of the agreement. */
  | 'another-agreement'
  | 'served-twice'
  /** The agency's log has an answer, given out, held or stopped, that this gate never gave. */
  | 'answered-elsewhere'

export interface Difference {
  readonly kind: DifferenceKind
  /** Index in the agency's log, where one is known. */
  readonly entry: number | null
  /** Index in the gate's log, where the call stands there. */
  readonly served: number | null
  readonly exchange: string
  readonly time: string
  readonly message: string
}

/** A call of the agency's log that the gate did not serve, and that nothing speaks against. */
export interface NotServed {
  readonly entry: number
  readonly exchange: string
  readonly time: string
  /** What became of it by the agency's account; null where nothing yet. */
  readonly status: OutcomeLeaf['status'] | InterruptedLeaf['status'] | null
  /** That account shows that there was an answer. */
  readonly answered: boolean
}

export interface Reconciliation {
  /** Calls that stand in both logs and agree. */
  readonly matched: number
  readonly differences: readonly Difference[]
  /** Did not reach the gate, by the agency's account. */
  readonly notServed: readonly NotServed[]
  /** Too young for the gate's evidence: newer evidence decides. */
  readonly newer: readonly NotServed[]
  /** From before the agreement was in force at the gate. */
  readonly earlier: number
  /** Under agreements that were never in force at this gate, by their ids. */
  readonly otherAgreements: Readonly<Record<string, number>>
  /** Not served here, and sent to providers behind other gates, by their codes: nobody is accused of them. */
  readonly otherProviders: Readonly<Record<string, number>>
  /** Intents that give out an answer that was held: they call no model, and stand in one log only. */
  readonly redeemedAnswers: number
  /** Calls of which the two logs tell the end differently. */
  readonly endsDiffer: readonly EndsDiffer[]
}

/**
 * The gate answered in full and the agency did not give that out whole, or the other way round. A caller may have
 * gone, or a clause have stopped what was answered; or somebody between the gates had the answer in the agency's place.
 */
export interface EndsDiffer {
  readonly entry: number
  readonly served: number
  /** Null where the agency's log has no outcome yet. */
  readonly agency: OutcomeLeaf['status'] | InterruptedLeaf['status'] | null
  readonly gate: ServedStatus
}

export function difference(
  kind: DifferenceKind,
  entry: number | null,
  served: { readonly index: number; readonly leaf: ServedLeaf },
  message: string,
): Difference {
  const { index, leaf } = served
  return { kind, entry, served: index, exchange: leaf.exchange, time: instant(leaf.time), message }
}

/** Untrusted: a log may hold any number as a time. */
export function instant(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}
