/**
 * Reads untrusted JSON into exactly the shape a dialect allows. Every field is on a list; every text becomes a
 * part that is screened; what comes out is the judged tree, and nothing but it is sent on.
 */
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'
import type { Part, PartKind } from '../screening/index.ts'

export type DialectErrorCode =
  | 'REQUEST_UNKNOWN_FIELD'
  | 'REQUEST_MISSING_FIELD'
  | 'REQUEST_BAD_VALUE'
  /** Nothing here can look into it, so it is refused instead of passed unseen. */
  | 'REQUEST_UNINSPECTABLE'

export class DialectError extends ServandaError<DialectErrorCode> {
  override readonly name = 'DialectError'
  /** Where in the body, such as `messages[2].content`. */
  readonly place: string

  constructor(code: DialectErrorCode, place: string, message: string) {
    super(code, message)
    this.place = place
  }
}

/** Where the reader stands and what it has collected. */
export interface Reading {
  readonly place: string
  readonly parts: Part[]
  /** Texts read so far, over the whole body. */
  readonly texts: { count: number }
}

/** Every text costs work of its own, however short it is. */
export const textsMax = 4000

export function startReading(): Reading {
  return { place: '', parts: [], texts: { count: 0 } }
}

/** Returns the judged value or throws `DialectError`. */
export type Reader = (value: Json, at: Reading) => Json

type JsonObject = Readonly<Record<string, Json | undefined>>

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function under(at: Reading, member: string | number): Reading {
  const place =
    typeof member === 'number' ? `${at.place}[${member}]` : at.place ? `${at.place}.${member}` : member
  return { ...at, place }
}

export function badValue(at: Reading, expected: string): never {
  throw new DialectError('REQUEST_BAD_VALUE', at.place, `\`${at.place}\` must be ${expected}`)
}

/** A text that is screened as `kind`. */
export function text(kind: PartKind, { charsMax = Infinity } = {}): Reader {
  return (value, at) => {
    const judged = bareText(value, at) as string
    if (judged.length > charsMax) return badValue(at, `a text of at most ${charsMax} characters`)
    at.parts.push({ kind, place: at.place, text: judged })
    return judged
  }
}

/** A text that its caller screens. Throws at the first one too many, before the rest is read. */
export const bareText: Reader = (value, at) => {
  if (typeof value !== 'string') return badValue(at, 'a text')
  if (++at.texts.count > textsMax) return badValue(at, `within the first ${textsMax} texts of a request`)
  return value
}

/** A text that is mostly JSON itself, such as the arguments of a tool call: screened as it stands and as it reads. */
export function jsonText(kind: PartKind): Reader {
  const whole = text(kind)
  return (value, at) => {
    const judged = whole(value, at) as string
    const views = readingsOf(judged)
    if (views === null) {
      throw new DialectError(
        'REQUEST_UNINSPECTABLE',
        at.place,
        `\`${at.place}\` is escaped more than ${escapeLevelsMax} times over; this gateway refuses what it cannot look into`,
      )
    }
    for (const view of views) at.parts.push({ kind, place: at.place, text: view })
    return judged
  }
}

/** JSON within JSON within JSON: deeper than this nobody means it. */
export const escapeLevelsMax = 4

/** What a text reads as once its escapes are resolved, level by level; null where they still resolve at the last. */
export function readingsOf(source: string): readonly string[] | null {
  const views: string[] = []
  for (let last = source; ;) {
    const view = last.includes('\\') ? withoutEscapes(last) : last
    if (view === last) return views
    if (views.length === escapeLevelsMax) return null
    views.push((last = view))
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function readEscape(escape: string): string {
  const char = escape.slice(1)
  return char.length > 1 ? String.fromCharCode(Number.parseInt(char.slice(1), 16)) : (escapes[char] ?? char)
}

/** JSON text as it reads once its escapes are resolved (RFC 8259 §7); what is not valid JSON is read as far as it goes. */
function withoutEscapes(source: string): string {
  return source.replace(/\\(?:u[0-9A-Fa-f]{4}|[^u])/g, readEscape).toWellFormed()
}

export function oneOf(...words: readonly string[]): Reader {
  return (value, at) =>
    typeof value === 'string' && words.includes(value) ? value : badValue(at, `one of ${words.join(', ')}`)
}

export function number(least: number, most: number): Reader {
  return (value, at) =>
    typeof value === 'number' && value >= least && value <= most
      ? value
      : badValue(at, `a number from ${least} to ${most}`)
}

export function integer(least: number, most: number): Reader {
  return (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : badValue(at, `a whole number from ${least} to ${most}`)
}

export const boolean: Reader = (value, at) =>
  typeof value === 'boolean' ? value : badValue(at, 'true or false')

export function nullable(reader: Reader): Reader {
  return (value, at) => (value === null ? null : reader(value, at))
}

export function array(item: Reader, most: number): Reader {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > most) return badValue(at, `a list of at most ${most}`)
    return (value as readonly Json[]).map((member, i) => item(member, under(at, i)))
  }
}

/** An object with these fields and no other; `required` ones must be there. Fields come out in the listed order. */
export function object(fields: Readonly<Record<string, Reader>>, required: readonly string[] = []): Reader {
  return (value, at) => {
    if (!isObject(value)) return badValue(at, 'an object')
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) {
        const place = under(at, name).place
        throw new DialectError(
          'REQUEST_UNKNOWN_FIELD',
          place,
          `\`${place}\` is not a field this gateway passes on`,
        )
      }
    }
    const judged: Record<string, Json> = {}
    for (const [name, reader] of Object.entries(fields)) {
      const member = value[name]
      if (member !== undefined) judged[name] = reader(member, under(at, name))
      else if (required.includes(name)) {
        const place = under(at, name).place
        throw new DialectError('REQUEST_MISSING_FIELD', place, `\`${place}\` is missing`)
      }
    }
    return judged
  }
}

/** Any JSON, such as the schema of a tool: screened as one text, names and values alike. */
export function document(kind: PartKind): Reader {
  return (value, at) => {
    if (!isObject(value)) return badValue(at, 'an object')
    at.parts.push({ kind, place: at.place, text: textsOf(value).join('\n') })
    return value
  }
}

/** Every member name and every text inside, in order. */
function textsOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsOf)
  if (isObject(value)) return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)])
  return []
}
