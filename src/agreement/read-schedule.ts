/** Reads the front matter into a schedule. What can be read is read, so that one mistake does not hide another. */
import { limits } from './limits.ts'
import { parseQuorum } from './quorum.ts'
import { readParties } from './read-parties.ts'
import { readTerms } from './read-terms.ts'
import type { Report } from './report.ts'
import { generate, personsWindows } from './schedule.ts'
import type {
  Delegation,
  Exclusion,
  Integrator,
  Level,
  Listed,
  Model,
  ModelVersion,
  Norm,
  PersonsCap,
  Purpose,
  QuorumPart,
  Role,
  Route,
  Schedule,
  Signal,
  Tool,
  Unit,
} from './schedule.ts'
import { readDate, readDigest, readId, readInstant, readMoney, readUpstream } from './schedule-values.ts'
import { fromField, onField, optional, placeOf, readEntries } from './schedule-line.ts'
import type { Draft, Entry } from './schedule-line.ts'
import {
  mistake,
  parseYaml,
  readInteger,
  readList,
  readMap,
  readText,
  readWord,
  refuseUnknownKeys,
  requireField,
} from './yaml-values.ts'
import type { YamlField, YamlReader } from './yaml-values.ts'

const keys = [
  'servanda', 'id', 'version', 'previous', 'title', 'term', 'amounts', 'retention', 'protected', 'duties', 'parties',
  'units', 'delegations', 'integrators', 'purposes', 'providers', 'models', 'versions', 'routes', 'surfaces',
  'consumers', 'actions', 'tools', 'signals', 'provenances', 'roles', 'levels', 'exclusions', 'norms',
] as const // prettier-ignore
const required = ['servanda', 'id', 'version', 'title', 'term', 'parties'] as const

/** Where each line of the schedule stands in the file, for the checks that compare lines with each other. */
export interface SchedulePlaces {
  /** By `<list>/<id>`, such as `units/department`, and by key for what stands once. */
  readonly lines: ReadonlyMap<string, number>
  /** Lists that could be read as maps; references into the others are not checked. */
  readonly lists: ReadonlySet<string>
}

export interface ReadSchedule {
  /** Complete in form; where mistakes were reported its values may be stand-ins. */
  readonly schedule: Schedule
  readonly places: SchedulePlaces
}

/** Null where not even the YAML can be read. */
export function readSchedule(yaml: string, base: number, report: Report): ReadSchedule | null {
  const reader: YamlReader = { report, base }
  const root = parseYaml(yaml, reader)
  if (root === null) return null
  refuseUnknownKeys(root, keys, reader)
  for (const key of required) requireField(root, key, reader)
  const draft: Draft = { root, reader, lines: new Map(), lists: new Set() }
  const schedule: Schedule = { ...readHead(draft), ...readTerms(draft), ...readLists(draft) }
  return { schedule, places: { lines: draft.lines, lists: draft.lists } }
}

function readHead({ root, reader, lines }: Draft): Pick<Schedule, 'id' | 'version' | 'title' | 'previous'> {
  for (const field of root.fields.values()) lines.set(field.key, field.at)
  onField(root, 'servanda', (field) => readInteger(field, 1, 1, reader))
  const id = onField(root, 'id', (field) => readId(field, reader)) ?? 'unreadable'
  const version = onField(root, 'version', (field) => readInteger(field, 1, limits.version, reader)) ?? 0
  const title = onField(root, 'title', (field) => readText(field, reader)) ?? ''
  const previous = onField(root, 'previous', (field) => readDigest(field, reader)) ?? undefined
  const stated = root.fields.get('previous')
  if (version > 1 && stated === undefined) {
    const help = 'name the digest of the version before: `previous: sha256:…`'
    mistake(
      reader,
      'AGREEMENT_VERSION',
      placeOf(root, 'version'),
      `version ${version} names no previous version`,
      help,
    )
  }
  if (version === 1 && stated !== undefined) {
    mistake(
      reader,
      'AGREEMENT_VERSION',
      stated.keyAt,
      'version 1 has no previous version',
      'remove `previous`',
    )
  }
  return { id, version, title, ...(previous === undefined ? {} : { previous }) }
}

type Lists = Pick<Schedule, ListedKey | 'parties'>
type ListedKey = Exclude<
  { [Key in keyof Schedule]: Schedule[Key] extends readonly Listed[] ? Key : never }[keyof Schedule],
  'parties' | undefined
>

