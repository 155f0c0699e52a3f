/** Levels of oversight that nobody could ever meet: what they hold would wait for ever. */
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import type { Level, Schedule } from '../schedule.ts'

export function lintQuorum({ agreement, schedulePlaces }: AgreementSource, report: Report): void {
  const { schedule, ancestors } = agreement
  const closed = new Set(schedule.exclusions.flatMap(({ unit }) => unit ?? []))
  for (const level of schedule.levels) {
    const at = schedulePlaces.lines.get(`levels/${level.id}`) ?? 0
    for (const { role, asked, holders } of overAsked(level, schedule)) {
      const message = `\`${level.id}\` asks for ${asked} of \`${role}\`, a role that ${holders} ${holders === 1 ? 'holds' : 'hold'}`
      const help = 'ask for fewer, or let more persons hold the role; nobody counts twice'
      report({ code: 'LINT_QUORUM', at, clause: level.clause, message, help })
    }
    for (const unit of unitsOf(level)) {
      const [by] = (ancestors.get(unit) ?? [unit]).filter((each) => closed.has(each))
      if (by === undefined) continue
      const message = `\`${level.id}\` asks for persons of \`${unit}\`, which is excluded`
      const help = 'ask for persons of another unit; whoever may not use the models releases no call'
      report({ code: 'LINT_QUORUM', at, clause: level.clause, message, help })
    }
  }
}

function unitsOf({ quorum = [] }: Level): Set<string> {
  return new Set(quorum.flatMap(({ unit }) => unit ?? []))
}

interface OverAsked {
  readonly role: string
  readonly asked: number
  readonly holders: number
}

/** No person stands in two parts of a quorum, so that what its parts ask of one role adds up. */
function overAsked({ quorum = [] }: Level, { roles }: Schedule): OverAsked[] {
  return roles.flatMap(({ id: role, holders = Infinity }) => {
    const asked = quorum.reduce((sum, part) => sum + (part.role === role ? part.count : 0), 0)
    return asked > holders ? [{ role, asked, holders }] : []
  })
}
