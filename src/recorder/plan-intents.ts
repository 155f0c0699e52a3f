/** Intents that wait for their outcome, and calls that wait for their end. */
import type { Draft } from './draft.ts'
import type { OpenIntent } from './sequencer-memory.ts'

/** The entry stands in the draft already. */
export function openIntent(draft: Draft, intent: OpenIntent): void {
  const { memory } = draft
  const { exchange, seq, agreement, reservedMicros, worker } = intent
  draft.rows.intentsOpened.push({ exchange, seq, agreement, reservedMicros })
  draft.intents.set(exchange, intent)
  draft.after(() => {
    if (memory.gone.has(worker) && memory.intents.has(exchange)) memory.owed.add(exchange)
  })
}

/** `seq` is the outcome's. */
export function closeIntent(
  draft: Draft,
  intent: OpenIntent,
  { seq, micros }: { readonly seq: number; readonly micros: number },
): void {
  const { memory, rows } = draft
  const { exchange, agreement, reservation } = intent
  rows.intentsClosed.push(exchange)
  rows.spent.push({ seq, agreement, micros })
  draft.intents.delete(exchange)
  draft.after(() => {
    memory.owed.delete(exchange)
    if (reservation !== undefined) memory.purse.free(reservation)
    memory.purse.spend(agreement, micros)
  })
}
