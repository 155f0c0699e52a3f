/** Reads a JSON file that people write: whole or not at all, and each mistake is told with the path to it. */
import type { Json } from './canonical-json.ts'
import { messageOf } from './errors.ts'
import { isObject, parseJson } from './json.ts'

/** A value of the file, and where it stands. */
export interface JsonPlace {
  /** Such as `callers[2].units[0]`; empty at the top. */
  readonly path: string
  /** Undefined where an optional member is left out. */
  readonly value: Json | undefined
  readonly mistake: Mistake
}

/** Makes the error that the reader of this file throws. No message repeats a value that may be secret. */
export type Mistake = (path: string, message: string, options?: ErrorOptions) => Error

const wordsMax = 256
const titleCharactersMax = 200

/** The whole of the text. Throws what `mistake` makes where it is not strict JSON. */
export function parsePlace(source: Uint8Array | string, mistake: Mistake): JsonPlace {
  try {
    return { path: '', value: parseJson(source), mistake }
  } catch (cause) {
    throw mistake('', messageOf(cause), { cause })
  }
}

/** The error to throw about this place. */
export function mistakeAt({ path, mistake }: JsonPlace, message: string): Error {
  return mistake(path, message)
}

/** Answers a function that leads to a member, and refuses members that are unknown or missing. */
export function requireMembers(
  place: JsonPlace,
  required: readonly string[],
  optional: readonly string[] = [],
): (key: string) => JsonPlace {
  const object = place.value
  if (!isObject(object)) throw mistakeAt(place, 'an object is needed')
  const member = (key: string): JsonPlace => ({
    path: place.path === '' ? key : `${place.path}.${key}`,
    value: Object.hasOwn(object, key) ? object[key] : undefined,
    mistake: place.mistake,
  })
  for (const key of Object.keys(object)) {
    if (!required.includes(key) && !optional.includes(key))
      throw mistakeAt(member(key), 'there is no such member')
  }
  for (const key of required) {
    if (member(key).value === undefined) throw mistakeAt(member(key), 'the member is missing')
  }
  return member
}

export function requireItems(place: JsonPlace, lengthMax: number): readonly JsonPlace[] {
  if (!Array.isArray(place.value)) throw mistakeAt(place, 'a list is needed')
  if (place.value.length > lengthMax) throw mistakeAt(place, `at most ${lengthMax} items are allowed`)
  const items = place.value as readonly Json[]
  return items.map((value, index) => ({ ...place, path: `${place.path}[${index}]`, value }))
}

/** A word of a schedule, such as the id of a unit. */
export function requireWord(place: JsonPlace): string {
  if (typeof place.value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(place.value)) {
    throw mistakeAt(place, 'a word in kebab-case is needed, of at most 63 characters')
  }
  return place.value
}

/** Distinct words, each as `read` takes it. */
export function requireWords(place: JsonPlace, lengthMin: number, read = requireWord): readonly string[] {
  const words = requireItems(place, wordsMax).map(read)
  if (words.length < lengthMin) throw mistakeAt(place, 'at least one word is needed')
  const repeated = words.find((word, index) => words.indexOf(word) !== index)
  if (repeated !== undefined) throw mistakeAt(place, `\`${repeated}\` stands there twice`)
  return words
}

/** What people read. */
export function requireTitle(place: JsonPlace): string {
  const { value } = place
  if (typeof value !== 'string' || value.trim() === '' || value.length > titleCharactersMax) {
    throw mistakeAt(place, `a text of 1 to ${titleCharactersMax} characters is needed`)
  }
  return value
}