function readLists(draft: Draft): Omit<Lists, 'duties'> {
  const actions = readEntries(draft, 'actions', [], listedOnly)
  const models = readEntries(draft, 'models', ['provider', 'name'], readModel)
  return {
    parties: readParties(draft),
    units: readEntries(draft, 'units', ['in'], readUnit),
    delegations: readEntries(draft, 'delegations', ['from', 'to', 'until'], readDelegation),
    integrators: readEntries(draft, 'integrators', ['unit', 'for'], readIntegrator),
    purposes: readEntries(draft, 'purposes', ['owner', 'authority', 'until', 'persons'], readPurpose),
    providers: readEntries(draft, 'providers', [], listedOnly),
    models,
    versions: readEntries(draft, 'versions', ['model', 'name', 'digest'], readVersion),
    routes: readEntries(
      draft,
      'routes',
      ['model', 'version', 'upstream', 'price', 'outputTokensMax'],
      readRoute,
    ),
    surfaces: readEntries(draft, 'surfaces', [], listedOnly),
    consumers: readEntries(draft, 'consumers', [], listedOnly),
    actions: withGenerate(actions, models),
    tools: readEntries(draft, 'tools', ['action'], readTool),
    signals: readEntries(draft, 'signals', ['phrases'], readSignal),
    provenances: readEntries(draft, 'provenances', [], listedOnly),
    roles: readEntries(draft, 'roles', ['holders'], readRole),
    levels: readEntries(draft, 'levels', ['persons', 'quorum'], readLevel),
    exclusions: readEntries(draft, 'exclusions', ['unit', 'provider', 'unlockVia'], readExclusion),
    norms: readEntries(draft, 'norms', ['edition', 'date', 'digest'], readNorm),
  }
}

function listedOnly({ listed }: Entry): Listed {
  return listed
}

/** `generate` needs no line of its own; without one it stands under the clause that lists the models. */
function withGenerate(actions: readonly Listed[], models: readonly Model[]): Listed[] {
  if (actions.some((action) => action.id === generate)) return [...actions]
  return [{ id: generate, clause: models[0]?.clause ?? 'system.unlisted' }, ...actions]
}

function readUnit(entry: Entry): Unit {
  return { ...entry.listed, ...optional(entry, 'in', (field) => readText(field, entry.reader)) }
}

/** A reference that is missing or unreadable is `''`, which nothing is compared with. */
function readReference({ map, reader }: Entry, key: string): string {
  return fromField(map, key, reader, (field) => readText(field, reader)) ?? ''
}

function readDelegation(entry: Entry): Delegation {
  const { reader, listed } = entry
  const until = optional(entry, 'until', (field) => readInstant(field, reader))
  return { ...listed, from: readReference(entry, 'from'), to: readReference(entry, 'to'), ...until }
}

function readIntegrator(entry: Entry): Integrator {
  const { map, reader, listed } = entry
  const items = fromField(map, 'for', reader, (field) => readList(field, limits.listEntries, reader)) ?? []
  const units = items.flatMap((item) => readText(item, reader) ?? [])
  return { ...listed, unit: readReference(entry, 'unit'), for: units }
}

function readPurpose(entry: Entry): Purpose {
  const { reader, listed } = entry
  return {
    ...listed,
    ...optional(entry, 'owner', (field) => readText(field, reader)),
    ...optional(entry, 'authority', (field) => readText(field, reader)),
    ...optional(entry, 'until', (field) => readInstant(field, reader)),
    ...optional(entry, 'persons', (field) => readPersonsCap(field, reader)),
  }
}

function readPersonsCap(field: YamlField, reader: YamlReader): PersonsCap | null {
  const map = readMap(field, reader)
  if (map === null) return null
  refuseUnknownKeys(map, ['max', 'days'], reader)
  const max = fromField(map, 'max', reader, (each) => readInteger(each, 0, limits.personsCap, reader))
  const asked = fromField(map, 'days', reader, (each) => readInteger(each, 1, limits.days, reader))
  const days = personsWindows.find((each) => each === asked)
  if (asked !== null && days === undefined) {
    const help = `write one of ${personsWindows.join(', ')}`
    const message = `persons are not counted over ${asked} days`
    mistake(reader, 'AGREEMENT_NUMBER', placeOf(map, 'days'), message, help)
  }
  return max === null || days === undefined ? null : { max, days }
}

function readModel(entry: Entry): Model {
  const name = optional(entry, 'name', (field) => readText(field, entry.reader))
  return { ...entry.listed, provider: readReference(entry, 'provider'), ...name }
}

function readVersion(entry: Entry): ModelVersion {
  const { reader, listed } = entry
  return {
    ...listed,
    model: readReference(entry, 'model'),
    ...optional(entry, 'name', (field) => readText(field, reader)),
    ...optional(entry, 'digest', (field) => readDigest(field, reader)),
  }
}

