/** The reviewers file: who may decide about holds. Strict JSON, parsed whole or not at all. */
import { messageOf, parseBase64, parseJson } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { ReviewersFileError } from './oversight-error.ts'

/** One line of the file: one key of one person under one agreement. */
export interface RegisteredReviewer {
  readonly id: string
  readonly title: string
  /** The natural person: the same word for all keys of one person. */
  readonly person: string
  /** Raw Ed25519 public key in base64. */
  readonly key: string
  /** Id of the agreement. */
  readonly agreement: string
  /** Levels of its schedule that this person may approve. */
  readonly levels: readonly string[]
  /** Registered callers that are this person: about their calls the person never counts. */
  readonly callers: readonly string[]
}

const reviewersMax = 100
const listMax = 100
const titleCharactersMax = 200

/** A value of the file and where it stands. */
interface Place {
  readonly file: string
  readonly path: string
  readonly value: Json | undefined
}

/**
 * Parses a list of reviewers. Throws `ReviewersFileError` with the file and the path to the member:
 * `REVIEWERS_FILE_INVALID` for anything unknown, missing or misshapen, `REVIEWERS_FILE_DUPLICATE` for an id that
 * stands there twice, for a key that stands there twice for one agreement, and for a key of two persons.
 */
export function parseReviewers(source: Uint8Array | string, file: string): readonly RegisteredReviewer[] {
  const place: Place = { file, path: '', value: parseSource(source, file) }
  const reviewers = requireList(place, reviewersMax).map(parseReviewer)
  refuseDuplicates(place, reviewers)
  return reviewers
}

/** What the ledger says of them: persons and callers as keyed digests, no names. */
export function enrolled(
  reviewers: readonly RegisteredReviewer[],
  pseudonym: (kind: 'person' | 'caller', id: string) => string,
): EnrolledReviewer[] {
  return reviewers.map(({ key, person, agreement, levels, callers }) => ({
    key,
    person: pseudonym('person', person),
    agreement,
    levels,
    callers: callers.map((caller) => pseudonym('caller', caller)),
  }))
}

function parseSource(source: Uint8Array | string, file: string): Json {
  try {
    return parseJson(source)
  } catch (cause) {
    throw new ReviewersFileError('REVIEWERS_FILE_INVALID', { file, path: '' }, messageOf(cause), { cause })
  }
}

function parseReviewer(place: Place): RegisteredReviewer {
  const required = ['id', 'title', 'person', 'key', 'agreement', 'levels']
  const member = requireObject(place, required, ['callers'])
  const callers = member('callers')
  return {
    id: requireWord(member('id')),
    title: requireTitle(member('title')),
    person: requireWord(member('person')),
    key: requireKey(member('key')),
    agreement: requireWord(member('agreement')),
    levels: requireWords(member('levels'), 1),
    callers: callers.value === undefined ? [] : requireWords(callers, 0),
  }
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
  const repeated = words.find((word, index) => words.indexOf(word) !== index)
  if (repeated !== undefined) throw invalid(place, `\`${repeated}\` stands there twice`)
  return words
}

function requireWord(place: Place): string {
  if (typeof place.value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(place.value)) {
    throw invalid(place, 'a word in kebab-case is needed, of at most 63 characters')
  }
  return place.value
}

function requireTitle(place: Place): string {
  const { value } = place
  if (typeof value !== 'string' || value.trim() === '' || value.length > titleCharactersMax) {
    throw invalid(place, `a text of 1 to ${titleCharactersMax} characters is needed`)
  }
  return value
}

function requireKey(place: Place): string {
  if (typeof place.value !== 'string' || parseBase64(place.value)?.length !== 32) {
    throw invalid(place, 'the 32 bytes of an Ed25519 public key are needed, in base64')
  }
  return place.value
}

function refuseDuplicates(place: Place, reviewers: readonly RegisteredReviewer[]): void {
  for (const [index, one] of reviewers.entries()) {
    const before = reviewers.slice(0, index)
    const refuse = (member: string, message: string): never => {
      const path = `${place.path}[${index}].${member}`
      throw new ReviewersFileError('REVIEWERS_FILE_DUPLICATE', { file: place.file, path }, message)
    }
    if (before.some(({ id }) => id === one.id)) refuse('id', `\`${one.id}\` stands there twice`)
    const sameKey = before.filter(({ key }) => key === one.key)
    if (sameKey.some(({ person }) => person !== one.person)) refuse('key', 'it is the key of two persons')
    if (sameKey.some(({ agreement }) => agreement === one.agreement)) {
      refuse('key', `it stands there twice for \`${one.agreement}\``)
    }
  }
}

function invalid({ file, path }: Place, message: string): ReviewersFileError {
  return new ReviewersFileError('REVIEWERS_FILE_INVALID', { file, path }, message)
}
