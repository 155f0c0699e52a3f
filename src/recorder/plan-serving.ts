/** A provider's gate: calls that it passes on, each for an intent of an agency's log that is served once. */
import { parseReceipt } from '../ledger/index.ts'
import type { ServedEndLeaf, ServedStatus } from '../ledger/index.ts'
import { conflict, requireKind } from './draft.ts'
import type { Draft } from './draft.ts'
import { openIntent } from './plan-intents.ts'
import { RecorderError, intentWindowMs } from './recorder.ts'
import type { Serving, Unsequenced } from './recorder.ts'
import type { EntryRow } from './recorder-store.ts'
import type { OpenIntent } from './sequencer-memory.ts'

export function planServing(draft: Draft, { leaf, intent, intentTime }: Serving, worker: number): EntryRow {
  draft.requireRole('gate')
  requireKind('served', leaf)
  const { exchange } = leaf
  const receipt = parseReceipt(leaf.receipt)
  if (receipt.index !== intent || receipt.time !== intentTime) {
    throw conflict('the receipt is for another intent than was named')
  }
  if (Math.abs(draft.time - intentTime) > intentWindowMs) throw reused('the time of the intent is not now')
  if (draft.log.wasServed(receipt.origin, intent)) throw reused('the intent was served before')
  if (draft.intents.has(exchange)) throw reused('the exchange is being served')
  const { agreement } = draft.requireRunning(leaf.agreement)
  const entry = draft.add(leaf)
  openIntent(draft, { exchange, seq: entry.seq, agreement, reservedMicros: 0, worker })
  return entry
}

export function planServingEnd(draft: Draft, leaf: Unsequenced<ServedEndLeaf>): EntryRow {
  draft.requireRole('gate')
  const intent = draft.intents.get(leaf.exchange)
  if (intent?.seq !== leaf.served) throw conflict('no call of this exchange is being served')
  return endServing(draft, intent, leaf.status)
}

export function endServing(draft: Draft, { exchange, seq }: OpenIntent, status: ServedStatus): EntryRow {
  const entry = draft.add({ kind: 'served-end', exchange, served: seq, status })
  draft.rows.intentsClosed.push(exchange)
  draft.intents.delete(exchange)
  draft.after(() => draft.memory.owed.delete(exchange))
  return entry
}

function reused(message: string): RecorderError {
  return new RecorderError('RECORDER_REUSED', message)
}
