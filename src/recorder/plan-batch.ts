/** Turns what waits into one commit: leaves with index and time, rows to change, and what memory becomes after. */
import { LedgerError, formatLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { Activation, Admission, Refusal, Settlement } from './recorder.ts'
import { noChanges } from './recorder-store.ts'
import type { ActivationRow, Batch, EntryRow, HoldRow } from './recorder-store.ts'
import type { OpenIntent, SequencerMemory } from './sequencer-memory.ts'

export interface WorkerAsk {
  readonly ask: DurableAsk
  readonly worker: number
}

/** What became of one ask: its entry, or why it does not fit what was recorded before. */
export type PlannedAsk = { readonly entry: EntryRow } | { readonly conflict: string }

export interface Plan {
  readonly batch: Batch
  /** One for each ask, in order. */
  readonly asks: readonly PlannedAsk[]
  /** Brings memory to what the rows say once the batch is durable; called once, and only then. */
  apply(): void
}

/** Pure but for `apply`: plans against `memory` without changing it, so a commit that fails leaves no trace. */
export function planBatch(
  asks: readonly WorkerAsk[],
  memory: SequencerMemory,
  { now, origin }: { readonly now: number; readonly origin: string },
): Plan {
  const draft = new Draft(memory, now)
  if (memory.size === 0) draft.add({ kind: 'opened', origin })
  if (memory.unwritten > 0) draft.gap(memory.unwritten)
  for (const exchange of memory.owed) draft.interrupt(exchange)
  for (const hold of memory.holds.values()) if (hold.expiresAt <= now) draft.expire(hold)
  const planned = asks.map(({ ask, worker }) => planOne(draft, ask, worker))
  return { batch: draft.batch(), asks: planned, apply: () => draft.apply() }
}

/** An ask whose leaf has no valid form fails alone, and leaves nothing in the draft. */
function planOne(draft: Draft, ask: DurableAsk, worker: number): PlannedAsk {
  try {
    return draft.plan(ask, worker)
  } catch (error) {
    if (error instanceof LedgerError) return { conflict: error.message }
    throw error
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Row)[] ? Row[] : T[K] }
/** `Omit` over each member of the union, so that the kinds stay apart. */
type UnsequencedLeaf = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

class Draft {
  readonly #memory: SequencerMemory
  readonly #time: number
  readonly #rows: Mutable<Batch> = {
    entries: [],
    intentsOpened: [],
    intentsClosed: [],
    spent: [],
    holdsOpened: [],
    holdsExpired: [],
    activations: [],
  }
  /** What the batch itself has opened and closed, for asks that meet in one commit. */
  readonly #opened = new Map<string, OpenIntent>()
  readonly #closed = new Set<string>()
  readonly #taken = new Set<number>()
  readonly #after: (() => void)[] = []

  constructor(memory: SequencerMemory, now: number) {
    this.#memory = memory
    // Time never falls in the log, whatever the clock does.
    this.#time = Math.max(now, memory.lastTime)
  }

  add(leaf: UnsequencedLeaf, sealed?: Uint8Array): EntryRow {
    const seq = this.#memory.size + this.#rows.entries.length
    const bytes = formatLeaf({ ...leaf, v: 1, seq, time: this.#time } as Leaf)
    const entry: EntryRow = { seq, time: this.#time, leaf: bytes, ...(sealed ? { sealed } : {}) }
    this.#rows.entries.push(entry)
    return entry
  }

  gap(refusals: number): void {
    this.add({ kind: 'gap', refusals })
    this.#after.push(() => (this.#memory.unwritten -= refusals))
  }

  expire(hold: HoldRow): void {
    this.add({ kind: 'hold-expired', exchange: hold.exchange, hold: hold.id })
    this.#rows.holdsExpired.push(hold.id)
    this.#after.push(() => this.#memory.holds.delete(hold.id))
  }

  interrupt(exchange: string): void {
    this.#after.push(() => this.#memory.owed.delete(exchange))
    const intent = this.#openIntent(exchange)
    if (!intent) return
    this.add({ kind: 'outcome', status: 'interrupted', exchange, intent: intent.seq })
    this.#close(intent, intent.reservedMicros)
  }

  plan(ask: DurableAsk, worker: number): PlannedAsk {
    switch (ask.op) {
      case 'admit':
        return this.#admit(ask.admission, worker)
      case 'refuse':
        return this.#refuse(ask.refusal)
      case 'settle':
        return this.#settle(ask.settlement)
      case 'activate':
        return this.#activate(ask.activation)
    }
  }

  #admit({ reservation, leaf, sealed }: Admission, worker: number): PlannedAsk {
    const reserved = this.#memory.purse.reserved(reservation)
    if (!reserved || this.#taken.has(reservation)) return { conflict: 'the reservation is not open' }
    if (this.#openIntent(leaf.exchange)) return { conflict: 'the exchange has an intent already' }
    this.#taken.add(reservation)
    const entry = this.add(leaf, sealed)
    const intent: OpenIntent = {
      exchange: leaf.exchange,
      seq: entry.seq,
      agreement: reserved.agreement,
      reservedMicros: reserved.micros,
      worker,
      reservation,
    }
    this.#rows.intentsOpened.push(rowOf(intent))
    this.#opened.set(intent.exchange, intent)
    this.#after.push(() => this.#memory.intents.set(intent.exchange, intent))
    return { entry }
  }

  #refuse({ leaf, sealed, hold, reservation }: Refusal): PlannedAsk {
    const entry = this.add(leaf, sealed)
    if (hold) this.#hold({ id: hold.id, exchange: leaf.exchange, expiresAt: hold.expiresAt })
    if (reservation !== undefined) this.#after.push(() => this.#memory.purse.release(reservation))
    return { entry }
  }

  #settle({ leaf, sealed, micros, hold }: Settlement): PlannedAsk {
    const intent = this.#openIntent(leaf.exchange)
    if (!intent) return { conflict: 'the exchange has no open intent' }
    const entry = this.add({ ...leaf, intent: intent.seq }, sealed)
    if (hold) this.#hold({ id: hold.id, exchange: leaf.exchange, expiresAt: hold.expiresAt })
    // INVARIANT: what settles is never more than what was reserved, and never less than nothing.
    const settled = Number.isSafeInteger(micros)
      ? Math.min(Math.max(micros, 0), intent.reservedMicros)
      : intent.reservedMicros
    this.#close(intent, settled)
    return { entry }
  }

  #activate({ leaf, text }: Activation): PlannedAsk {
    const all = [...this.#memory.activations, ...this.#rows.activations]
    const before = all.findLast(({ agreement }) => agreement === leaf.agreement)
    if (before && leaf.version !== before.version + 1) {
      return {
        conflict: `version ${leaf.version} does not follow version ${before.version}, which is in force`,
      }
    }
    const entry = this.add({ ...leaf, ...(before ? { supersedes: before.seq } : {}) })
    const { agreement, version, envelope } = leaf
    const row: ActivationRow = { seq: entry.seq, agreement, version, text, envelope }
    this.#rows.activations.push(row)
    this.#after.push(() => this.#memory.activations.push(row))
    return { entry }
  }

  batch(): Batch {
    return { ...noChanges, ...this.#rows }
  }

  apply(): void {
    this.#memory.size += this.#rows.entries.length
    if (this.#rows.entries.length > 0) this.#memory.lastTime = this.#time
    for (const change of this.#after) change()
  }

  #openIntent(exchange: string): OpenIntent | undefined {
    if (this.#closed.has(exchange)) return undefined
    return this.#opened.get(exchange) ?? this.#memory.intents.get(exchange)
  }

  #close(intent: OpenIntent, micros: number): void {
    this.#closed.add(intent.exchange)
    this.#rows.intentsClosed.push(intent.exchange)
    if (micros > 0) this.#rows.spent.push({ agreement: intent.agreement, micros })
    this.#after.push(() => {
      this.#memory.intents.delete(intent.exchange)
      this.#memory.purse.release(intent.reservation)
      this.#memory.purse.spend(intent.agreement, micros)
    })
  }

  #hold(row: HoldRow): void {
    this.#rows.holdsOpened.push(row)
    this.#after.push(() => this.#memory.holds.set(row.id, row))
  }
}

function rowOf({ exchange, seq, agreement, reservedMicros }: OpenIntent) {
  return { exchange, seq, agreement, reservedMicros }
}
