/** Units that the schedule lists and no grant reaches. */
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import type { Test } from '../rule.ts'
import type { CallSearch } from './search.ts'

/**
 * A unit is reached where some grant can apply to it or to a unit that belongs to it, or names it as one on whose
 * behalf a call is made. What is excluded is out of reach on purpose.
 */
export function lintUnits(source: AgreementSource, search: CallSearch, report: Report): void {
  const { agreement, rulePlaces, schedulePlaces } = source
  const { schedule, ancestors, rules } = agreement
  const permits = rules.filter(({ effect }) => effect === 'permit')
  const closed = new Set(schedule.exclusions.flatMap(({ unit }) => unit ?? []))
  const above = (unit: string): readonly string[] => ancestors.get(unit) ?? [unit]
  const reached = new Set(permits.flatMap(({ test }) => servedUnits(test)))
  const generated = rules.filter(({ id }) => !rulePlaces.has(id)).map(({ test }) => test)
  const wanted = new Set(
    schedule.units.map(({ id }) => id).filter((unit) => !above(unit).some((each) => closed.has(each))),
  )
  for (const unit of search.reached('unit', wanted, permits, generated)) {
    for (const each of above(unit)) reached.add(each)
  }
  if (search.isUnfinished()) return
  for (const { id, clause } of schedule.units) {
    if (!wanted.has(id) || reached.has(id)) continue
    report({
      code: 'LINT_UNIT_UNREACHABLE',
      severity: 'warning',
      at: schedulePlaces.lines.get(`units/${id}`) ?? 0,
      clause,
      message: `no grant reaches the unit \`${id}\``,
      help: 'write the grant, or take the unit out of the schedule; to close it for certain, exclude it',
    })
  }
}

/** Units that a grant names as those on whose behalf a call is made. */
function servedUnits(test: Test): string[] {
  if (test.op === 'set-has') return test.attribute === 'chain' ? [test.word] : []
  if (test.op !== 'all' && test.op !== 'any') return []
  return test.tests.flatMap(servedUnits)
}
