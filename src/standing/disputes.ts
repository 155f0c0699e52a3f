/** Clauses in dispute: which disputes stand over what is in force, and how it acts under them. */
import { isSettled, underDispute, verifyDispute } from '../agreement/index.ts'
import type { Agreement, Dispute, VerifiedDispute } from '../agreement/index.ts'
import type { RecordedDispute } from '../recorder/index.ts'
import { EntryVerifier } from './verified-entries.ts'

export interface OpenDispute {
  /** Its entry. */
  readonly entry: number
  readonly dispute: Dispute
  /** Parties of which a key signed. */
  readonly parties: readonly string[]
}

/** A version that was activated, as it was signed. */
export interface SignedVersion {
  readonly entry: number
  readonly agreement: Agreement
}

/**
 * The disputes that no later version has settled, by agreement, in the order of the log. `versions` are all there ever
 * were, by their activation entry, in the order of the log. Throws `AgreementError` on a dispute that no party could
 * open, and `RangeError` on one about no activation.
 */
export function openDisputes(
  disputes: readonly RecordedDispute[],
  versions: ReadonlyMap<number, SignedVersion>,
  verifier: EntryVerifier<VerifiedDispute> = new EntryVerifier(verifyDispute),
): ReadonlyMap<string, readonly OpenDispute[]> {
  const open = new Map<string, OpenDispute[]>()
  for (const recorded of disputes) {
    const { seq } = recorded
    const about = versions.get(recorded.agreement)
    if (about === undefined) throw new RangeError(`entry ${seq}: the dispute names no activation`)
    const { dispute, parties } = verifier.read(recorded, about.agreement)
    if (isSettledSince(about, dispute, versions)) continue
    open.set(dispute.agreement, [...(open.get(dispute.agreement) ?? []), { entry: seq, dispute, parties }])
  }
  return open
}

/** Settled once is settled: a later version that takes the old words back was signed by every party too. */
function isSettledSince(
  about: SignedVersion,
  { agreement: id, clause }: Dispute,
  versions: ReadonlyMap<number, SignedVersion>,
): boolean {
  for (const { entry, agreement } of versions.values()) {
    if (entry <= about.entry || agreement.schedule.id !== id) continue
    if (isSettled(about.agreement, clause, agreement)) return true
  }
  return false
}

/** How a version acts while these disputes stand; the same object as long as they do. Throws `DISPUTE_FALSE`. */
export function actingUnder(
  signed: Agreement,
  disputes: readonly OpenDispute[],
  before?: {
    readonly signed: Agreement
    readonly agreement: Agreement
    readonly disputes: readonly OpenDispute[]
  },
): Agreement {
  const isSame =
    before?.signed === signed && disputes.map(idOf).join(' ') === before.disputes.map(idOf).join(' ')
  if (isSame) return before.agreement
  return underDispute(
    signed,
    disputes.map(({ dispute }) => dispute),
  )
}

function idOf({ dispute }: OpenDispute): string {
  return dispute.id
}
