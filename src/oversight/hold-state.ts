/** What may happen to a hold, as one table: all that is not in it does not happen. */
import type { Json } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { OversightError } from './oversight-error.ts'
import { approvedLevels } from './verify-decision.ts'
import type { DecidedHold, QuorumContext } from './verify-decision.ts'

export type HoldState =
  /** Some level that it asks lacks approvals. */
  | 'waiting'
  /** Every level that it asks is approved; the call may be repeated. */
  | 'approved'
  | 'denied'
  | 'expired'
  /** The call was repeated and has its intent. */
  | 'used'

export type HoldEvent =
  | 'approve'
  /** The approval that makes it enough. */
  | 'complete'
  | 'deny'
  /** Its time is over, or an order or an amendment has come between. */
  | 'expire'
  | 'redeem'

const transitions = {
  waiting: { approve: 'waiting', complete: 'approved', deny: 'denied', expire: 'expired' },
  approved: { deny: 'denied', expire: 'expired', redeem: 'used' },
  denied: {},
  expired: {},
  used: {},
} as const satisfies Record<HoldState, Partial<Record<HoldEvent, HoldState>>>

/** What becomes of it; null where that does not happen to a hold in this state. */
export function nextState(state: HoldState, event: HoldEvent): HoldState | null {
  const from: Partial<Record<HoldEvent, HoldState>> = transitions[state]
  return from[event] ?? null
}

/** Throws `HOLD_OVER` where the event does not happen to a hold in this state. */
export function requireTransition(state: HoldState, event: HoldEvent): HoldState {
  const next = nextState(state, event)
  if (next !== null) return next
  throw new OversightError('HOLD_OVER', `the hold is ${state}: that can no longer be done to it`)
}

/** The state of a hold that the recorder calls open, at `now` (milliseconds since the epoch). */
export function openState(
  hold: DecidedHold & { readonly expiresAt: number; readonly approvals: readonly Json[] },
  context: {
    readonly origin: string
    readonly reviewers: readonly EnrolledReviewer[]
    readonly agreement: QuorumContext
  },
  now: number,
): 'waiting' | 'approved' | 'expired' {
  if (now >= hold.expiresAt) return 'expired'
  const approved = approvedLevels(hold, context)
  return hold.asks.length > 0 && hold.asks.every((level) => approved.has(level)) ? 'approved' : 'waiting'
}
