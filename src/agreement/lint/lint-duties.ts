/** What an agreement must say about trouble and its end, for its remedies to be more than a threat. */
import type { DutyKind, Schedule } from '../schedule.ts'
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'

const needed: Readonly<Partial<Record<DutyKind, string>>> = {
  suspension: 'say who may suspend at once, and what resuming takes: `suspension: { clause: … }`',
  notice: 'say within how many days a breach is told: `notice: { days: …, clause: … }`',
  cure: 'say how long the other party has to mend it: `cure: { days: …, clause: … }`',
  'wind-down': 'say how long what must go on may go on: `wind-down: { days: …, clause: … }`',
  evidence: 'say what is evidence, and who bears the doubt where it is missing: `evidence: { clause: … }`',
}

/** Of those that an agreement needs. A cooling-off period has a default. */
export function missingDuties({ duties }: Pick<Schedule, 'duties'>): string[] {
  return Object.keys(needed).filter((kind) => !duties.some(({ id }) => id === kind))
}

export function lintDuties({ agreement, schedulePlaces }: AgreementSource, report: Report): void {
  const at = schedulePlaces.lines.get('duties') ?? 0
  for (const kind of missingDuties(agreement.schedule)) {
    report({
      code: 'LINT_DUTY_MISSING',
      severity: 'warning',
      at,
      message: `no clause for \`${kind}\` is named under \`duties\``,
      help: needed[kind as DutyKind],
    })
  }
}
