/** The reviewers file: who may decide about holds. Strict JSON, parsed whole or not at all. */
import {
  mistakeAt,
  parseBase64,
  parsePlace,
  publicKeyFault,
  requireItems,
  requireMembers,
  requireTitle,
  requireWord,
  requireWords,
} from '../base/index.ts'
import type { JsonPlace } from '../base/index.ts'
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
  /** Roles of its schedule that this person holds. */
  readonly roles: readonly string[]
  /** The unit of its schedule that this person reviews for. */
  readonly unit?: string
  /** Registered callers that are this person: about their calls the person never counts. */
  readonly callers: readonly string[]
}

const reviewersMax = 100

/**
 * Parses a list of reviewers. Throws `ReviewersFileError` with the file and the path to the member:
 * `REVIEWERS_FILE_INVALID` for anything unknown, missing or misshapen, `REVIEWERS_FILE_DUPLICATE` for an id that
 * stands there twice, for a key that stands there twice for one agreement, and for a key of two persons.
 */
export function parseReviewers(source: Uint8Array | string, file: string): readonly RegisteredReviewer[] {
  const place = parsePlace(
    source,
    (path, message, options) =>
      new ReviewersFileError('REVIEWERS_FILE_INVALID', { file, path }, message, options),
  )
  const reviewers = requireItems(place, reviewersMax).map(parseReviewer)
  refuseDuplicates(reviewers, file)
  return reviewers
}

/** What the ledger says of them: persons and callers as keyed digests, no names. */
export function enrolled(
  reviewers: readonly RegisteredReviewer[],
  pseudonym: (kind: 'person' | 'caller', id: string) => string,
): EnrolledReviewer[] {
  return reviewers.map(({ key, person, agreement, levels, roles, unit, callers }) => ({
    key,
    person: pseudonym('person', person),
    agreement,
    levels,
    ...(roles.length > 0 ? { roles } : {}),
    ...(unit === undefined ? {} : { unit }),
    callers: callers.map((caller) => pseudonym('caller', caller)),
  }))
}

function parseReviewer(place: JsonPlace): RegisteredReviewer {
  const required = ['id', 'title', 'person', 'key', 'agreement', 'levels']
  const member = requireMembers(place, required, ['roles', 'unit', 'callers'])
  const unit = member('unit')
  return {
    id: requireWord(member('id')),
    title: requireTitle(member('title')),
    person: requireWord(member('person')),
    key: requireKey(member('key')),
    agreement: requireWord(member('agreement')),
    levels: requireWords(member('levels'), 1),
    roles: wordsOrNone(member('roles')),
    ...(unit.value === undefined ? {} : { unit: requireWord(unit) }),
    callers: wordsOrNone(member('callers')),
  }
}

function wordsOrNone(place: JsonPlace): readonly string[] {
  return place.value === undefined ? [] : requireWords(place, 0)
}

function requireKey(place: JsonPlace): string {
  const text = typeof place.value === 'string' ? place.value : ''
  const wrong = publicKeyFault(parseBase64(text))
  if (wrong !== null) throw mistakeAt(place, keyFaults[wrong])
  return text
}

const keyFaults = {
  length: 'the 32 bytes of an Ed25519 public key are needed, in base64',
  'not-a-point': 'these 32 bytes are not a public key: use one that was generated',
  'small-order': 'anyone can sign for this public key: use one that was generated',
} as const

function refuseDuplicates(reviewers: readonly RegisteredReviewer[], file: string): void {
  for (const [index, one] of reviewers.entries()) {
    const before = reviewers.slice(0, index)
    const refuse = (member: string, message: string): never => {
      const path = `[${index}].${member}`
      throw new ReviewersFileError('REVIEWERS_FILE_DUPLICATE', { file, path }, message)
    }
    if (before.some(({ id }) => id === one.id)) refuse('id', `\`${one.id}\` stands there twice`)
    const sameKey = before.filter(({ key }) => key === one.key)
    if (sameKey.some(({ person }) => person !== one.person)) refuse('key', 'it is the key of two persons')
    if (sameKey.some(({ agreement }) => agreement === one.agreement)) {
      refuse('key', `it stands there twice for \`${one.agreement}\``)
    }
  }
}
