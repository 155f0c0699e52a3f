/** Reads the front matter into a schedule. What can be read is read, so that one mistake does not hide another. */
import { limits } from './limits.ts'
import type { Report } from './report.ts'
import type {
  Amounts,
  Exclusion,
  Level,
  Listed,
  Model,
  Norm,
  Party,
  PartyRole,
  Purpose,
  Route,
  Schedule,
  Signal,
  Term,
  Tool,
  Unit,
} from './schedule.ts'
import { generate } from './schedule.ts'
import {
  isId,
  kebab,
  readCurrency,
  readDigest,
  readId,
  readInstant,
  readKeys,
  readMoney,
  readUpstream,
  toolName,
} from './schedule-values.ts'
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
import type { YamlField, YamlMap, YamlReader } from './yaml-values.ts'

const keys = [
  'servanda', 'id', 'version', 'previous', 'title', 'term', 'amounts', 'parties', 'units', 'purposes', 'providers',
  'models', 'routes', 'surfaces', 'consumers', 'actions', 'tools', 'signals', 'provenances', 'levels', 'exclusions',
  'norms',
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

/** One line of a list while it is read. */
interface Entry {
  readonly id: string
  readonly map: YamlMap
  readonly reader: YamlReader
  readonly listed: Listed
}

interface Draft {
  readonly root: YamlMap
  readonly reader: YamlReader
  readonly lines: Map<string, number>
  readonly lists: Set<string>
}

const roles: readonly PartyRole[] = ['agency', 'provider', 'overseer']

/** Null where not even the YAML can be read. */
export function readSchedule(yaml: string, base: number, report: Report): ReadSchedule | null {
  const reader: YamlReader = { report, base }
  const root = parseYaml(yaml, reader)
  if (root === null) return null
  refuseUnknownKeys(root, keys, reader)
  for (const key of required) requireField(root, key, reader)
  const draft: Draft = { root, reader, lines: new Map(), lists: new Set() }
  const schedule: Schedule = { ...readHead(draft), ...readMoneyAndTime(draft), ...readLists(draft) }
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
      root.fields.get('version')?.at ?? root.at,
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

function readMoneyAndTime(draft: Draft): Pick<Schedule, 'term' | 'amounts'> {
  const term = onField(draft.root, 'term', (field) => readTerm(field, draft))
  const amounts = onField(draft.root, 'amounts', (field) => readAmounts(field, draft))
  return { term: term ?? { clause: '', from: 0, until: 1 }, ...(amounts === null ? {} : { amounts }) }
}

function readTerm(field: YamlField, draft: Draft): Term | null {
  const line = openLine(field, ['from', 'until', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const from = fromField(map, 'from', reader, (each) => readInstant(each, reader))
  const until = fromField(map, 'until', reader, (each) => readInstant(each, reader))
  if (from === null || until === null || clause === null) return null
  if (from >= until) mistake(reader, 'AGREEMENT_TERM', map.at, 'the term ends before it begins')
  return { clause, from, until }
}

function readAmounts(field: YamlField, draft: Draft): Amounts | null {
  const line = openLine(field, ['currency', 'ceiling', 'allotted', 'clause'], draft)
  if (line === null) return null
  const { map, reader, clause } = line
  const currency = fromField(map, 'currency', reader, (each) => readCurrency(each, reader))
  const ceilingMicros = fromField(map, 'ceiling', reader, (each) => readMoney(each, reader))
  const allottedMicros = fromField(map, 'allotted', reader, (each) => readMoney(each, reader))
  if (currency === null || ceilingMicros === null || allottedMicros === null || clause === null) return null
  if (allottedMicros > ceilingMicros) {
    mistake(
      reader,
      'AGREEMENT_MONEY',
      map.fields.get('allotted')?.at ?? map.at,
      'more is allotted than the ceiling',
    )
  }
  return { clause, currency, ceilingMicros, allottedMicros }
}

function readLists(
  draft: Draft,
): Omit<Schedule, 'id' | 'version' | 'title' | 'previous' | 'term' | 'amounts'> {
  const actions = readEntries(draft, 'actions', [], ({ listed }) => listed)
  const models = readEntries(draft, 'models', ['provider', 'name'], readModel)
  return {
    parties: readEntries(draft, 'parties', ['role', 'keys', 'threshold'], readParty),
    units: readEntries(draft, 'units', ['in'], readUnit),
    purposes: readEntries(draft, 'purposes', ['owner'], readPurpose),
    providers: readEntries(draft, 'providers', [], ({ listed }) => listed),
    models,
    routes: readEntries(draft, 'routes', ['model', 'upstream', 'price', 'outputTokensMax'], readRoute),
    surfaces: readEntries(draft, 'surfaces', [], ({ listed }) => listed),
    consumers: readEntries(draft, 'consumers', [], ({ listed }) => listed),
    actions: withGenerate(actions, models),
    tools: readEntries(draft, 'tools', ['action'], readTool),
    signals: readEntries(draft, 'signals', ['phrases'], readSignal),
    provenances: readEntries(draft, 'provenances', [], ({ listed }) => listed),
    levels: readEntries(draft, 'levels', ['persons'], readLevel),
    exclusions: readEntries(draft, 'exclusions', ['unit', 'provider', 'unlockVia'], readExclusion),
    norms: readEntries(draft, 'norms', ['edition'], readNorm),
  }
}

/** `generate` needs no line of its own; without one it stands under the clause that lists the models. */
function withGenerate(actions: readonly Listed[], models: readonly Model[]): Listed[] {
  if (actions.some((action) => action.id === generate)) return [...actions]
  return [{ id: generate, clause: models[0]?.clause ?? 'system.unlisted' }, ...actions]
}

function readEntries<T>(
  draft: Draft,
  list: string,
  extra: readonly string[],
  read: (entry: Entry) => T | null,
): T[] {
  const field = draft.root.fields.get(list)
  if (field === undefined) {
    draft.lists.add(list)
    return []
  }
  const map = readMap(field, draft.reader)
  if (map === null) return []
  draft.lists.add(list)
  const entries: T[] = []
  for (const line of map.fields.values()) {
    if (!isId(line.key, list === 'tools' ? toolName : kebab, line.keyAt, draft.reader)) continue
    draft.lines.set(`${list}/${line.key}`, line.keyAt)
    const opened = openLine(line, ['title', 'clause', ...extra], draft)
    const title =
      opened === null ? null : onField(opened.map, 'title', (each) => readText(each, opened.reader))
    const listed = { id: line.key, clause: opened?.clause ?? '', ...(title === null ? {} : { title }) }
    const none = { at: line.at, fields: new Map<string, YamlField>() }
    const silent = { report: () => undefined, base: draft.reader.base }
    const entry = read({ id: line.key, map: opened?.map ?? none, reader: opened?.reader ?? silent, listed })
    if (entry !== null) entries.push(entry)
  }
  return entries
}

/** A map with a clause: the clause is read first, so that diagnostics of its other keys carry it. */
function openLine(
  field: YamlField,
  known: readonly string[],
  draft: Draft,
): { map: YamlMap; reader: YamlReader; clause: string | null } | null {
  const map = readMap(field, draft.reader)
  if (map === null) return null
  const clauseField = requireField(map, 'clause', draft.reader, field.keyAt)
  const clause = clauseField === null ? null : readText(clauseField, draft.reader)
  const reader = clause === null ? draft.reader : { ...draft.reader, clause }
  refuseUnknownKeys(map, known, reader)
  return { map, reader, clause }
}

function readParty({ map, reader, listed }: Entry): Party {
  const role = fromField(map, 'role', reader, (field) => readWord(field, roles, reader))
  const partyKeys = fromField(map, 'keys', reader, (field) => readKeys(field, reader)) ?? []
  const threshold = fromField(map, 'threshold', reader, (field) =>
    readInteger(field, 1, limits.keysPerParty, reader),
  )
  if (threshold !== null && threshold > partyKeys.length) {
    const at = map.fields.get('threshold')?.at ?? map.at
    const message = `${threshold} signatures are asked of ${partyKeys.length} valid keys`
    mistake(
      reader,
      'AGREEMENT_THRESHOLD',
      at,
      message,
      'ask for at most as many signatures as there are keys',
    )
  }
  return { ...listed, role: role ?? 'agency', keys: partyKeys, threshold: threshold ?? 1 }
}

function readUnit({ map, reader, listed }: Entry): Unit {
  const parent = onField(map, 'in', (field) => readText(field, reader))
  return { ...listed, ...(parent === null ? {} : { in: parent }) }
}

function readPurpose({ map, reader, listed }: Entry): Purpose {
  const owner = onField(map, 'owner', (field) => readText(field, reader))
  return { ...listed, ...(owner === null ? {} : { owner }) }
}

function readModel({ map, reader, listed }: Entry): Model {
  const provider = fromField(map, 'provider', reader, (field) => readText(field, reader)) ?? ''
  const name = onField(map, 'name', (field) => readText(field, reader))
  return { ...listed, provider, ...(name === null ? {} : { name }) }
}

function readRoute({ map, reader, listed }: Entry): Route {
  const model = fromField(map, 'model', reader, (field) => readText(field, reader)) ?? ''
  const upstream = fromField(map, 'upstream', reader, (field) => readUpstream(field, reader)) ?? 'rehearsal'
  const price = fromField(map, 'price', reader, (field) => readPrice(field, reader))
  const tokens = fromField(map, 'outputTokensMax', reader, (field) =>
    readInteger(field, 1, limits.outputTokens, reader),
  )
  return {
    ...listed,
    model,
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

function readTool({ map, reader, listed }: Entry): Tool {
  const action = fromField(map, 'action', reader, (field) => readText(field, reader)) ?? ''
  if (action === generate) {
    const help = 'give the tool an action class of its own, or the grant of every model call would reach it'
    const at = map.fields.get('action')?.at ?? map.at
    mistake(reader, 'AGREEMENT_VALUE', at, '`generate` is a model call and no class of a tool', help)
  }
  return { ...listed, action }
}

function readSignal({ map, reader, listed }: Entry): Signal {
  const list = onField(map, 'phrases', (field) => readList(field, limits.phrasesPerSignal, reader))
  if (list === null) return listed
  const phrases = list
    .map((item) => readText(item, reader, limits.phraseChars))
    .filter((text) => text !== null)
  if (list.length === 0)
    mistake(reader, 'AGREEMENT_VALUE', map.fields.get('phrases')?.at ?? map.at, '`phrases` is empty')
  return { ...listed, phrases }
}

function readLevel({ map, reader, listed }: Entry): Level {
  const persons = onField(map, 'persons', (field) => readInteger(field, 1, limits.personsPerLevel, reader))
  return { ...listed, persons: persons ?? 1 }
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

function readNorm({ map, reader, listed }: Entry): Norm {
  return { ...listed, edition: fromField(map, 'edition', reader, (field) => readText(field, reader)) ?? '' }
}

/** Reads a field that may be absent. */
function onField<T>(map: YamlMap, key: string, read: (field: YamlField) => T | null): T | null {
  const field = map.fields.get(key)
  return field === undefined ? null : read(field)
}

/** Reads a field that must be there. */
function fromField<T>(
  map: YamlMap,
  key: string,
  reader: YamlReader,
  read: (field: YamlField) => T | null,
): T | null {
  const field = requireField(map, key, reader)
  return field === null ? null : read(field)
}
