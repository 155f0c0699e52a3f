/**
 * How much of what is allotted is committed, and whether the parties are to be told. The idea is that of FAR
 * 52.232-22: notice comes while there is still time to allot more.
 */
import { formatMicros } from '../agreement/index.ts'
import type { Schedule } from '../agreement/index.ts'
import type { Recorder } from '../recorder/index.ts'
import type { AgreementInForce } from './standing.ts'

export interface CommittedShare {
  /** Id of the agreement. */
  readonly agreement: string
  readonly currency: string
  /** Settled and reserved. */
  readonly committedMicros: number
  readonly allottedMicros: number
  /** Of what is allotted, from which on the parties are told; null where the agreement names none. */
  readonly warningPercent: number | null
  /** That share is reached. */
  readonly isWarning: boolean
}

/** Null where the agreement names no money. */
export function committedShare(
  { id, amounts }: Pick<Schedule, 'id' | 'amounts'>,
  committedMicros: number,
): CommittedShare | null {
  if (!amounts) return null
  const { currency, allottedMicros, warningPercent = null } = amounts
  // The product may be too large to be exact as a number.
  const reached = (percent: number): boolean =>
    BigInt(committedMicros) * 100n >= BigInt(allottedMicros) * BigInt(percent)
  const isWarning = warningPercent !== null && reached(warningPercent)
  return { agreement: id, currency, committedMicros, allottedMicros, warningPercent, isWarning }
}

/** Of each agreement that names money, at this moment. Rejects with what the recorder rejects with. */
export async function committedShares(
  agreements: Iterable<Pick<AgreementInForce, 'agreement'>>,
  recorder: Pick<Recorder, 'reserve' | 'release'>,
): Promise<CommittedShare[]> {
  const withMoney = [...agreements].filter(({ agreement }) => agreement.schedule.amounts)
  const shares = withMoney.map(async ({ agreement: { schedule } }) => {
    // To reserve nothing costs no write, and answers what all reservations add up to.
    const { id, committedMicros } = await recorder.reserve(schedule.id, 0)
    recorder.release(id)
    return committedShare(schedule, committedMicros) ?? []
  })
  return (await Promise.all(shares)).flat()
}

/** In whole hundredths, rounded down; of nothing everything is committed. */
export function percentOf({
  committedMicros,
  allottedMicros,
}: Pick<CommittedShare, 'committedMicros' | 'allottedMicros'>): number {
  return allottedMicros === 0 ? 100 : Number((BigInt(committedMicros) * 100n) / BigInt(allottedMicros))
}

/** One sentence, for operators. */
export function shareText(share: CommittedShare): string {
  const { agreement, currency, committedMicros, allottedMicros } = share
  return `${percentOf(share)} % of what is allotted under \`${agreement}\` is spent or reserved: ${formatMicros(committedMicros)} of ${formatMicros(allottedMicros)} ${currency}`
}