function readRoute(entry: Entry): Route {
  const { map, reader, listed } = entry
  const version = optional(entry, 'version', (field) => readText(field, reader))
  const upstream = fromField(map, 'upstream', reader, (field) => readUpstream(field, reader)) ?? 'rehearsal'
  const price = fromField(map, 'price', reader, (field) => readPrice(field, reader))
  const tokens = fromField(map, 'outputTokensMax', reader, (field) =>
    readInteger(field, 1, limits.outputTokens, reader),
  )
  return {
    ...listed,
    model: readReference(entry, 'model'),
    ...version,
    upstream,
    price: price ?? { inputMicros: 0, outputMicros: 0 },
    outputTokensMax: tokens ?? 1,
  }
}

function readPrice(field: YamlField, reader: YamlReader): Route['price'] | null {
  const map = readMap(field, reader)
  if (map === null) return null
  refuseUnknownKeys(map, ['input', 'output'], reader)
  const inputMicros = fromField(map, 'input', reader, (each) => readMoney(each, reader))
  const outputMicros = fromField(map, 'output', reader, (each) => readMoney(each, reader))
  return inputMicros === null || outputMicros === null ? null : { inputMicros, outputMicros }
}

function readTool(entry: Entry): Tool {
  const { map, reader, listed } = entry
  const action = readReference(entry, 'action')
  if (action === generate) {
    const help = 'give the tool an action class of its own, or the grant of every model call would reach it'
    const message = '`generate` is a model call and no class of a tool'
    mistake(reader, 'AGREEMENT_VALUE', placeOf(map, 'action'), message, help)
  }
  return { ...listed, action }
}

function readSignal({ map, reader, listed }: Entry): Signal {
  const list = onField(map, 'phrases', (field) => readList(field, limits.phrasesPerSignal, reader))
  if (list === null) return listed
  const phrases = list
    .map((item) => readText(item, reader, limits.phraseChars))
    .filter((text) => text !== null)
  if (list.length === 0) mistake(reader, 'AGREEMENT_VALUE', placeOf(map, 'phrases'), '`phrases` is empty')
  return { ...listed, phrases }
}

function readRole(entry: Entry): Role {
  const { reader, listed } = entry
  return {
    ...listed,
    ...optional(entry, 'holders', (field) => readInteger(field, 0, limits.holders, reader)),
  }
}

function readLevel({ map, reader, listed }: Entry): Level {
  const said = onField(map, 'persons', (field) => readInteger(field, 1, limits.personsPerLevel, reader))
  const quorum = onField(map, 'quorum', (field) => readQuorum(field, reader))
  if (quorum === null) return { ...listed, persons: said ?? 1 }
  const persons = quorum.reduce((sum, { count }) => sum + count, 0)
  if (persons > limits.personsPerLevel || (said !== null && said !== persons)) {
    const message = `the quorum asks ${persons} persons`
    const help = `ask at most ${limits.personsPerLevel}, and let \`persons\` say the same or leave it out`
    mistake(reader, 'AGREEMENT_QUORUM', placeOf(map, 'quorum'), message, help)
  }
  return { ...listed, persons, quorum }
}

function readQuorum(field: YamlField, reader: YamlReader): readonly QuorumPart[] | null {
  const text = readText(field, reader)
  const quorum = text === null ? null : parseQuorum(text)
  if (text === null || quorum !== null) return quorum
  const help = 'write `two of reviewers of field-clinics and one of counsel`: counts, roles, units'
  mistake(reader, 'AGREEMENT_QUORUM', field.at, `\`${text.slice(0, 80)}\` is not a quorum`, help)
  return null
}

function readExclusion({ map, reader, listed }: Entry): Exclusion | null {
  const unit = onField(map, 'unit', (field) => readText(field, reader))
  const provider = onField(map, 'provider', (field) => readText(field, reader))
  const ways = ['amendment', 'new-agreement'] as const
  const unlockVia = fromField(map, 'unlockVia', reader, (field) => readWord(field, ways, reader))
  if (map.fields.has('unit') === map.fields.has('provider')) {
    const help = 'name a `unit` or a `provider`, and use two lines for two exclusions'
    mistake(reader, 'AGREEMENT_EXCLUSION', map.at, 'an exclusion names exactly one unit or provider', help)
    return null
  }
  return {
    ...listed,
    ...(unit === null ? {} : { unit }),
    ...(provider === null ? {} : { provider }),
    unlockVia: unlockVia ?? 'new-agreement',
  }
}

function readNorm(entry: Entry): Norm {
  const { map, reader, listed } = entry
  return {
    ...listed,
    edition: fromField(map, 'edition', reader, (field) => readText(field, reader)) ?? '',
    ...optional(entry, 'date', (field) => readDate(field, reader)),
    ...optional(entry, 'digest', (field) => readDigest(field, reader)),
  }
}
