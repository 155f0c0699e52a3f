/** How versions have acted and would act under disputes: for whoever judges again what has happened. */
import { isSettled, underDispute } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import type { RecordedDispute } from '../recorder/index.ts'
import { openDisputes } from './disputes.ts'
import type { SignedVersion } from './disputes.ts'
import type { AgreementInForce } from './standing.ts'

/** Every version there ever was, as it was signed, by its activation entry. */
type Versions = ReadonlyMap<number, SignedVersion>

/**
 * Every form in which a version may have acted: as it was signed, and under each dispute more, in the order of the log.
 * Empty where the entry is no activation.
 */
export function formsOf(
  entry: number,
  versions: Versions,
  disputes: readonly RecordedDispute[],
): readonly Agreement[] {
  const signed = versions.get(entry)?.agreement
  if (!signed) return []
  const until = new Map([...versions].filter(([activated]) => activated <= entry))
  const known = disputes.filter(({ agreement }) => until.has(agreement))
  const open = (openDisputes(known, until).get(signed.schedule.id) ?? []).map(({ dispute }) => dispute)
  return [signed, ...open.map((_, last) => underDispute(signed, open.slice(0, last + 1)))]
}

/** As a version would act if it came into force now: the disputes that it does not settle stand on. */
export function comingInto(
  { disputes }: Pick<AgreementInForce, 'disputes'>,
  coming: Agreement,
  versions: Versions,
): Agreement {
  const left = disputes.filter(({ dispute: { text, clause } }) => {
    const about = [...versions.values()].find(({ agreement }) => agreement.hash === text)
    return about === undefined || !isSettled(about.agreement, clause, coming)
  })
  return underDispute(
    coming,
    left.map(({ dispute }) => dispute),
  )
}
