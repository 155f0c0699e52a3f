/** Enrolment: the reviewers file becomes an entry, so that the ledger shows who could decide at which time. */
import { canonicalJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { enrolled, lackingLevels } from '../oversight/index.ts'
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
  const unknown = registered.flatMap(({ id, agreement, levels }) => {
    const schedule = agreements.get(agreement)?.agreement.schedule
    if (!schedule) return [`reviewer \`${id}\`: no agreement \`${agreement}\` is in force`]
    const strange = levels.filter((level) => !schedule.levels.some((listed) => listed.id === level))
    return strange.map((level) => `reviewer \`${id}\`: \`${agreement}\` has no level \`${level}\``)
  })
  const lacking = [...agreements.values()].flatMap(({ agreement }) =>
    lackingLevels(agreement.schedule, registered),
  )
  return [...strangers, ...unknown, ...lacking]
}
