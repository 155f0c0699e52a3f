/** Turns what waits into one commit: leaves with index and time, rows to change, and what memory becomes after. */
import { InvariantError, messageOf } from '../base/index.ts'
import type { DurableAsk } from './ask.ts'
import { Draft, conflict } from './draft.ts'
import { decideHold, expireHold } from './plan-holds.ts'
import { planAdmission, planInterruption, planRefusal, planSettlement } from './plan-exchanges.ts'
import { planServing, planServingEnd } from './plan-serving.ts'
import { planActivation, planAnnouncement, planDispute, planOrder } from './plan-standing.ts'
import { RecorderError } from './recorder.ts'
import type { PlainLeaf, Unsequenced } from './recorder.ts'
import type { Batch, EntryRow } from './recorder-store.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

export interface WorkerAsk {
  readonly ask: DurableAsk
  readonly worker: number
}

/** What became of one ask: its entry, or why it is not written. */
export type PlannedAsk = { readonly entry: EntryRow } | { readonly refused: RecorderError }

export interface Plan {
  readonly batch: Batch
  /** One for each ask, in order. */
  readonly asks: readonly PlannedAsk[]
  /** Brings memory to what the rows say once the batch is durable; called once, and only then. */
  apply(): void
}

/** Interrupted outcomes, and expired holds, in one commit at most; the next commits bring the others. */
const dueMax = 1_000

/**
 * Pure but for `apply`: plans against `memory` without changing it, so a commit that fails leaves no trace. What
 * would make the log false for ever (a leaf of no valid form, a version that is no longer in force, a record with
 * another digest, a hold that is used twice) is refused here, each ask by itself; a false entry could never be
 * taken out.
 */
export function planBatch(
  asks: readonly WorkerAsk[],
  memory: SequencerMemory,
  { now, origin }: { readonly now: number; readonly origin: string },
): Plan {
  const draft = new Draft(memory, now)
  if (memory.size === 0) {
    draft.add({ kind: 'opened', origin, ...(memory.role === 'gate' ? { role: 'gate' as const } : {}) })
  }
  if (memory.unwritten > 0) planGap(draft, memory.unwritten)
  // Before the asks: what is over is over for them too, and makes room.
  for (const hold of [...memory.due].slice(0, dueMax)) expireHold(draft, hold)
  const planned = asks.map(({ ask, worker }) => planOne(draft, ask, worker))
  // After the asks: an outcome that has come after all is better than one that says it never came.
  for (const exchange of [...memory.owed].slice(0, dueMax)) planInterruption(draft, exchange)
  return { batch: draft.rows, asks: planned, apply: () => draft.apply() }
}

function planGap(draft: Draft, refusals: number): void {
  draft.add({ kind: 'gap', refusals })
  draft.after(() => (draft.memory.unwritten -= refusals))
}

/** INVARIANT: an ask that is refused leaves nothing in the draft, for all its checks come before its first change. */
function planOne(draft: Draft, ask: DurableAsk, worker: number): PlannedAsk {
  try {
    return { entry: plan(draft, ask, worker) }
  } catch (error) {
    if (error instanceof RecorderError) return { refused: error }
    if (error instanceof InvariantError) throw error
    return { refused: conflict(`the entry has no valid form: ${messageOf(error)}`, error) }
  }
}

function plan(draft: Draft, ask: DurableAsk, worker: number): EntryRow {
  switch (ask.op) {
    case 'admit':
      return planAdmission(draft, ask.admission, worker)
    case 'refuse':
      return planRefusal(draft, ask.refusal)
    case 'settle':
      return planSettlement(draft, ask.settlement)
    case 'activate':
      return planActivation(draft, ask.activation)
    case 'decideHold':
      return decideHold(draft, ask.decision)
    case 'serve':
      return planServing(draft, ask.serving, worker)
    case 'note':
      return planNote(draft, ask.leaf)
  }
}

function planNote(draft: Draft, leaf: Unsequenced<PlainLeaf>): EntryRow {
  switch (leaf.kind) {
    case 'order':
      return planOrder(draft, leaf)
    case 'announced':
      return planAnnouncement(draft, leaf)
    case 'dispute':
      return planDispute(draft, leaf)
    case 'served-end':
      return planServingEnd(draft, leaf)
    case 'turned-away':
      draft.requireRole('gate')
      return draft.add(leaf)
    case 'reviewers':
    case 'certificate':
      return draft.add(leaf)
    // untrusted: a worker's words.
    default:
      throw conflict('an entry of this kind is not for noting')
  }
}
