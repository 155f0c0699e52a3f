/** Typed reading of YAML nodes: each wrong type, unknown key and bad value becomes a diagnostic with its place. */
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Document, YAMLMap } from 'yaml'
import { hiddenCharacter } from './check-characters.ts'
import type { DiagnosticCode } from './diagnostic.ts'
import { limits } from './limits.ts'
import { suggestWord } from './nearest-word.ts'
import type { Report } from './report.ts'
import { tooDeep, yamlMistake } from './yaml-mistakes.ts'

export interface YamlField {
  readonly key: string
  /** Index in the file of the key and of the value. */
  readonly keyAt: number
  readonly at: number
  readonly node: unknown
}

export interface YamlMap {
  readonly at: number
  readonly fields: ReadonlyMap<string, YamlField>
}

/** What every reader below needs; `clause` is that of the line being read, for its diagnostics. */
export interface YamlReader {
  readonly report: Report
  /** Index in the file at which the YAML starts. */
  readonly base: number
  readonly clause?: string | undefined
}

/** The root map of the front matter; null where YAML itself is broken. */
export function parseYaml(yaml: string, reader: YamlReader): YamlMap | null {
  const document = documentOf(yaml)
  if (document === null) {
    reader.report({ code: 'AGREEMENT_YAML', at: reader.base, ...tooDeep })
    return null
  }
  for (const error of document.errors) {
    reader.report({ code: 'AGREEMENT_YAML', at: reader.base + error.pos[0], ...yamlMistake(error.code) })
  }
  refuseIndirection(document, yaml, reader)
  if (document.errors.length > 0) return null
  if (!isMap(document.contents)) {
    reader.report({
      code: 'AGREEMENT_TYPE',
      at: reader.base,
      message: 'the front matter is not a map of keys',
    })
    return null
  }
  return mapOf(document.contents, reader)
}

