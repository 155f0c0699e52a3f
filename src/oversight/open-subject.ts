/** The sealed subject of a hold, opened: what was held, or nothing. */
import { canonicalJson, digestOf, isObject } from '../base/index.ts'
import { openRecord } from '../records/index.ts'
import type { WrappingKey } from '../records/index.ts'
import { OversightError } from './oversight-error.ts'
import type { HoldSubject } from './subject.ts'

/** What of an open hold says which record it is. */
export interface SealedHold {
  readonly exchange: string
  readonly stage: 'request' | 'tool' | 'answer'
  /** Digest of what is shown and signed. */
  readonly subject: string
  /** Hex root of the commitments of the entry that opened it. */
  readonly commitments: string
}

/**
 * Throws a `RecordError` where the record was altered or is another's, and `HOLD_FALSE` where what it holds is not
 * what the hold was opened with: then nobody can be shown it, and nothing was approved.
 */
export function openSubject(
  sealed: Uint8Array,
  { exchange, stage, subject, commitments }: SealedHold,
  { origin, recordKey }: { readonly origin: string; readonly recordKey: WrappingKey },
): HoldSubject {
  const step = stage === 'request' ? 'refusal' : 'outcome'
  const { content } = openRecord(sealed, { origin, exchange, step }, recordKey, commitments)
  const held = isObject(content) ? (content['hold'] ?? null) : null
  if (!isObject(held) || digestOf(canonicalJson(held)) !== subject) {
    throw new OversightError('HOLD_FALSE', 'the record of this hold is not what was held')
  }
  // INVARIANT: the digest in the hold covers these bytes, and this gateway has written them.
  return held as unknown as HoldSubject
}
