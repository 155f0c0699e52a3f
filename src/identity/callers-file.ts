/** The callers file: strict JSON, parsed whole or not at all. */
import { unlisted } from '../agreement/index.ts'
import {
  mistakeAt,
  parsePlace,
  requireItems,
  requireMembers,
  requireTitle,
  requireWord,
  requireWords,
} from '../base/index.ts'
import type { JsonPlace } from '../base/index.ts'
import { hashApiKey, newApiKey } from './api-key.ts'
import { CallersFileError } from './caller.ts'
import type { RegisteredCaller } from './caller.ts'

const callersMax = 100_000
const setsMax = 256

/**
 * Parses `{ "callers": [ … ] }`. Throws `CallersFileError` with the file and the path to the member:
 * `CALLERS_FILE_INVALID` for anything unknown, missing or misshapen, `CALLERS_FILE_DUPLICATE` for an id or a
 * key that stands there twice. No message repeats a key hash.
 */
export function parseCallers(source: Uint8Array | string, file: string): readonly RegisteredCaller[] {
  const top = requireMembers(parseFile(source, file), ['callers'])
  return parseList(top('callers'), file, true)
}

/** What `issueKeys` makes: the text of a callers file, and each caller's key by its id, to be handed over. */
export interface IssuedKeys {
  readonly callersFile: string
  readonly keys: ReadonlyMap<string, string>
}

/** Gives a new key to each caller of a JSON list in which callers stand without `keyHash`. Throws as above. */
export function issueKeys(source: Uint8Array | string, file: string): IssuedKeys {
  const drafts = parseList(parseFile(source, file), file, false)
  const keys = new Map(drafts.map((draft) => [draft.id, newApiKey()]))
  const callers = drafts.map((draft) => ({
    ...draft,
    keyHash: hashApiKey(keys.get(draft.id) ?? newApiKey()),
  }))
  return { callersFile: `${JSON.stringify({ callers }, null, 2)}\n`, keys }
}

function parseFile(source: Uint8Array | string, file: string): JsonPlace {
  return parsePlace(
    source,
    (path, message, options) => new CallersFileError('CALLERS_FILE_INVALID', file, path, message, options),
  )
}

function parseList(place: JsonPlace, file: string, withKeys: boolean): readonly RegisteredCaller[] {
  const callers = requireItems(place, callersMax).map((item) => parseCaller(item, withKeys))
  const list = { file, path: place.path, callers }
  refuseDuplicates(list, 'id')
  if (withKeys) refuseDuplicates(list, 'keyHash')
  return callers
}

function parseCaller(place: JsonPlace, withKey: boolean): RegisteredCaller {
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
  const member = requireMembers(place, required, ['chains'])
  return {
    id: requireListed(member('id')),
    title: requireTitle(member('title')),
    keyHash: withKey ? requireKeyHash(member('keyHash')) : '',
    agreements: requireAllListed(member('agreements'), 1),
    units: requireAllListed(member('units'), 1),
    chains: optionalChains(member('chains')),
    purposes: requireAllListed(member('purposes'), 1),
    surface: requireListed(member('surface')),
    consumer: requireListed(member('consumer')),
    provenances: requireProvenances(member('provenances')),
  }
}

/** Without the member the caller acts for nobody but itself. */
function optionalChains(place: JsonPlace): readonly (readonly string[])[] {
  return place.value === undefined ? [[]] : requireSets(place)
}

/**
 * A list of words is short for a set of one word each. `[]`, or `[]` among the sets, states that the caller brings
 * no data of its own, and whoever registers it answers for that; so the member is never left out. Data whose
 * origin nobody has stated is a word of the agreement and no empty list.
 */
function requireProvenances(place: JsonPlace): readonly (readonly string[])[] {
  const items = requireItems(place, setsMax)
  if (items.length === 0) return [[]]
  if (items.some((item) => Array.isArray(item.value))) return requireSets(place)
  return requireAllListed(place, 1).map((word) => [word])
}

function requireSets(place: JsonPlace): readonly (readonly string[])[] {
  const sets = requireItems(place, setsMax).map((item) => requireAllListed(item, 0))
  if (sets.length === 0) throw mistakeAt(place, 'at least one list is needed')
  return sets
}

function requireListed(place: JsonPlace): string {
  const word = requireWord(place)
  if (word === unlisted) throw mistakeAt(place, `\`${unlisted}\` is reserved for what is not registered`)
  return word
}

function requireAllListed(place: JsonPlace, lengthMin: number): readonly string[] {
  return requireWords(place, lengthMin, requireListed)
}

function requireKeyHash(place: JsonPlace): string {
  if (typeof place.value !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(place.value)) {
    throw mistakeAt(place, 'the digest of a key is needed: `sha256:` and 64 hexadecimal digits')
  }
  return place.value
}

interface CallerList {
  readonly file: string
  readonly path: string
  readonly callers: readonly RegisteredCaller[]
}

function refuseDuplicates({ file, path, callers }: CallerList, key: 'id' | 'keyHash'): void {
  const seen = new Map<string, number>()
  for (const [index, caller] of callers.entries()) {
    const first = seen.get(caller[key])
    if (first !== undefined) {
      const message = `the same as of ${path}[${first}]`
      throw new CallersFileError('CALLERS_FILE_DUPLICATE', file, `${path}[${index}].${key}`, message)
    }
    seen.set(caller[key], index)
  }
}
