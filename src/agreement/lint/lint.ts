/** Looks at an agreement that compiles for what its readers would take for a limit and what is none. */
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import { lintClauses } from './lint-clauses.ts'
import { lintControl } from './lint-control.ts'
import { lintDuties } from './lint-duties.ts'
import { lintGrants, unboundedGrants } from './lint-grants.ts'
import { lintPhrases } from './lint-phrases.ts'
import { lintQuorum } from './lint-quorum.ts'
import { lintSchedule } from './lint-schedule.ts'
import { lintUnits } from './lint-units.ts'
import { callSearch } from './search.ts'

export function lintAgreement(source: AgreementSource, report: Report): void {
  const search = callSearch(source)
  const unbounded = unboundedGrants(source, search)
  lintPhrases(source, unbounded, report)
  lintGrants(source, unbounded, report)
  lintControl(source, search, report)
  lintDuties(source, report)
  lintSchedule(source, search, report)
  lintQuorum(source, report)
  lintClauses(source, report)
  lintUnits(source, search, report)
  if (!search.isUnfinished()) return
  report({
    code: 'LINT_UNFINISHED',
    severity: 'warning',
    at: 0,
    message: 'the agreement is too large for lint to look at every grant, act and unit',
    help: 'write fewer rules with fewer alternatives; what was not looked at is not found',
  })
}
