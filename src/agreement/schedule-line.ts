/** Reading one line of the schedule: its fields, its clause, its place in the file. */
import { limits } from './limits.ts'
import type { Listed } from './schedule.ts'
import { isId, kebab, toolName } from './schedule-values.ts'
import { readInteger, readMap, readText, refuseUnknownKeys, requireField } from './yaml-values.ts'
import type { YamlField, YamlMap, YamlReader } from './yaml-values.ts'

/** The schedule while it is read. */
export interface Draft {
  readonly root: YamlMap
  readonly reader: YamlReader
  /** Index in the file, by `<list>/<id>` and by the key of what stands once. */
  readonly lines: Map<string, number>
  /** Lists that could be read as maps. */
  readonly lists: Set<string>
}

/** One line of a list. */
export interface Entry {
  readonly map: YamlMap
  readonly reader: YamlReader
  readonly listed: Listed
}

/** A line that stands once, such as the term. */
export interface SingleLine {
  readonly map: YamlMap
  readonly reader: YamlReader
  /** Null (reported) where it is missing or unreadable. */
  readonly clause: string | null
}

/** Reads a list of lines; `extra` are the keys that a line may have besides `title` and `clause`. */
export function readEntries<T>(
  draft: Draft,
  list: string,
  extra: readonly string[],
  read: (entry: Entry) => T | null,
): T[] {
  const entries: T[] = []
  for (const line of openList(draft, list)) {
    if (!isId(line.key, list === 'tools' ? toolName : kebab, line.keyAt, draft.reader)) continue
    draft.lines.set(`${list}/${line.key}`, line.keyAt)
    const opened = openLine(line, ['title', 'clause', ...extra], draft)
    const title =
      opened === null ? null : onField(opened.map, 'title', (each) => readText(each, opened.reader))
    const listed = { id: line.key, clause: opened?.clause ?? '', ...(title === null ? {} : { title }) }
    const none = { at: line.at, fields: new Map<string, YamlField>() }
    const silent = { report: () => undefined, base: draft.reader.base }
    const entry = read({ map: opened?.map ?? none, reader: opened?.reader ?? silent, listed })
    if (entry !== null) entries.push(entry)
  }
  return entries
}

/** The lines under a key; none where it is absent, or (reported) no map. */
export function openList(draft: Draft, list: string): YamlField[] {
  const field = draft.root.fields.get(list)
  if (field === undefined) {
    draft.lists.add(list)
    return []
  }
  const map = readMap(field, draft.reader)
  if (map === null) return []
  draft.lists.add(list)
  return [...map.fields.values()]
}

/** A map with a clause: the clause is read first, so that diagnostics of its other keys carry it. */
export function openLine(field: YamlField, known: readonly string[], draft: Draft): SingleLine | null {
  const map = readMap(field, draft.reader)
  if (map === null) return null
  const clauseField = requireField(map, 'clause', draft.reader, field.keyAt)
  const clause = clauseField === null ? null : readText(clauseField, draft.reader)
  const reader = clause === null ? draft.reader : { ...draft.reader, clause }
  refuseUnknownKeys(map, known, reader)
  return { map, reader, clause }
}

/** Reads a field that may be absent. */
export function onField<T>(map: YamlMap, key: string, read: (field: YamlField) => T | null): T | null {
  const field = map.fields.get(key)
  return field === undefined ? null : read(field)
}

/** Reads a field that must be there. */
export function fromField<T>(
  map: YamlMap,
  key: string,
  reader: YamlReader,
  read: (field: YamlField) => T | null,
): T | null {
  const field = requireField(map, key, reader)
  return field === null ? null : read(field)
}

/** The member of an object that a field gives: none where the field is absent or unreadable. */
export function optional<Key extends string, T>(
  { map }: Pick<Entry, 'map'>,
  key: Key,
  read: (field: YamlField) => T | null,
): { readonly [K in Key]?: T } {
  const value = onField(map, key, read)
  return value === null ? {} : ({ [key]: value } as { readonly [K in Key]?: T })
}

export function readDays(field: YamlField, reader: YamlReader): number | null {
  return readInteger(field, 1, limits.days, reader)
}

/** Where a key's value stands, or the line itself. */
export function placeOf(map: YamlMap, key: string): number {
  return map.fields.get(key)?.at ?? map.at
}
