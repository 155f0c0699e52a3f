/** What is in force, as the control socket tells it: nothing in it is secret. */
import { formatMicros } from '../agreement/index.ts'
import { readCheckpoint } from '../ledger/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { unsatisfiableLevels } from '../oversight/index.ts'
import type { UnsatisfiableLevel } from '../oversight/index.ts'
import { percentOf } from '../standing/index.ts'
import type { AgreementInForce, CommittedShare, PendingAmendment, Standing } from '../standing/index.ts'

export interface StandingView {
  readonly origin: string
  readonly agreements: readonly AgreementView[]
  /** Amendments that were made known to what is in force. */
  readonly announced: readonly AnnouncedView[]
  /** How many keys are enrolled to decide about holds. */
  readonly reviewers: number
  /** The newest published checkpoint; null before the first. */
  readonly checkpoint: { readonly size: number; readonly note: string } | null
}

export interface AnnouncedView {
  readonly agreement: string
  readonly version: number
  readonly hash: string
  /** The entry that made it known, and when that was. */
  readonly entry: number
  readonly announced: string
  /** From when it can come into force; null where it is signed for a time before its cooling-off period ends. */
  readonly actsFrom: string | null
}

export interface AgreementView {
  readonly id: string
  readonly version: number
  readonly title: string
  /** Digest of its text: what an order names. */
  readonly hash: string
  /** The first moment after its term: from then on every call under it is refused. */
  readonly until: string
  /** Its activation entry. */
  readonly entry: number
  /** Demonstration keys signed it. */
  readonly demo: boolean
  /** Ids of the stop orders that stand. */
  readonly stops: readonly string[]
  /** Disputes about its clauses that no version has settled. */
  readonly disputes: readonly { readonly id: string; readonly clause: string; readonly entry: number }[]
  /** How many keys of each party a resume needs. */
  readonly parties: readonly { readonly id: string; readonly threshold: number }[]
  /** Levels that its rules ask and the enrolled reviewers can never satisfy; none at a provider's gate. */
  readonly unsatisfiable: readonly UnsatisfiableView[]
  /** What of its money is spent or reserved; null where it names none, and at a provider's gate. */
  readonly amount: AmountView | null
}

/** In words what the level asks, and who of that is missing among the reviewers. */
export type UnsatisfiableView = Pick<UnsatisfiableLevel, 'level' | 'rules' | 'asks' | 'missing'>

export interface AmountView {
  readonly currency: string
  /** Decimal, such as `7.875`. */
  readonly committed: string
  readonly allotted: string
  /** Rounded down. */
  readonly percent: number
  /** From which on the parties are told; null where the agreement names none. */
  readonly warningPercent: number | null
  readonly warning: boolean
}

/** What is told beside the standing itself. */
export interface Beside {
  /** The newest published checkpoint; null before the first. */
  readonly note: string | null
  /** Null at a provider's gate, which has neither reviewers nor money. */
  readonly shares: readonly CommittedShare[] | null
}

export function standingView(standing: Standing, { note, shares }: Beside): StandingView {
  return {
    origin: standing.origin,
    agreements: [...standing.agreements.values()].map((inForce) => ({
      ...agreementView(inForce),
      unsatisfiable: shares === null ? [] : unsatisfiableView(inForce, standing.reviewers),
      amount: amountView(shares?.find(({ agreement }) => agreement === inForce.agreement.schedule.id)),
    })),
    announced: standing.pending.map(announcedView),
    reviewers: standing.reviewers.length,
    checkpoint: note === null ? null : { size: readCheckpoint(note).size, note },
  }
}

function agreementView({
  entry,
  agreement,
  demo,
  stops,
  disputes,
}: AgreementInForce): Omit<AgreementView, 'unsatisfiable' | 'amount'> {
  const { id, version, title, parties, term } = agreement.schedule
  return {
    id,
    version,
    title,
    hash: agreement.hash,
    until: new Date(term.until).toISOString(),
    entry,
    demo,
    stops,
    disputes: disputes.map(({ entry: at, dispute: { id: name, clause } }) => ({
      id: name,
      clause,
      entry: at,
    })),
    parties: parties.map((party) => ({ id: party.id, threshold: party.threshold })),
  }
}

function unsatisfiableView(
  { agreement }: AgreementInForce,
  reviewers: readonly EnrolledReviewer[],
): UnsatisfiableView[] {
  const found = unsatisfiableLevels(agreement, reviewers)
  return found.map(({ level, rules, asks, missing }) => ({ level, rules, asks, missing }))
}

function amountView(share: CommittedShare | undefined): AmountView | null {
  if (!share) return null
  const { currency, committedMicros, allottedMicros, warningPercent, isWarning: warning } = share
  const [committed, allotted] = [formatMicros(committedMicros), formatMicros(allottedMicros)]
  return { currency, committed, allotted, percent: percentOf(share), warningPercent, warning }
}

function announcedView({ id, version, hash, seq, time, actsFrom }: PendingAmendment): AnnouncedView {
  const announced = new Date(time).toISOString()
  const from = actsFrom === null ? null : new Date(actsFrom).toISOString()
  return { agreement: id, version, hash, entry: seq, announced, actsFrom: from }
}
