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
  'duties', 'parties', 'units', 'delegations', 'integrators', 'purposes', 'providers', 'models', 'versions', 'routes',
  'surfaces', 'consumers', 'actions', 'tools', 'signals', 'provenances', 'roles', 'levels', 'exclusions', 'norms',
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
  checkVersions(check)
  checkUnitTree(check)
  checkParties(check)
  checkCounts(check)
  for (const list of needed) {
    if (schedule[list].length > 0 || !places.lists.has(list)) continue
    const message = `\`${list}\` lists nothing, so every call is refused`
    report({ code: 'AGREEMENT_EMPTY_LIST', severity: 'warning', at: places.lines.get(list) ?? 0, message })
  }
}

/** Each of these lines makes a rule, or is asked about with every hold. */
function checkCounts({ schedule, places, report }: Check): void {
  for (const list of ['exclusions', 'delegations', 'integrators', 'levels'] as const) {
    if (schedule[list].length <= limits[list]) continue
    const at = places.lines.get(list) ?? 0
    report({ code: 'AGREEMENT_LIMIT', at, message: `more than ${limits[list]} ${list}` })
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
  for (const key of ['term', 'amounts', 'retention', 'protected'] as const) {
    require(schedule[key]?.clause ?? '', key)
  }
  for (const list of lists) for (const line of schedule[list]) require(line.clause, `${list}/${line.id}`)
}

function checkReferences(check: Check): void {
  const { schedule } = check
  for (const unit of schedule.units) refer(check, 'units', unit, 'in', unit.in, 'units')
  for (const model of schedule.models) refer(check, 'models', model, 'provider', model.provider, 'providers')
  for (const route of schedule.routes) refer(check, 'routes', route, 'model', route.model, 'models')
  for (const { id, clause, from, to } of schedule.delegations) {
    refer(check, 'delegations', { id, clause }, 'from', from, 'units')
    refer(check, 'delegations', { id, clause }, 'to', to, 'units')
  }
  for (const integrator of schedule.integrators) {
    refer(check, 'integrators', integrator, 'unit', integrator.unit, 'units')
    for (const unit of integrator.for) refer(check, 'integrators', integrator, 'for', unit, 'units')
  }
  for (const version of schedule.versions) refer(check, 'versions', version, 'model', version.model, 'models')
  for (const level of schedule.levels) {
    for (const { role, unit } of level.quorum ?? []) {
      refer(check, 'levels', level, 'quorum', role, 'roles')
      refer(check, 'levels', level, 'quorum', unit, 'units')
    }
  }
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

/** A model with versions is reached by a route that says which. */
function checkVersions(check: Check): void {
  const { routes, versions } = check.schedule
  for (const route of routes) {
    const ids = versions.filter((version) => version.model === route.model).map((version) => version.id)
    if (route.version === undefined) {
      if (ids.length === 0) continue
      const message = `route \`${route.id}\` names no version of \`${route.model}\``
      reportLine(check, 'AGREEMENT_REFERENCE', 'routes', route, message, 'write `version: …`')
    } else if (!ids.includes(route.version)) {
      const message = `\`version: ${route.version}\` is no version of \`${route.model}\``
      reportLine(check, 'AGREEMENT_REFERENCE', 'routes', route, message, suggestWord(route.version, ids))
    }
  }
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
  checkKeys(check)
  if (!places.lists.has('parties')) return
  const at = places.lines.get('parties') ?? 0
  for (const role of ['agency', 'provider'] as const) {
    if (schedule.parties.some((party) => party.role === role)) continue
    const message = `no party has the role \`${role}\``
    report({ code: 'AGREEMENT_PARTIES', at, message, help: 'an agreement binds both' })
  }
  checkControl(check)
}

/** Each key stands once: whoever holds it signs for one signer of one party. */
function checkKeys(check: Check): void {
  const holders = new Map<string, string>()
  for (const party of check.schedule.parties) {
    for (const signer of party.signers) {
      for (const key of signer.keys) {
        const holder = holders.get(key)
        const here = `${party.id}/${signer.id}`
        if (holder !== undefined) {
          const message = `a key of \`${here}\` is a key of \`${holder}\` too`
          const help = 'each key belongs to one signer of one party and stands once'
          reportLine(check, 'AGREEMENT_KEY', 'parties', party, message, help)
        }
        holders.set(key, here)
      }
    }
  }
}

/** Parties under one control count once: an agency that controls its provider would agree with itself. */
function checkControl(check: Check): void {
  const first = new Map<string, string>()
  for (const party of check.schedule.parties) {
    const other = first.get(party.control)
    first.set(party.control, other ?? party.id)
    if (other === undefined) continue
    const message = `\`${party.id}\` is under the same control as \`${other}\``
    const help = 'parties under one control are one party: list them as one, with a signer of each'
    reportLine(check, 'AGREEMENT_PARTIES', 'parties', party, message, help)
  }
}
