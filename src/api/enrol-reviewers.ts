/** Enrolment: the reviewers file becomes an entry, so that the ledger shows who could decide at which time. */
import type { Agreement } from '../agreement/index.ts'
import { canonicalJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import {
  askedText,
  enrolled,
  fitsAnyPart,
  unsatisfiableLevels,
  unsatisfiableText,
} from '../oversight/index.ts'
import type { RegisteredReviewer } from '../oversight/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { pseudonym } from '../records/index.ts'
import type { WrappingKey } from '../records/index.ts'
import type { Standing } from '../standing/index.ts'

/** Writes the list where it differs from the one that is enrolled; says whether it did. */
export async function enrolReviewers(
  registered: readonly RegisteredReviewer[],
  {
    recorder,
    recordKey,
  }: { readonly recorder: Pick<Recorder, 'standing' | 'note'>; readonly recordKey: WrappingKey },
): Promise<boolean> {
  const { reviewers: before } = await recorder.standing()
  const reviewers = enrolled(registered, (kind, id) => pseudonym(recordKey, kind, id))
  if (sameReviewers(before, reviewers)) return false
  await recorder.note({ kind: 'reviewers', reviewers })
  return true
}

function sameReviewers(a: readonly EnrolledReviewer[], b: readonly EnrolledReviewer[]): boolean {
  const textOf = (list: readonly EnrolledReviewer[]): string => canonicalJson(list as unknown as Json)
  return textOf(a) === textOf(b)
}

/** What of the list can never count, or will never be enough, in sentences for the operator. */
export function enrolmentGaps(
  registered: readonly RegisteredReviewer[],
  { agreements, callers }: Pick<Standing, 'agreements'> & { readonly callers: ReadonlySet<string> },
): string[] {
  // A misspelt caller is one about whose calls the reviewer counts, although they are the reviewer's own.
  const strangers = registered.flatMap((one) => {
    const missing = one.callers.filter((caller) => !callers.has(caller))
    return missing.map((caller) => `reviewer \`${one.id}\`: no caller \`${caller}\` is registered`)
  })
  const unknown = registered.flatMap((one) => {
    const inForce = agreements.get(one.agreement)
    if (inForce) return gapsUnder(inForce.agreement, one)
    return [`reviewer \`${one.id}\`: no agreement \`${one.agreement}\` is in force`]
  })
  const lacking = [...agreements.values()].flatMap(({ agreement }) =>
    unsatisfiableLevels(agreement, registered).map(unsatisfiableText),
  )
  return [...strangers, ...unknown, ...lacking]
}

/** Words of the line that the agreement does not know, and levels whose quorum the reviewer never counts in. */
function gapsUnder(agreement: Agreement, reviewer: RegisteredReviewer): string[] {
  const { schedule } = agreement
  const { id, levels, roles, unit } = reviewer
  const kinds = [
    { kind: 'level', named: levels, listed: schedule.levels },
    { kind: 'role', named: roles, listed: schedule.roles },
    { kind: 'unit', named: unit === undefined ? [] : [unit], listed: schedule.units },
  ]
  const unknown = kinds.flatMap(({ kind, named, listed }) =>
    named
      .filter((word) => !listed.some((one) => one.id === word))
      .map((word) => `reviewer \`${id}\`: \`${schedule.id}\` has no ${kind} \`${word}\``),
  )
  const useless = schedule.levels
    .filter((level) => levels.includes(level.id) && !fitsAnyPart(reviewer, level, agreement))
    .map(
      (level) =>
        `reviewer \`${id}\`: counts for no part of level \`${level.id}\`, which asks ${askedText(level)}`,
    )
  return [...unknown, ...useless]
}
