/** Strict JSON: what two parsers could read differently is refused. */
import { ServandaError } from './errors.ts'
import type { Json } from './canonical-json.ts'

export type JsonErrorCode = 'JSON_INVALID' | 'JSON_DUPLICATE_KEY' | 'JSON_TOO_DEEP'

export class JsonError extends ServandaError<JsonErrorCode> {
  override readonly name = 'JsonError'
}

export type JsonObject = Readonly<Record<string, Json | undefined>>

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses UTF-8 JSON (RFC 8259) and refuses what RFC 7493 (I-JSON) warns of: invalid UTF-8, lone surrogates,
 * a member named twice, numbers beyond a double's range, and nesting deeper than `depthMax`. Messages never
 * repeat the text, which may be confidential.
 */
export function parseJson(source: Uint8Array | string, { depthMax = 32 } = {}): Json {
  const text = typeof source === 'string' ? source : decode(source)
  requireFlat(text, depthMax)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new JsonError('JSON_INVALID', 'the text is not valid JSON', { cause })
  }
  checkMembers(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new JsonError('JSON_INVALID', 'the text is not valid UTF-8', { cause })
  }
}

/** Before the text is parsed at all, for the parser's work on brackets alone is what an attacker buys cheapest. */
function requireFlat(text: string, depthMax: number): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22 /* " */) i = endOfString(text, i)
    else if (char === 0x7b /* { */ || char === 0x5b /* [ */) depth++
    else if (char === 0x7d /* } */ || char === 0x5d /* ] */) depth--
    if (depth > depthMax) throw new JsonError('JSON_TOO_DEEP', `nested deeper than ${depthMax} levels`)
  }
}

/** One pass over text that JSON.parse has accepted; a string after `{` or `,` inside an object is a key. */
function checkMembers(text: string): void {
  const open: (Set<string> | null)[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22 /* " */) {
      const end = endOfString(text, i)
      const raw = text.slice(i, end + 1)
      const keys = open.at(-1)
      if (expectKey && keys) {
        const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)
        if (keys.has(key)) throw new JsonError('JSON_DUPLICATE_KEY', 'a member is named twice in one object')
        keys.add(key)
      }
      checkWellFormed(raw)
      expectKey = false
      i = end
    } else if (char === 0x7b /* { */ || char === 0x5b /* [ */) {
      open.push(char === 0x7b ? new Set() : null)
      expectKey = char === 0x7b
    } else if (char === 0x7d /* } */ || char === 0x5d /* ] */) {
      open.pop()
      expectKey = false
    } else if (char === 0x2c /* , */) {
      expectKey = open.at(-1) !== null
    } else if (char >= 0x30 /* 0 */ && char <= 0x39 /* 9 */) {
      const end = endOfNumber(text, i)
      checkRange(text, i, end)
      i = end - 1
    }
  }
}

function checkWellFormed(raw: string): void {
  const text = raw.includes('\\u') ? (JSON.parse(raw) as string) : raw
  if (!text.isWellFormed()) throw new JsonError('JSON_INVALID', 'a text holds a lone surrogate')
}

/** Past the last character of the number that `start` lies in. */
function endOfNumber(text: string, start: number): number {
  let i = start + 1
  while (isNumberPart(text.charCodeAt(i))) i++
  return i
}

function isNumberPart(char: number): boolean {
  return (
    (char >= 0x30 && char <= 0x39) ||
    char === 0x2e ||
    char === 0x2b ||
    char === 0x2d ||
    (char | 0x20) === 0x65
  )
}

/** What JSON.parse reads as infinite would be written as `null`. The shortest such number is `1e309`. */
function checkRange(text: string, start: number, end: number): void {
  if (end - start >= 5 && !Number.isFinite(Number(text.slice(start, end)))) {
    throw new JsonError('JSON_INVALID', 'a number is out of range')
  }
}

/** The index of the closing quotation mark, or past the end where there is none. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c /* \ */ ? 2 : 1
  return i
}
