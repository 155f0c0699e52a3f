/** The sealed subject of a hold, opened: what was held, or nothing. */
import { canonicalJson, digestOf, isObject } from '../base/index.ts'
import { openRecord, pseudonym } from '../records/index.ts'
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
  /** Keyed digest of the caller. */
  readonly caller: string
  readonly rules: readonly string[]
  readonly asks: readonly string[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Throws a `RecordError` where the record was altered or is another's, and `HOLD_FALSE` where what it holds is not
 * what the hold was opened with: then nobody can be shown it, and nothing was approved. What the hold says beside
 * its subject is a row that somebody without any key may have changed, so it is compared with what is sealed.
 */
export function openSubject(
  sealed: Uint8Array,
  hold: SealedHold,
  { origin, recordKey }: { readonly origin: string; readonly recordKey: WrappingKey },
): HoldSubject {
  const { exchange, stage, commitments } = hold
  const step = stage === 'request' ? 'refusal' : 'outcome'
  const { content } = openRecord(sealed, { origin, exchange, step }, recordKey, commitments)
  const held = isObject(content) ? (content['hold'] ?? null) : null
  if (!isObject(held) || digestOf(canonicalJson(held)) !== hold.subject) throw falseHold()
  // INVARIANT: the digest in the hold covers these bytes, and this gateway has written them.
  const subject = held as unknown as HoldSubject
  if (!isRow(hold, subject, recordKey)) throw falseHold()
  return subject
}

function isRow(hold: SealedHold, subject: HoldSubject, recordKey: WrappingKey): boolean {
  const said = { asks: hold.asks, stage: hold.stage, expires: hold.expiresAt }
  const { rules, asks, stage, expires } = subject
  return (
    canonicalJson(said) === canonicalJson({ asks, stage, expires }) &&
    hold.rules.every((rule) => rules.includes(rule)) &&
    hold.caller === pseudonym(recordKey, 'caller', subject.caller)
  )
}

function falseHold(): OversightError {
  return new OversightError('HOLD_FALSE', 'the record of this hold is not what was held')
}
