/** Keyed digests in the place of names: the agency's key tells who is meant, and nobody without it can guess. */
import { utf8 } from '../base/index.ts'
import { hmacSha256 } from './hmac.ts'
import type { WrappingKey } from './sealed-record.ts'

/** What is named: the same word of two kinds gives two digests that nobody can bring together. */
export type PseudonymKind = 'person' | 'caller' | 'call'

/**
 * 64 hex digits, always the same for the same key, kind and id: HMAC-SHA256 (RFC 2104) under a key that is itself
 * derived from the wrapping key, so that nothing computed here is ever used for sealing.
 */
export function pseudonym(wrapping: WrappingKey, kind: PseudonymKind, id: string): string {
  return hmacSha256(derivedFrom(wrapping), utf8(`${kind}\0${id}`)).toString('hex')
}

/** Each call of each caller asks for one, so the key is derived once. */
const derived = new WeakMap<WrappingKey, Buffer>()

function derivedFrom(wrapping: WrappingKey): Buffer {
  const known = derived.get(wrapping)
  if (known) return known
  const key = hmacSha256(wrapping.bytes, utf8('servanda/pseudonym-key/v1'))
  derived.set(wrapping, key)
  return key
}
