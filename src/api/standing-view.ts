/** What is in force, as the control socket tells it: nothing in it is secret. */
import { readCheckpoint } from '../ledger/index.ts'
import type { AgreementInForce, PendingAmendment, Standing } from '../standing/index.ts'

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
}

export function standingView(standing: Standing, note: string | null): StandingView {
  return {
    origin: standing.origin,
    agreements: [...standing.agreements.values()].map(agreementView),
    announced: standing.pending.map(announcedView),
    reviewers: standing.reviewers.length,
    checkpoint: note === null ? null : { size: readCheckpoint(note).size, note },
  }
}

function agreementView({ entry, agreement, demo, stops, disputes }: AgreementInForce): AgreementView {
  const { id, version, title, parties } = agreement.schedule
  return {
    id,
    version,
    title,
    hash: agreement.hash,
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

function announcedView({ id, version, hash, seq, time, actsFrom }: PendingAmendment): AnnouncedView {
  const announced = new Date(time).toISOString()
  const from = actsFrom === null ? null : new Date(actsFrom).toISOString()
  return { agreement: id, version, hash, entry: seq, announced, actsFrom: from }
}
