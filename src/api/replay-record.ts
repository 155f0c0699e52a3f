/** What a sealed record gives to judge by, once it is known to be the one that was logged. */
import { digestOf, isObject } from '../base/index.ts'
import { parseJudgedActs } from '../decision/index.ts'
import type { JudgedAct } from '../decision/index.ts'
import type { IntentLeaf, OutcomeLeaf, RefusalLeaf } from '../ledger/index.ts'
import { RecordError, openRecord } from '../records/index.ts'
import type { RecordContent, RecordErrorCode, WrappingKey } from '../records/index.ts'
import type { Unreadable } from './replay-report.ts'

/** A step of an exchange that was decided. */
export type DecidedLeaf = IntentLeaf | RefusalLeaf | OutcomeLeaf

export interface JudgedStep {
  readonly unit: string
  readonly acts: readonly JudgedAct[]
}

const whyUnreadable = {
  RECORD_UNREADABLE: 'altered',
  RECORD_FALSE: 'altered',
  RECORD_OTHER_KEY: 'other-key',
} as const satisfies Record<RecordErrorCode, Unreadable>

/** What it was judged by, or why nobody can say. */
export function readStep(
  leaf: DecidedLeaf,
  sealed: Uint8Array | null,
  { origin, recordKey }: { readonly origin: string; readonly recordKey: WrappingKey },
): JudgedStep | Unreadable {
  if (sealed === null) return 'gone'
  // The commitments cover the fields alone; this digest covers the facts.
  if (digestOf(sealed) !== leaf.record) return 'altered'
  const opened = open(leaf, sealed, origin, recordKey)
  if (typeof opened === 'string') return opened
  const { fields, content } = opened
  const acts = isObject(content) ? parseJudgedActs(content['facts']) : null
  return acts === null ? 'no-facts' : { unit: fields.unit, acts }
}

function open(
  { exchange, kind, commitments }: DecidedLeaf,
  sealed: Uint8Array,
  origin: string,
  key: WrappingKey,
): RecordContent | Unreadable {
  try {
    return openRecord(sealed, { origin, exchange, step: kind }, key, commitments)
  } catch (error) {
    if (error instanceof RecordError) return whyUnreadable[error.code]
    throw error
  }
}
