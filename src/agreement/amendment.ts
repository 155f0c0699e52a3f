/** What an amendment does to the version before: whether it loosens, by comparing the two. */
import { isErrorCode } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { compareAgreements } from './comparison/compare.ts'
import type { Comparison, ComparisonVerdict } from './comparison/comparison.ts'
import { rulesDigest } from './statement.ts'

export interface Amendment {
  /** `unknown` where the two differ in too many ways to compare them within the bound. */
  readonly verdict: ComparisonVerdict | 'unknown'
  /** Whether it allows more in some place, or binds less; true where that is not known. */
  readonly loosens: boolean
  /** In how many places: changed decisions and lines of the schedule. 0 where that is not known. */
  readonly looser: number
}

/** Amendments whose comparison is remembered: more than a gate has versions. */
const rememberedMax = 256

/** By the digests of both texts and of their rules, from which a comparison follows. INVARIANT: it was compared. */
const remembered = new Map<string, Amendment>()

/** Compares two versions, once for each pair in this process. Pure otherwise. */
export function amendmentOf(previous: Agreement, next: Agreement): Amendment {
  const key = keyOf(previous, next)
  const known = remembered.get(key)
  if (known) return known
  const amendment = compare(previous, next)
  remember(key, amendment)
  return amendment
}

/**
 * As `amendmentOf`, but compared anew, and `confirm` is told the comparison before anything follows from it: what it
 * throws is thrown. Where the two are too different to compare there is nothing to confirm.
 */
export function confirmedAmendmentOf(
  previous: Agreement,
  next: Agreement,
  confirm: (comparison: Comparison) => void,
): Amendment {
  const amendment = compare(previous, next, confirm)
  remember(keyOf(previous, next), amendment)
  return amendment
}

/** For what `amendmentOf` has answered about these two in another thread of this program, and for nothing else. */
export function rememberAmendment(previous: Agreement, next: Agreement, amendment: Amendment): void {
  remember(keyOf(previous, next), amendment)
}

/** An agreement of which a clause is disputed has other rules than its text says. */
function keyOf(...versions: readonly Agreement[]): string {
  return versions.map((version) => `${version.hash} ${rulesDigest(version)}`).join(' ')
}

function remember(key: string, amendment: Amendment): void {
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(key, amendment)
}

/** Throws what `confirm` throws of the comparison that the answer follows from. */
function compare(
  previous: Agreement,
  next: Agreement,
  confirm?: (comparison: Comparison) => void,
): Amendment {
  let comparison: Comparison
  try {
    comparison = compareAgreements(previous, next)
  } catch (error) {
    // What cannot be compared within the bound may loosen anything.
    if (isErrorCode(error, 'COMPARISON_LIMIT')) return { verdict: 'unknown', loosens: true, looser: 0 }
    throw error
  }
  confirm?.(comparison)
  return summaryOf(comparison)
}

function summaryOf({ verdict, regions, terms }: Comparison): Amendment {
  const looser = [...regions, ...terms].filter(({ change }) => change === 'weaker' || change === 'both')
  return { verdict, loosens: verdict === 'weaker' || verdict === 'both', looser: looser.length }
}
