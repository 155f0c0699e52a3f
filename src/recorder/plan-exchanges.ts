/** An agency's exchanges: what goes out, what does not, and what became of it. */
import { conflict, requireStep } from './draft.ts'
import type { Draft } from './draft.ts'
import { openHold, redeemHold, requireNewHold, requireOpenHold, withEnd } from './plan-holds.ts'
import { closeIntent, openIntent } from './plan-intents.ts'
import { endServing } from './plan-serving.ts'
import type { Admission, Refusal, Settlement } from './recorder.ts'
import type { EntryRow } from './recorder-store.ts'

export function planAdmission(draft: Draft, admission: Admission, worker: number): EntryRow {
  const { reservation, call, leaf, sealed, judgedUnder } = admission
  const { memory } = draft
  draft.requireRole('agency')
  requireStep('intent', leaf, sealed)
  const reserved = memory.purse.claimed(reservation)
  if (!reserved || draft.taken.has(reservation)) throw conflict('the reservation is not open')
  if (draft.log.hasExchange(leaf.exchange)) throw conflict('the exchange has an intent already')
  const { agreement, seq: begunUnder } = draft.requireRunning(leaf.agreement)
  draft.requireReading(agreement, judgedUnder)
  if (leaf.text !== draft.log.textOf(begunUnder)) throw conflict('its text is not the one that it names')
  if (agreement !== reserved.agreement) throw conflict('the money is reserved under another agreement')
  const hold = redeemHold(draft, leaf, call)
  const entry = draft.add(leaf, sealed)
  const row = { exchange: leaf.exchange, seq: entry.seq, agreement, reservedMicros: reserved.micros }
  draft.taken.add(reservation)
  hold?.close()
  openIntent(draft, { ...row, worker, begunUnder, reservation })
  return entry
}

export function planRefusal(draft: Draft, refusal: Refusal): EntryRow {
  const { leaf, sealed, hold, reservation, judgedUnder } = refusal
  draft.requireRole('agency')
  requireStep('refusal', leaf, sealed)
  // A call that names no route of any agreement is refused under none.
  if (leaf.agreement !== undefined) {
    draft.requireReading(draft.requireInForce(leaf.agreement).agreement, judgedUnder)
  }
  if (hold) requireNewHold(draft, leaf, hold)
  // A repeat of a call that waits is told of the hold that is open for it.
  else if (leaf.hold !== undefined) requireOpenHold(draft, leaf.hold)
  const entry = draft.add(withEnd(leaf, hold), sealed)
  if (hold) openHold(draft, { ...leaf, seq: entry.seq }, hold)
  if (reservation !== undefined) draft.after(() => draft.memory.purse.release(reservation))
  return entry
}

export function planSettlement(draft: Draft, settlement: Settlement): EntryRow {
  const { leaf, sealed, micros, hold, judgedUnder } = settlement
  draft.requireRole('agency')
  requireStep('outcome', leaf, sealed)
  const intent = draft.intents.get(leaf.exchange)
  if (!intent) throw conflict('the exchange has no open intent')
  if (leaf.decision !== 'allow' && leaf.status === 'completed') {
    throw conflict('what was denied or held was not completed')
  }
  // An amendment does not reach back: an outcome may name the version that its exchange began under.
  if (leaf.agreement === undefined || leaf.agreement !== intent.begunUnder) {
    const { agreement } = draft.requireInForce(leaf.agreement)
    if (agreement !== intent.agreement) throw conflict('the intent is of another agreement')
  }
  // An answer that failed or was stopped lets nothing more pass, so that it ended so is written whatever came between.
  if (hold || leaf.status === 'completed') draft.requireReading(intent.agreement, judgedUnder)
  if (hold) requireNewHold(draft, leaf, hold)
  else if (leaf.hold !== undefined) throw conflict('the outcome names a hold that it does not open')
  const entry = draft.add({ ...withEnd(leaf, hold), intent: intent.seq }, sealed)
  if (hold) openHold(draft, { ...leaf, seq: entry.seq }, hold)
  // INVARIANT: what settles is never more than what was reserved, and never less than nothing.
  const settled = Number.isSafeInteger(micros)
    ? Math.min(Math.max(micros, 0), intent.reservedMicros)
    : intent.reservedMicros
  closeIntent(draft, intent, { seq: entry.seq, micros: settled })
  return entry
}

/** Nobody will bring the outcome: the worst case is settled. */
export function planInterruption(draft: Draft, exchange: string): void {
  draft.after(() => draft.memory.owed.delete(exchange))
  const intent = draft.intents.get(exchange)
  if (!intent) return
  if (draft.memory.role === 'gate') {
    endServing(draft, intent, 'interrupted')
    return
  }
  const { seq } = draft.add({ kind: 'outcome', status: 'interrupted', exchange, intent: intent.seq })
  closeIntent(draft, intent, { seq, micros: intent.reservedMicros })
}
