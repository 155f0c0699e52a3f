/** Levels that can never be approved, because fewer persons are enrolled than they ask. */
import type { Schedule } from '../agreement/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'

/** One sentence for each such level. Reviewers may be registered or enrolled; persons are counted, not keys. */
export function lackingLevels(
  { id: agreement, levels }: Pick<Schedule, 'id' | 'levels'>,
  reviewers: readonly Pick<EnrolledReviewer, 'agreement' | 'levels' | 'person'>[],
): string[] {
  return levels.flatMap(({ id, persons }) => {
    const able = reviewers.filter((one) => one.agreement === agreement && one.levels.includes(id))
    const count = new Set(able.map(({ person }) => person)).size
    if (count >= persons) return []
    return [
      `level \`${id}\` of \`${agreement}\` asks ${persons} and ${count} are enrolled: what it holds cannot be approved`,
    ]
  })
}
