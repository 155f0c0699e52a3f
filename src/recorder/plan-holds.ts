/** Holds: opened with what is held, decided by reviewers, used up once, or over. */
import type { IntentLeaf, OutcomeLeaf, RefusalLeaf } from '../ledger/index.ts'
import { conflict, requireStep } from './draft.ts'
import type { Draft } from './draft.ts'
import { RecorderError, holdsPerCallerMax } from './recorder.ts'
import type { HoldDecision, NewHold, Unsequenced } from './recorder.ts'
import type { EntryRow, HoldRow } from './recorder-store.ts'

/** Approvals of one hold; more are refused, for each is kept in memory while the hold is open. */
const approvalsMax = 64

type Holding = Unsequenced<RefusalLeaf> | Unsequenced<OutcomeLeaf>

/** Throws `RECORDER_HOLD` or `RECORDER_SUPERSEDED` unless this entry may open this hold. */
export function requireNewHold(draft: Draft, leaf: Holding, hold: NewHold): void {
  requireForm(hold)
  if (leaf.decision !== 'hold') throw conflict('it opens a hold, and its decision is another')
  if (leaf.hold !== hold.id) throw notOpen('the entry names another hold than is opened')
  if (!Number.isSafeInteger(hold.expiresAt) || hold.expiresAt <= draft.time)
    throw notOpen('the hold has no end to come')
  if (draft.log.hasHold(hold.id)) throw notOpen('a hold of this id was opened before')
  const waiting = draft.holds.ofCall(hold.call)
  if (waiting && waiting.expiresAt > draft.time) throw notOpen('a hold is open for this call')
  if (draft.holds.countOf(hold.caller) >= holdsPerCallerMax)
    throw notOpen('the caller has as many holds as it may')
  // A stop and an amendment end holds, so none is opened under what they ended.
  draft.requireRunning(leaf.agreement)
}

/** The entry says when the hold that it opens ends; an end without a hold is none. */
export function withEnd<L extends Holding>(leaf: L, hold: NewHold | undefined): L {
  if (leaf.expires !== undefined && leaf.expires !== hold?.expiresAt) {
    throw conflict('the entry names another end than that of the hold it opens')
  }
  return hold ? { ...leaf, expires: hold.expiresAt } : leaf
}

/** untrusted: a worker's words, which go into a row as they are. */
function requireForm({ id, caller, call, subject, asks }: NewHold): void {
  const texts: readonly unknown[] = [id, caller, call, subject]
  const levels: unknown = asks
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 256
  if (!texts.every(isText) || !Array.isArray(levels) || levels.length > 256 || !levels.every(isText)) {
    throw conflict('the hold has no valid form')
  }
}

/** The entry stands in the draft already, at `seq`. */
export function openHold(draft: Draft, leaf: Holding & { readonly seq: number }, hold: NewHold): void {
  const { exchange, seq, agreement, stage, rules, commitments } = leaf
  if (agreement === undefined) return
  const { id, expiresAt, caller, call, subject, asks } = hold
  const row: HoldRow = {
    ...{ id, expiresAt, caller, call, subject, asks },
    ...{ exchange, seq, agreement, stage, rules, commitments },
  }
  const over = draft.holds.ofCall(call)
  if (over) endHold(draft, over)
  draft.rows.holdsOpened.push(row)
  draft.holds.open(row)
}

export function requireOpenHold(draft: Draft, id: string): HoldRow {
  const hold = draft.holds.get(id)
  if (!hold || hold.expiresAt <= draft.time) throw notOpen('the hold is not open')
  return hold
}

/** Checks that this intent may use up the hold that it names; null where it names none. */
export function redeemHold(
  draft: Draft,
  leaf: Unsequenced<IntentLeaf>,
  call: string | undefined,
): { close(): void } | null {
  if (leaf.hold === undefined) {
    if (leaf.stage === 'answer') throw conflict('an answer is given out for a hold alone')
    return null
  }
  const hold = requireOpenHold(draft, leaf.hold)
  const stage = hold.stage === 'request' ? 'request' : 'answer'
  if (call !== hold.call) throw notOpen('the hold waits for another call')
  if (leaf.agreement !== hold.agreement) throw notOpen('the hold was opened under another agreement')
  if (leaf.stage !== stage) throw notOpen(`the hold is of the stage \`${hold.stage}\``)
  if (draft.log.approvalsOf(hold.id).length === 0) throw notOpen('nobody has approved the hold')
  return { close: () => closeHold(draft, hold) }
}

export function decideHold(draft: Draft, { leaf, sealed }: HoldDecision): EntryRow {
  draft.requireRole('agency')
  requireStep('hold-decided', leaf, sealed)
  const hold = requireOpenHold(draft, leaf.hold)
  if (leaf.exchange !== hold.exchange) throw conflict('the hold is of another exchange')
  if (leaf.verdict === 'approve' && draft.log.approvalsOf(hold.id).length >= approvalsMax) {
    throw conflict('the hold has as many approvals as it may')
  }
  const entry = draft.add(leaf, sealed)
  if (leaf.verdict === 'deny') closeHold(draft, hold)
  return entry
}

/** Its time is over; nothing happens where it is not open any more. */
export function expireHold(draft: Draft, id: string): void {
  draft.after(() => draft.memory.due.delete(id))
  const hold = draft.holds.get(id)
  // The clock may have been set back since: then it is due again later.
  if (hold && hold.expiresAt <= draft.time) endHold(draft, hold)
}

/** Ends every open hold of this agreement, whatever version it was opened under. */
export function endHoldsOf(draft: Draft, agreement: string): void {
  for (const hold of [...draft.holds.values()]) {
    if (draft.log.agreementOf(hold.agreement) === agreement) endHold(draft, hold)
  }
}

function endHold(draft: Draft, hold: HoldRow): void {
  draft.add({ kind: 'hold-expired', exchange: hold.exchange, hold: hold.id })
  closeHold(draft, hold)
}

function closeHold(draft: Draft, hold: HoldRow): void {
  draft.rows.holdsClosed.push(hold.id)
  draft.holds.close(hold)
}

function notOpen(message: string): RecorderError {
  return new RecorderError('RECORDER_HOLD', message)
}