/** Null where the reader of YAML runs out of stack: brackets of a schedule nest three deep. */
function documentOf(yaml: string): Document.Parsed | null {
  try {
    return parseDocument(yaml, { uniqueKeys: false, prettyErrors: false, version: '1.2', merge: false })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Anchors, aliases, tags and directives let one text mean another; each is an error. */
function refuseIndirection(document: Document.Parsed, yaml: string, reader: YamlReader): void {
  const help = 'write each value out where it stands'
  const directive = /^%/m.exec(yaml)
  if (directive !== null) {
    reader.report({
      code: 'AGREEMENT_ALIAS',
      at: reader.base + directive.index,
      message: 'a YAML directive is not accepted',
      help,
    })
  }
  visit(document, {
    Alias: (_, node) => {
      const at = reader.base + (node.range?.[0] ?? 0)
      reader.report({ code: 'AGREEMENT_ALIAS', at, message: 'a YAML alias is not accepted', help })
    },
    Value: (_, node) => {
      const at = reader.base + (node.range?.[0] ?? 0)
      if (node.anchor !== undefined) {
        reader.report({
          code: 'AGREEMENT_ALIAS',
          at,
          message: `the YAML anchor \`${node.anchor}\` is not accepted`,
          help,
        })
      }
      if (node.tag !== undefined) {
        reader.report({ code: 'AGREEMENT_ALIAS', at, message: 'a YAML tag is not accepted', help })
      }
    },
  })
}

function mapOf(node: YAMLMap, reader: YamlReader): YamlMap {
  const fields = new Map<string, YamlField>()
  const at = startOf(node, reader, reader.base)
  for (const { key, value } of node.items) {
    const keyAt = startOf(key, reader, at)
    if (!isScalar(key)) {
      reader.report({
        code: 'AGREEMENT_TYPE',
        at: keyAt,
        clause: reader.clause,
        message: 'a key is not plain text',
      })
      continue
    }
    const name = key.source ?? String(key.value)
    if (fields.has(name)) {
      mistake(
        reader,
        'AGREEMENT_DUPLICATE_KEY',
        keyAt,
        `\`${name}\` stands twice in one map`,
        'remove one of the two',
      )
    } else fields.set(name, { key: name, keyAt, at: startOf(value, reader, keyAt), node: value })
  }
  return { at, fields }
}

function startOf(node: unknown, reader: YamlReader, otherwise: number): number {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return otherwise
  const start: unknown = node.range[0]
  return typeof start === 'number' ? reader.base + start : otherwise
}

/** The map under a field; null (reported) where it is none. */
export function readMap(field: YamlField, reader: YamlReader): YamlMap | null {
  if (isMap(field.node)) {
    const map = mapOf(field.node, reader)
    if (map.fields.size <= limits.listEntries) return map
    mistake(
      reader,
      'AGREEMENT_LIMIT',
      field.keyAt,
      `\`${field.key}\` has more than ${limits.listEntries} lines`,
    )
    return null
  }
  mistake(
    reader,
    'AGREEMENT_TYPE',
    field.at,
    `\`${field.key}\` is not a map`,
    'write `{}` where there is none',
  )
  return null
}

/** Reports each key that is not among `known`. */
export function refuseUnknownKeys(map: YamlMap, known: readonly string[], reader: YamlReader): void {
  for (const field of map.fields.values()) {
    if (!known.includes(field.key)) {
      mistake(
        reader,
        'AGREEMENT_UNKNOWN_KEY',
        field.keyAt,
        `\`${field.key}\` is not a key here`,
        suggestWord(field.key, known),
      )
    }
  }
}

/** The field, or null (reported) where it is missing. */
export function requireField(
  map: YamlMap,
  key: string,
  reader: YamlReader,
  place = map.at,
): YamlField | null {
  const field = map.fields.get(key)
  if (field === undefined) mistake(reader, 'AGREEMENT_MISSING_KEY', place, `\`${key}\` is missing`)
  return field ?? null
}

/** Text of one line; null (reported) for numbers, lists, empty and overlong text. */
export function readText(
  field: YamlField,
  reader: YamlReader,
  charsMax: number = limits.titleChars,
): string | null {
  const value = isScalar(field.node) ? field.node.value : undefined
  if (typeof value !== 'string') {
    const help = isScalar(field.node) && value !== null ? 'put it in quotation marks' : undefined
    mistake(reader, 'AGREEMENT_TYPE', field.at, `\`${field.key}\` is not text`, help)
    return null
  }
  const unseen = hiddenCharacter(value)
  if (unseen !== null) {
    const help = 'remove it; what nobody can see cannot be signed'
    mistake(
      reader,
      'AGREEMENT_CHARACTER',
      field.at,
      `\`${field.key}\` holds ${unseen}, which is invisible`,
      help,
    )
    return null
  }
  if (value.trim() === '' || value.length > charsMax || value.includes('\n')) {
    mistake(
      reader,
      'AGREEMENT_VALUE',
      field.at,
      `\`${field.key}\` is not one line of 1 to ${charsMax} characters`,
    )
    return null
  }
  return value
}

export function readWord<Word extends string>(
  field: YamlField,
  words: readonly Word[],
  reader: YamlReader,
): Word | null {
  const text = readText(field, reader)
  if (text === null) return null
  const word = words.find((each) => each === text)
  if (word !== undefined) return word
  mistake(
    reader,
    'AGREEMENT_VALUE',
    field.at,
    `\`${text}\` is not a value of \`${field.key}\``,
    suggestWord(text, words),
  )
  return null
}

export function readInteger(field: YamlField, min: number, max: number, reader: YamlReader): number | null {
  const source = isScalar(field.node) && typeof field.node.value === 'number' ? (field.node.source ?? '') : ''
  const value = /^(0|[1-9]\d*)$/.test(source) ? Number(source) : NaN
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  mistake(
    reader,
    'AGREEMENT_NUMBER',
    field.at,
    `\`${field.key}\` is not a whole number from ${min} to ${max}`,
  )
  return null
}

/** The digits of a number as they are written; null (reported) where it is none. */
export function readDigits(field: YamlField, reader: YamlReader): string | null {
  if (isScalar(field.node) && typeof field.node.value === 'number') return field.node.source ?? ''
  mistake(reader, 'AGREEMENT_TYPE', field.at, `\`${field.key}\` is not a number`)
  return null
}

/** A list of texts, each as a field of its own so that it has a place. */
export function readList(field: YamlField, entriesMax: number, reader: YamlReader): YamlField[] | null {
  if (!isSeq(field.node)) {
    mistake(reader, 'AGREEMENT_TYPE', field.at, `\`${field.key}\` is not a list`)
    return null
  }
  if (field.node.items.length > entriesMax) {
    mistake(reader, 'AGREEMENT_LIMIT', field.at, `\`${field.key}\` has more than ${entriesMax} entries`)
    return null
  }
  return field.node.items.map((node) => {
    const at = startOf(node, reader, field.at)
    return { key: field.key, keyAt: at, at, node }
  })
}

export function mistake(
  reader: YamlReader,
  code: DiagnosticCode,
  at: number,
  message: string,
  help?: string,
): void {
  reader.report({ code, at, message, help, clause: reader.clause })
}
