/** Reads what a gate answers on its control socket: each member as it is documented, or nothing at all. */
import { isObject, mistakeAt, requireItems, requireMembers } from '../base/index.ts'
import type { Json, JsonObject, JsonPlace } from '../base/index.ts'
import { CliError } from './cli-error.ts'

/** Answers the value in this place; throws `CLI_UNANSWERED` where it is none of its kind. */
export type Read<T> = (place: JsonPlace) => T

const itemsMax = 100_000
/** The last millisecond of ECMAScript's calendar. */
const timeMax = 8_640_000_000_000_000

/** Whoever answers at the socket may be no gate of this version, so nothing of the answer is believed before. */
export function readAnswer<T>(answer: Json, read: Read<T>): T {
  return read({ path: '', value: answer, mistake: misshapen })
}

function misshapen(path: string, message: string): CliError {
  const at = path === '' ? '' : `, \`${path}\``
  return new CliError('CLI_UNANSWERED', `the answer has not the documented form${at}: ${message}`)
}

export const text: Read<string> = (place) => {
  if (typeof place.value === 'string') return place.value
  throw mistakeAt(place, 'a text is needed')
}

export const flag: Read<boolean> = (place) => {
  if (typeof place.value === 'boolean') return place.value
  throw mistakeAt(place, 'true or false is needed')
}

export const count: Read<number> = (place) => {
  const { value } = place
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw mistakeAt(place, 'a whole number is needed')
}

/** In milliseconds since the epoch. */
export const time: Read<number> = (place) => {
  const value = count(place)
  if (value <= timeMax) return value
  throw mistakeAt(place, 'a time is needed')
}

export const json: Read<Json> = (place) => {
  if (place.value !== undefined) return place.value
  throw mistakeAt(place, 'the member is missing')
}

export function oneOf<const T extends Json>(...allowed: readonly T[]): Read<T> {
  return (place) => {
    const found = allowed.find((one) => one === place.value)
    if (found !== undefined) return found
    throw mistakeAt(place, `one of ${allowed.map(String).join(', ')} is needed`)
  }
}

export function orNull<T>(read: Read<T>): Read<T | null> {
  return (place) => (place.value === null ? null : read(place))
}

export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (place) => requireItems(place, itemsMax).map(read)
}

/** An object of any names. */
export function mapOf<T>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (place) => {
    const object = requireObject(place)
    const names = Object.keys(object)
    return Object.fromEntries(names.map((name) => [name, read(memberOf(place, object, name))]))
  }
}

type Members<T> = { readonly [Name in keyof T]-?: Read<T[Name]> }

/** What else stands in it is left out. */
export function objectOf<T extends object>(members: Members<T>): Read<T> {
  const names = Object.keys(members) as (keyof T & string)[]
  return (place) => {
    const object = requireObject(place)
    const read = names.map((name) => [name, members[name](memberOf(place, object, name))] as const)
    // INVARIANT: every member is there, as its own reader answered it.
    return Object.fromEntries(read) as T
  }
}

/** The same, and nothing else may stand in it: for what people sign, which must be what they were shown. */
export function exactly<T extends object>(members: Members<T>): Read<T> {
  const read = objectOf(members)
  return (place) => {
    requireMembers(place, Object.keys(members))
    return read(place)
  }
}

function requireObject(place: JsonPlace): JsonObject {
  if (isObject(place.value)) return place.value
  throw mistakeAt(place, 'an object is needed')
}

function memberOf(place: JsonPlace, object: JsonObject, name: string): JsonPlace {
  const path = place.path === '' ? name : `${place.path}.${name}`
  return { ...place, path, value: Object.hasOwn(object, name) ? object[name] : undefined }
}
