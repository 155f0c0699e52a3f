/** The callers file: strict JSON, parsed whole or not at all. */
import { unlisted } from '../agreement/index.ts'
import { messageOf, parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { hashApiKey, newApiKey } from './api-key.ts'
import { CallersFileError } from './caller.ts'
import type { RegisteredCaller } from './caller.ts'

const callersMax = 100_000
const listMax = 256
const titleCharactersMax = 200

interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** A value of the file and where it stands. */
interface Place {
  readonly file: string
  readonly path: string
  readonly value: Json | undefined
}

/**
 * Parses `{ "callers": [ … ] }`. Throws `CallersFileError` with the file and the path to the member:
 * `CALLERS_FILE_INVALID` for anything unknown, missing or misshapen, `CALLERS_FILE_DUPLICATE` for an id or a
 * key that stands there twice. No message repeats a key hash.
 */
export function parseCallers(source: Uint8Array | string, file: string): readonly RegisteredCaller[] {
  const top = requireObject({ file, path: '', value: parseSource(source, file) }, ['callers'])
  return parseList(top('callers'), true)
}

/** What `issueKeys` makes: the text of a callers file, and each caller's key by its id, to be handed over. */
export interface IssuedKeys {
  readonly callersFile: string
  readonly keys: ReadonlyMap<string, string>
}

/** Gives a new key to each caller of a JSON list in which callers stand without `keyHash`. Throws as above. */
export function issueKeys(source: Uint8Array | string, file: string): IssuedKeys {
  const drafts = parseList({ file, path: '', value: parseSource(source, file) }, false)
  const keys = new Map(drafts.map((draft) => [draft.id, newApiKey()]))
  const callers = drafts.map((draft) => ({
    ...draft,
    keyHash: hashApiKey(keys.get(draft.id) ?? newApiKey()),
  }))
  return { callersFile: `${JSON.stringify({ callers }, null, 2)}\n`, keys }
}

function parseSource(source: Uint8Array | string, file: string): Json {
  try {
    return parseJson(source)
  } catch (cause) {
    throw new CallersFileError('CALLERS_FILE_INVALID', file, '', messageOf(cause), { cause })
  }
}

function parseList(place: Place, withKeys: boolean): readonly RegisteredCaller[] {
  const callers = requireList(place, callersMax).map((item) => parseCaller(item, withKeys))
  refuseDuplicates(place, callers, 'id')
  if (withKeys) refuseDuplicates(place, callers, 'keyHash')
  return callers
}

function parseCaller(place: Place, withKey: boolean): RegisteredCaller {
  const required = [
    'id',
    'title',
    'agreements',
    'units',
    'purposes',
    'surface',
    'consumer',
    'provenances',
    ...(withKey ? ['keyHash'] : []),
  ]
  const member = requireObject(place, required, ['chains'])
  return {
    id: requireWord(member('id')),
    title: requireTitle(member('title')),
    keyHash: withKey ? requireKeyHash(member('keyHash')) : '',
    agreements: requireWords(member('agreements'), 1),
    units: requireWords(member('units'), 1),
    chains: optionalChains(member('chains')),
    purposes: requireWords(member('purposes'), 1),
    surface: requireWord(member('surface')),
    consumer: requireWord(member('consumer')),
    provenances: requireProvenances(member('provenances')),
  }
}

/** Without the member the caller acts for nobody but itself. */
function optionalChains(place: Place): readonly (readonly string[])[] {
  return place.value === undefined ? [[]] : requireSets(place)
}

/**
 * A list of words is short for a set of one word each. `[]`, or `[]` among the sets, states that the caller brings
 * no data of its own, and whoever registers it answers for that; so the member is never left out. Data whose
 * origin nobody has stated is a word of the agreement and no empty list.
 */
function requireProvenances(place: Place): readonly (readonly string[])[] {
  const items = requireList(place, listMax)
  if (items.length === 0) return [[]]
  if (items.some((item) => Array.isArray(item.value))) return requireSets(place)
  return requireWords(place, 1).map((word) => [word])
}

function requireSets(place: Place): readonly (readonly string[])[] {
  const sets = requireList(place, listMax).map((item) => requireWords(item, 0))
  if (sets.length === 0) throw invalid(place, 'at least one list is needed')
  return sets
}

/** Answers a function that leads to a member, and refuses members that are unknown or missing. */
function requireObject(
  place: Place,
  required: readonly string[],
  optional: readonly string[] = [],
): (key: string) => Place {
  const { value } = place
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(place, 'an object is needed')
  const object = value as JsonObject
  const member = (key: string): Place => ({
    file: place.file,
    path: place.path === '' ? key : `${place.path}.${key}`,
    value: Object.hasOwn(object, key) ? object[key] : undefined,
  })
  for (const key of Object.keys(object)) {
    if (!required.includes(key) && !optional.includes(key))
      throw invalid(member(key), 'there is no such member')
  }
  for (const key of required) {
    if (member(key).value === undefined) throw invalid(member(key), 'the member is missing')
  }
  return member
}

function requireList(place: Place, lengthMax: number): readonly Place[] {
  if (!Array.isArray(place.value)) throw invalid(place, 'a list is needed')
  if (place.value.length > lengthMax) throw invalid(place, `at most ${lengthMax} items are allowed`)
  const items = place.value as readonly Json[]
  return items.map((value, index) => ({ file: place.file, path: `${place.path}[${index}]`, value }))
}

function requireWords(place: Place, lengthMin: number): readonly string[] {
  const words = requireList(place, listMax).map(requireWord)
  if (words.length < lengthMin) throw invalid(place, 'at least one word is needed')
  const repeated = words.findIndex((word, index) => words.indexOf(word) !== index)
  if (repeated >= 0) throw invalid(place, `\`${words[repeated] ?? ''}\` stands there twice`)
  return words
}

function requireWord(place: Place): string {
  if (typeof place.value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(place.value)) {
    throw invalid(place, 'a word in kebab-case is needed, of at most 63 characters')
  }
  if (place.value === unlisted) throw invalid(place, `\`${unlisted}\` is reserved for what is not registered`)
  return place.value
}

function requireTitle(place: Place): string {
  const { value } = place
  if (typeof value !== 'string' || value.trim() === '' || value.length > titleCharactersMax) {
    throw invalid(place, `a text of 1 to ${titleCharactersMax} characters is needed`)
  }
  return value
}

function requireKeyHash(place: Place): string {
  if (typeof place.value !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(place.value)) {
    throw invalid(place, 'the digest of a key is needed: `sha256:` and 64 hexadecimal digits')
  }
  return place.value
}

function refuseDuplicates(place: Place, callers: readonly RegisteredCaller[], key: 'id' | 'keyHash'): void {
  const seen = new Map<string, number>()
  for (const [index, caller] of callers.entries()) {
    const first = seen.get(caller[key])
    if (first !== undefined) {
      const path = `${place.path}[${index}].${key}`
      throw new CallersFileError(
        'CALLERS_FILE_DUPLICATE',
        place.file,
        path,
        `the same as of ${place.path}[${first}]`,
      )
    }
    seen.set(caller[key], index)
  }
}

function invalid(place: Place, message: string): CallersFileError {
  return new CallersFileError('CALLERS_FILE_INVALID', place.file, place.path, message)
}
