/**
 * What of the schedule differs between two versions, line by line, each with a direction of its own. The regions of
 * a comparison tell which decisions change; this tells what else was agreed.
 */
import type { Agreement } from '../agreement.ts'
import { dutyKinds } from '../schedule.ts'
import type { Duty, Listed, Schedule } from '../schedule.ts'
import type { TermChange } from './comparison.ts'
import { levelRules, roleRules } from './schedule-changes-levels.ts'
import { coded, compareLines, compareMembers, neutral, quoted, sameValue } from './schedule-changes-lines.ts'
import type { Difference, ListRules, MemberRules, Versions } from './schedule-changes-lines.ts'
import { partyRules } from './schedule-changes-parties.ts'
import {
  exclusionRules,
  modelRules,
  normRules,
  routeRules,
  signalRules,
  toolRules,
  versionRules,
} from './schedule-changes-supply.ts'
import {
  amountsInWords,
  amountsRules,
  dutyDifference,
  protectionInWords,
  protectionRules,
  purposeRules,
  retentionInWords,
  retentionRules,
  termRules,
} from './schedule-changes-terms.ts'
import { delegationRules, integratorRules, plainRules, unitRules } from './schedule-changes-units.ts'

/** Every change of the schedule, in the order of the table below, then of the lines. Deterministic. */
export function scheduleChanges(before: Agreement, after: Agreement): TermChange[] {
  const members = Object.keys(comparers) as (keyof Schedule)[]
  return members.flatMap((member) =>
    compareMember(member, before.schedule, after.schedule, comparers, { before, after }),
  )
}

type Comparer<V> = (before: V, after: V, versions: Versions) => TermChange[]
type Comparers<S> = { readonly [K in keyof S]-?: Comparer<S[K]> }

function compareMember<S>(
  member: keyof S,
  before: S,
  after: S,
  table: Comparers<S>,
  versions: Versions,
): TermChange[] {
  return table[member](before[member], after[member], versions)
}

/** INVARIANT: every member of the schedule has a comparer; one without does not compile. */
const comparers: Comparers<Schedule> = {
  id: named('id', 'the agreement', coded),
  version: (before, after) =>
    before === after ? [] : [placed('version', '', neutral(`the version is ${after}; it was ${before}`))],
  title: named('title', 'the title', quoted),
  previous: named('previous', 'the version before', coded),
  term: (before, after, versions) =>
    compareMembers({ name: 'the term', before, after, versions }, termRules).map((each) =>
      placed('term', after.clause, each),
    ),
  amounts: single('amounts', 'the limit of money', amountsRules, amountsInWords),
  retention: single('retention', 'the retention of records', retentionRules, retentionInWords),
  protected: single('protected', 'the protection of persons', protectionRules, protectionInWords),
  duties: compareDuties,
  parties: list('parties', partyRules),
  units: list('units', unitRules),
  delegations: list('delegations', delegationRules),
  integrators: list('integrators', integratorRules),
  purposes: list('purposes', purposeRules),
  providers: list('providers', plainRules('provider')),
  models: list('models', modelRules),
  versions: list('versions', versionRules),
  routes: list('routes', routeRules),
  surfaces: list('surfaces', plainRules('surface')),
  consumers: list('consumers', plainRules('consumer')),
  actions: list('actions', plainRules('action class')),
  tools: list('tools', toolRules),
  signals: list('signals', signalRules),
  provenances: list('provenances', plainRules('origin of data')),
  roles: list('roles', roleRules),
  levels: list('levels', levelRules),
  exclusions: list('exclusions', exclusionRules),
  norms: list('norms', normRules),
}

function placed(line: string, clause: string, { change, says }: Difference): TermChange {
  return { change, line, clause, says }
}

/** What names the version; it binds nobody more or less. */
function named(
  line: string,
  what: string,
  format: (value: string | undefined) => string,
): Comparer<string | undefined> {
  return (before, after) =>
    before === after
      ? []
      : [placed(line, '', neutral(`${what} is ${format(after)}; it was ${format(before)}`))]
}

/** A line that stands once or not at all, and limits something: gone is weaker. */
function single<L extends { readonly clause: string }>(
  line: string,
  name: string,
  rules: MemberRules<L>,
  inWords: (line: L) => string,
): Comparer<L | undefined> {
  return (before, after, versions) => {
    if (before === undefined || after === undefined) {
      if (before !== undefined)
        return [
          placed(line, before.clause, { change: 'weaker', says: `${name} is gone: ${inWords(before)}` }),
        ]
      if (after !== undefined)
        return [placed(line, after.clause, { change: 'stronger', says: `${name} is new: ${inWords(after)}` })]
      return []
    }
    return compareMembers({ name, before, after, versions }, rules).map((each) =>
      placed(line, after.clause, each),
    )
  }
}

function list<L extends Listed>(name: string, rules: ListRules<L>): Comparer<readonly L[]> {
  return (before, after, versions) => compareLines(name, before, after, rules, versions)
}

function compareDuties(before: readonly Duty[], after: readonly Duty[]): TermChange[] {
  return dutyKinds.flatMap((id) => {
    const [old, young] = [before.find((each) => each.id === id), after.find((each) => each.id === id)]
    const clause = young?.clause ?? old?.clause ?? ''
    const difference = dutyDifference(id, old, young)
    if (difference !== null) return [placed(`duties/${id}`, clause, difference)]
    if (sameValue(old, young)) return []
    return [placed(`duties/${id}`, clause, neutral(`duty \`${id}\` stands under clause ${clause}`))]
  })
}
