/** What the lines of a schedule must be to each other and to the body: references, trees, clauses, keys. */
import type { Clause } from './agreement.ts'
import type { DiagnosticCode } from './diagnostic.ts'
import { limits } from './limits.ts'
import { suggestWord } from './nearest-word.ts'
import type { SchedulePlaces } from './read-schedule.ts'
import type { Report } from './report.ts'
import type { Listed, Schedule, Unit } from './schedule.ts'

type ListKey = {
  [Key in keyof Schedule]-?: Schedule[Key] extends readonly Listed[] ? Key : never
}[keyof Schedule]

const lists: readonly ListKey[] = [
  'parties', 'units', 'purposes', 'providers', 'models', 'routes', 'surfaces', 'consumers', 'actions', 'tools',
  'signals', 'provenances', 'levels', 'exclusions', 'norms',
] // prettier-ignore

/** Without a line in each of these no call can be permitted. */
const needed: readonly ListKey[] = [
  'units',
  'purposes',
  'providers',
  'models',
  'routes',
  'surfaces',
  'consumers',
]

interface Check {
  readonly schedule: Schedule
  readonly places: SchedulePlaces
  readonly report: Report
}

export function checkSchedule(
  schedule: Schedule,
  places: SchedulePlaces,
  clauses: ReadonlyMap<string, Clause>,
  report: Report,
): void {
  const check: Check = { schedule, places, report }
  checkClauses(check, clauses)
  checkReferences(check)
  checkUnitTree(check)
  checkParties(check)
  for (const list of needed) {
    if (schedule[list].length > 0 || !places.lists.has(list)) continue
    const message = `\`${list}\` lists nothing, so every call is refused`
    report({ code: 'AGREEMENT_EMPTY_LIST', severity: 'warning', at: places.lines.get(list) ?? 0, message })
  }
  if (schedule.exclusions.length > limits.exclusions) {
    const at = places.lines.get('exclusions') ?? 0
    report({ code: 'AGREEMENT_LIMIT', at, message: `more than ${limits.exclusions} exclusions` })
  }
}

function checkClauses({ schedule, places, report }: Check, clauses: ReadonlyMap<string, Clause>): void {
  const numbers = [...clauses.keys()]
  function require(clause: string, place: string): void {
    if (clause === '' || clauses.has(clause)) return
    const at = places.lines.get(place)
    if (at === undefined) return
    const help = suggestWord(clause, numbers) ?? 'name the number of a heading in the body'
    report({
      code: 'AGREEMENT_CLAUSE_UNKNOWN',
      at,
      clause,
      message: `there is no clause \`${clause}\``,
      help,
    })
  }
  require(schedule.term.clause, 'term')
  if (schedule.amounts !== undefined) require(schedule.amounts.clause, 'amounts')
  for (const list of lists) for (const line of schedule[list]) require(line.clause, `${list}/${line.id}`)
}

function checkReferences(check: Check): void {
  const { schedule } = check
  for (const unit of schedule.units) refer(check, 'units', unit, 'in', unit.in, 'units')
  for (const model of schedule.models) refer(check, 'models', model, 'provider', model.provider, 'providers')
  for (const route of schedule.routes) refer(check, 'routes', route, 'model', route.model, 'models')
  for (const tool of schedule.tools) refer(check, 'tools', tool, 'action', tool.action, 'actions')
  for (const each of schedule.exclusions) {
    refer(check, 'exclusions', each, 'unit', each.unit, 'units')
    refer(check, 'exclusions', each, 'provider', each.provider, 'providers')
  }
}

/** `''` stands for a reference that has been reported as missing or unreadable. */
function refer(
  check: Check,
  list: ListKey,
  line: Listed,
  key: string,
  id: string | undefined,
  into: ListKey,
): void {
  if (id === undefined || id === '' || !check.places.lists.has(into)) return
  if (check.places.lines.has(`${into}/${id}`)) return
  const ids = check.schedule[into].map((each) => each.id)
  if (ids.includes(id)) return
  const message = `\`${key}: ${id}\` names nothing in \`${into}\``
  reportLine(check, 'AGREEMENT_REFERENCE', list, line, message, suggestWord(id, ids))
}

function reportLine(
  { places, report }: Check,
  code: DiagnosticCode,
  list: ListKey,
  line: Listed,
  message: string,
  help?: string,
): void {
  report({ code, at: places.lines.get(`${list}/${line.id}`) ?? 0, clause: line.clause, message, help })
}

function checkUnitTree(check: Check): void {
  const parents = new Map(check.schedule.units.map((unit) => [unit.id, unit.in]))
  for (const unit of check.schedule.units) {
    const problem = pathProblem(unit, parents)
    if (problem === 'cycle') {
      reportLine(
        check,
        'AGREEMENT_CYCLE',
        'units',
        unit,
        `unit \`${unit.id}\` belongs to itself`,
        'let the tree of units have a root',
      )
    } else if (problem === 'deep') {
      reportLine(
        check,
        'AGREEMENT_LIMIT',
        'units',
        unit,
        `unit \`${unit.id}\` lies deeper than ${limits.unitDepth} levels`,
      )
    }
  }
}

function pathProblem(unit: Unit, parents: ReadonlyMap<string, string | undefined>): 'cycle' | 'deep' | null {
  const seen = new Set<string>()
  for (let at: string | undefined = unit.id; at !== undefined; at = parents.get(at)) {
    if (seen.has(at)) return at === unit.id ? 'cycle' : null
    if (seen.size >= limits.unitDepth) return 'deep'
    seen.add(at)
  }
  return null
}

function checkParties(check: Check): void {
  const { schedule, places, report } = check
  const holders = new Map<string, string>()
  for (const party of schedule.parties) {
    for (const key of party.keys) {
      const holder = holders.get(key)
      if (holder !== undefined) {
        const message = `a key of \`${party.id}\` is a key of \`${holder}\` too`
        reportLine(
          check,
          'AGREEMENT_KEY',
          'parties',
          party,
          message,
          'each key belongs to one party and stands once',
        )
      }
      holders.set(key, party.id)
    }
  }
  if (!places.lists.has('parties')) return
  for (const role of ['agency', 'provider'] as const) {
    if (schedule.parties.some((party) => party.role === role)) continue
    const at = places.lines.get('parties') ?? 0
    report({
      code: 'AGREEMENT_PARTIES',
      at,
      message: `no party has the role \`${role}\``,
      help: 'an agreement binds both',
    })
  }
}
