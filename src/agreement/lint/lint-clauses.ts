/** Clauses that promise in prose and do nothing, without saying so. */
import type { AgreementSource } from '../read-agreement.ts'
import type { ProseRun } from '../read-clauses.ts'
import type { Report } from '../report.ts'
import type { Schedule } from '../schedule.ts'
import { clauseAndAbove } from './clause-numbers.ts'

/** A paragraph that begins so marks a clause that is kept by people. */
const mark = 'This clause has no rule'

export function lintClauses({ agreement, prose }: AgreementSource, report: Report): void {
  const { clauses, rules, schedule } = agreement
  const settled = new Set([
    ...rules.flatMap((rule) => clauseAndAbove(rule.clause)),
    ...clausesNamed(schedule),
    ...prose.flatMap((run) => (run.clause !== undefined && isMarked(run) ? [run.clause] : [])),
  ])
  // Of several headings of one clause the first is kept: the one that opens it.
  const headings = new Map(prose.flatMap(headingOf).reverse())
  for (const { id, text } of clauses.values()) {
    const at = headings.get(id)
    if (at === undefined || text === '' || settled.has(id)) continue
    report({
      code: 'LINT_CLAUSE_WITHOUT_RULE',
      severity: 'warning',
      at,
      clause: id,
      message: 'this clause has prose and no rule, and does not say so',
      help: `write its rule, or a paragraph that begins with \`${mark}\` and says who keeps the clause instead`,
    })
  }
}

/** Clauses under which some line of the schedule stands. */
function clausesNamed(schedule: Schedule): string[] {
  const lines: unknown[] = Object.values(schedule).flat()
  return lines.flatMap((line) => {
    if (typeof line !== 'object' || line === null || !('clause' in line)) return []
    return typeof line.clause === 'string' ? [line.clause] : []
  })
}

function isMarked({ isHeading, lines }: ProseRun): boolean {
  if (isHeading) return false
  return lines.some(({ text }, i) => text.startsWith(mark) && (lines[i - 1]?.text ?? '').trim() === '')
}

function headingOf({ clause, isHeading, lines }: ProseRun): [string, number][] {
  const [line] = lines
  return clause !== undefined && isHeading && line !== undefined ? [[clause, line.at]] : []
}
