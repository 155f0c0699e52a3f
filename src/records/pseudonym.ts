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
export function pseudonym({ bytes }: WrappingKey, kind: PseudonymKind, id: string): string {
  const key = hmacSha256(bytes, utf8('servanda/pseudonym-key/v1'))
  return hmacSha256(key, utf8(`${kind}\0${id}`)).toString('hex')
}
