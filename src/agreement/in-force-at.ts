/** When a signed version may come into force: what loosens is made known first, and waits. */
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { coolingOffDays } from './read-terms.ts'
import type { VerifiedAgreement } from './signatures.ts'

const dayMs = 86_400_000

/** Times in milliseconds since the epoch. */
export interface Moment {
  /** When it comes into force. */
  readonly at: number
  /** When this very amendment was made known in the log; absent where it never was. */
  readonly announcedAt?: number | undefined
  /** Something was judged in this log under an earlier version: where nothing was, nobody relied on one. */
  readonly judgedBefore: boolean
}

/**
 * Throws `ENVELOPE_EFFECTIVE` before the time that was signed; and for what loosens, where something was judged
 * before, `ENVELOPE_ANNOUNCEMENT` unless it was made known, and `ENVELOPE_COOLING_OFF` unless the time that was signed
 * lies the cooling-off period of the version before after that.
 */
export function requireInForceAt(
  { effective, loosens }: Pick<VerifiedAgreement, 'effective' | 'loosens'>,
  previous: Agreement | undefined,
  { at, announcedAt, judgedBefore }: Moment,
): void {
  if (effective > at) {
    throw new AgreementError('ENVELOPE_EFFECTIVE', `it takes effect only at ${instant(effective)}`)
  }
  if (!loosens || !judgedBefore || previous === undefined) return
  if (announcedAt === undefined) {
    const message = 'it loosens what was agreed, and was not made known before'
    throw new AgreementError('ENVELOPE_ANNOUNCEMENT', message)
  }
  requireCooledOff(effective, previous, announcedAt)
}

/** Throws `ENVELOPE_COOLING_OFF` where the time that was signed lies too early after `announcedAt`. */
export function requireCooledOff(effective: number, previous: Agreement, announcedAt: number): void {
  const earliest = cooledOffAt(previous, announcedAt)
  if (effective >= earliest) return
  const days = coolingOffDays(previous.schedule)
  const message = `it loosens what was agreed, so it may take effect ${days} days after ${instant(announcedAt)}, when it was made known, and is signed for ${instant(effective)}: sign it for ${instant(earliest)} or later`
  throw new AgreementError('ENVELOPE_COOLING_OFF', message)
}

/** The earliest time that an amendment of `previous` may take effect which loosens and is made known at `announcedAt`. */
export function cooledOffAt(previous: Agreement, announcedAt: number): number {
  return announcedAt + coolingOffDays(previous.schedule) * dayMs
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
