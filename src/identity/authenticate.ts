/** From an API key and the headers beside it to a caller's identity. */
import { unlisted } from '../agreement/index.ts'
import { bearerKey, hashApiKey } from './api-key.ts'
import type { Authentication, CallerIdentity, RegisteredCaller, Selection } from './caller.ts'

/** Answers who calls, or that this is not known. Never throws. */
export type Authenticate = (authorization: string | undefined, selection: Selection) => Authentication

/**
 * The key is looked up by its SHA-256 in a map. The time of that look-up may tell how digests compare, and
 * tells nothing of the key: whoever guesses cannot choose the digest of the guess, so that there is no prefix
 * to find out piece by piece.
 */
export function authenticator(callers: readonly RegisteredCaller[]): Authenticate {
  const byKeyHash = new Map(callers.map((caller) => [caller.keyHash, caller]))
  return function authenticate(authorization, selection) {
    const key = bearerKey(authorization)
    const caller = key === null ? undefined : byKeyHash.get(hashApiKey(key))
    return caller
      ? { ok: true, caller: identityOf(caller, selection) }
      : { ok: false, code: 'UNAUTHENTICATED' }
  }
}

/**
 * INVARIANT: each word of the result is registered for this caller or is `unlisted`, which every agreement
 * denies. So no header makes a call look lighter than what was registered.
 */
export function identityOf(caller: RegisteredCaller, selection: Selection): CallerIdentity {
  return {
    id: caller.id,
    agreements: caller.agreements,
    unit: selectWord(caller.units, selection.unit),
    chain: selectChain(caller.chains, selection.onBehalfOf),
    purpose: selectWord(caller.purposes, selection.purpose),
    surface: caller.surface,
    consumer: caller.consumer,
    provenance: selectProvenance(caller.provenances, selection.provenance),
  }
}

/** The only one needs no selection; of several, one must be named. */
function selectWord(registered: readonly string[], selected: string | undefined): string {
  if (selected === undefined) return registered.length === 1 ? (registered[0] ?? unlisted) : unlisted
  return registered.includes(selected) ? selected : unlisted
}

/** Without a selection: the empty chain if it is registered, else the only one. */
function selectChain(
  registered: readonly (readonly string[])[],
  selected: string | undefined,
): readonly string[] {
  const none = [unlisted]
  if (selected === undefined) {
    return (
      registered.find((chain) => chain.length === 0) ??
      (registered.length === 1 ? registered[0] : none) ??
      none
    )
  }
  const words = wordsOf(selected)
  return registered.find((chain) => sameWords(chain, words)) ?? none
}

/**
 * What is in every registered set is present whatever is declared; a declaration adds. Together they must
 * make up at least one whole registered set, so that several sets and no declaration are `unlisted`.
 */
function selectProvenance(
  registered: readonly (readonly string[])[],
  declared: string | undefined,
): readonly string[] {
  const known = new Set(registered.flat())
  const always = [...known].filter((word) => registered.every((set) => set.includes(word)))
  const words = wordsOf(declared ?? '')
  const present = new Set([...always, ...words.filter((word) => known.has(word))])
  const whole = registered.some((set) => set.every((word) => present.has(word)))
  if (!whole || words.some((word) => !known.has(word))) present.add(unlisted)
  return [...present].sort()
}

function wordsOf(header: string): string[] {
  return header.trim() === '' ? [] : header.split(',').map((word) => word.trim())
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index])
}
