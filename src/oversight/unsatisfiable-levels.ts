/** Levels that can never be approved: what they hold waits in vain, and is denied by its time. */
import type { Agreement } from '../agreement/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { askedText, lackOf } from './quorum-seats.ts'

export interface UnsatisfiableLevel {
  /** Id of the agreement. */
  readonly agreement: string
  readonly level: string
  /** Ids of the rules that ask it. */
  readonly rules: readonly string[]
  /** What it asks, and who is missing though all who may would approve; both in words. */
  readonly asks: string
  readonly missing: string
}

/**
 * The levels that some rule asks and that all these reviewers together could not satisfy, even if none of them made
 * the call. Where a rule asks several levels, one person may count in each of them, so that each stands for itself.
 * Reviewers may be registered or enrolled.
 */
export function unsatisfiableLevels(
  { schedule, rules, ancestors }: Pick<Agreement, 'schedule' | 'rules' | 'ancestors'>,
  reviewers: readonly Pick<EnrolledReviewer, 'agreement' | 'levels' | 'person' | 'roles' | 'unit'>[],
): UnsatisfiableLevel[] {
  return schedule.levels.flatMap((level) => {
    const asking = rules.filter(({ liftedBy }) => liftedBy.includes(level.id))
    if (asking.length === 0) return []
    const able = reviewers.filter((one) => one.agreement === schedule.id && one.levels.includes(level.id))
    const lack = lackOf(level, able, { ancestors })
    if (lack === null) return []
    return [
      {
        agreement: schedule.id,
        level: level.id,
        rules: asking.map(({ id }) => id),
        asks: askedText(level),
        missing: lack.words,
      },
    ]
  })
}

/** One sentence, for operators. */
export function unsatisfiableText({ agreement, level, asks, missing }: UnsatisfiableLevel): string {
  return `level \`${level}\` of \`${agreement}\` asks ${asks}, and the reviewers lack ${missing}: what it holds cannot be approved`
}
