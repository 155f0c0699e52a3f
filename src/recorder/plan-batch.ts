/** Turns what waits into one commit: leaves with index and time, rows to change, and what memory becomes after. */
import { InvariantError, digestOf, messageOf } from '../base/index.ts'
import { formatLeaf, parseLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { RecorderError } from './recorder.ts'
import type { Activation, Admission, OpenedHold, Refusal, Settlement } from './recorder.ts'
import type { ActivationRow, Batch, EntryRow, HoldRow } from './recorder-store.ts'
import type { OpenIntent, SequencerMemory } from './sequencer-memory.ts'

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
 * another digest) is refused here, each ask by itself; a false entry could never be taken out.
 */
export function planBatch(
  asks: readonly WorkerAsk[],
  memory: SequencerMemory,
  { now, origin }: { readonly now: number; readonly origin: string },
): Plan {
  const draft = new Draft(memory, now)
  if (memory.size === 0) draft.add({ kind: 'opened', origin })
  if (memory.unwritten > 0) draft.gap(memory.unwritten)
  const planned = asks.map(({ ask, worker }) => planOne(draft, ask, worker))
  // After the asks: an outcome that has come after all is better than one that says it never came.
  for (const exchange of [...memory.owed].slice(0, dueMax)) draft.interrupt(exchange)
  for (const hold of [...memory.due].slice(0, dueMax)) draft.expire(hold)
  return { batch: draft.batch(), asks: planned, apply: () => draft.apply() }
}

/** INVARIANT: an ask that is refused leaves nothing in the draft, for all its checks come before its first change. */
function planOne(draft: Draft, ask: DurableAsk, worker: number): PlannedAsk {
  try {
    return { entry: draft.plan(ask, worker) }
  } catch (error) {
    if (error instanceof RecorderError) return { refused: error }
    if (error instanceof InvariantError) throw error
    return {
      refused: new RecorderError('RECORDER_CONFLICT', `the entry has no valid form: ${messageOf(error)}`, {
        cause: error,
      }),
    }
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
    const bytes = formatLeaf({ ...leaf, v: 1, seq, time: this.#time })
    parseLeaf(bytes)
    const entry: EntryRow = { seq, time: this.#time, leaf: bytes, ...(sealed ? { sealed } : {}) }
    this.#rows.entries.push(entry)
    return entry
  }

  gap(refusals: number): void {
    this.add({ kind: 'gap', refusals })
    this.#after.push(() => (this.#memory.unwritten -= refusals))
  }

  expire(id: string): void {
    this.#after.push(() => this.#memory.due.delete(id))
    const hold = this.#memory.holds.get(id)
    if (!hold) return
    this.add({ kind: 'hold-expired', exchange: hold.exchange, hold: id })
    this.#rows.holdsExpired.push(id)
    this.#after.push(() => this.#memory.holds.delete(id))
  }

  interrupt(exchange: string): void {
    this.#after.push(() => this.#memory.owed.delete(exchange))
    const intent = this.#openIntent(exchange)
    if (!intent) return
    const { seq } = this.add({ kind: 'outcome', status: 'interrupted', exchange, intent: intent.seq })
    this.#close(intent, { seq, micros: intent.reservedMicros })
  }

  plan(ask: DurableAsk, worker: number): EntryRow {
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

  #admit({ reservation, leaf, sealed }: Admission, worker: number): EntryRow {
    requireStep('intent', leaf, sealed)
    const reserved = this.#memory.purse.claimed(reservation)
    if (!reserved || this.#taken.has(reservation)) throw conflict('the reservation is not open')
    if (this.#memory.intents.has(leaf.exchange) || this.#opened.has(leaf.exchange)) {
      throw conflict('the exchange has an intent already')
    }
    const { agreement, seq: begunUnder } = this.#requireInForce(leaf.agreement)
    if (agreement !== reserved.agreement) throw conflict('the money is reserved under another agreement')
    const entry = this.add(leaf, sealed)
    const { exchange } = leaf
    const { seq } = entry
    const row = { exchange, seq, agreement, reservedMicros: reserved.micros }
    const intent: OpenIntent = { ...row, worker, begunUnder, reservation }
    this.#taken.add(reservation)
    this.#rows.intentsOpened.push(row)
    this.#opened.set(exchange, intent)
    this.#after.push(() => {
      this.#memory.intents.set(exchange, intent)
      if (this.#memory.gone.has(worker)) this.#memory.owed.add(exchange)
    })
    return entry
  }

  #refuse({ leaf, sealed, hold, reservation }: Refusal): EntryRow {
    requireStep('refusal', leaf, sealed)
    this.#requireNewHold(leaf.hold, hold)
    // A call that names no route of any agreement is refused under none.
    if (leaf.agreement !== undefined) this.#requireInForce(leaf.agreement)
    const entry = this.add(leaf, sealed)
    if (hold) this.#hold({ id: hold.id, exchange: leaf.exchange, expiresAt: hold.expiresAt })
    if (reservation !== undefined) this.#after.push(() => this.#memory.purse.release(reservation))
    return entry
  }

  #settle({ leaf, sealed, micros, hold }: Settlement): EntryRow {
    requireStep('outcome', leaf, sealed)
    this.#requireNewHold(leaf.hold, hold)
    const intent = this.#openIntent(leaf.exchange)
    if (!intent) throw conflict('the exchange has no open intent')
    // An amendment does not reach back: an outcome may name the version that its exchange began under.
    if (leaf.agreement === undefined || leaf.agreement !== intent.begunUnder) {
      const { agreement } = this.#requireInForce(leaf.agreement)
      if (agreement !== intent.agreement) throw conflict('the intent is of another agreement')
    }
    const entry = this.add({ ...leaf, intent: intent.seq }, sealed)
    if (hold) this.#hold({ id: hold.id, exchange: leaf.exchange, expiresAt: hold.expiresAt })
    // INVARIANT: what settles is never more than what was reserved, and never less than nothing.
    const settled = Number.isSafeInteger(micros)
      ? Math.min(Math.max(micros, 0), intent.reservedMicros)
      : intent.reservedMicros
    this.#close(intent, { seq: entry.seq, micros: settled })
    return entry
  }

  #activate({ leaf, text }: Activation): EntryRow {
    const { agreement, version, envelope } = leaf
    requireKind('activation', leaf)
    if (digestOf(text) !== leaf.hash) throw conflict('the text is not the one whose digest was given')
    const before = this.#findActivation((row) => row.agreement === agreement)
    if (before && version !== before.version + 1) {
      throw conflict(`version ${version} does not follow version ${before.version}, which is in force`)
    }
    if (!before && leaf.supersedes !== undefined) throw conflict('there is no version before it in this log')
    const entry = this.add({ ...leaf, ...(before ? { supersedes: before.seq } : {}) })
    const row: ActivationRow = { seq: entry.seq, agreement, version, text, envelope }
    this.#rows.activations.push(row)
    this.#after.push(() => this.#memory.activations.push(row))
    return entry
  }

  batch(): Batch {
    return this.#rows
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

  /** The newest activation, with those of this batch, that fits. */
  #findActivation(fits: (row: ActivationRow) => boolean): ActivationRow | undefined {
    return this.#rows.activations.findLast(fits) ?? this.#memory.activations.findLast(fits)
  }

  /** A worker may not have heard yet that a newer version is in force: it asks again under that one. */
  #requireInForce(entry: number | undefined): ActivationRow {
    const named = this.#findActivation(({ seq }) => seq === entry)
    if (!named) throw conflict('it names no entry that puts an agreement into force')
    const newest = this.#findActivation(({ agreement }) => agreement === named.agreement)
    if (newest === named) return named
    throw new RecorderError('RECORDER_UNAVAILABLE', `a newer version of ${named.agreement} is in force`)
  }

  #requireNewHold(named: string | undefined, hold: OpenedHold | undefined): void {
    if (named !== hold?.id) throw conflict('the entry names another hold than is opened')
    if (!hold) return
    if (!Number.isSafeInteger(hold.expiresAt)) throw conflict('the hold has no end')
    const taken = this.#memory.holds.has(hold.id) || this.#rows.holdsOpened.some(({ id }) => id === hold.id)
    if (taken) throw conflict('the hold is open already')
  }

  /** `seq` is the outcome's. */
  #close(intent: OpenIntent, { seq, micros }: { readonly seq: number; readonly micros: number }): void {
    this.#closed.add(intent.exchange)
    this.#rows.intentsClosed.push(intent.exchange)
    this.#rows.spent.push({ seq, agreement: intent.agreement, micros })
    this.#after.push(() => {
      this.#memory.intents.delete(intent.exchange)
      this.#memory.owed.delete(intent.exchange)
      this.#memory.purse.free(intent.reservation)
      this.#memory.purse.spend(intent.agreement, micros)
    })
  }

  #hold(row: HoldRow): void {
    this.#rows.holdsOpened.push(row)
    this.#after.push(() => this.#memory.holds.set(row.id, row))
  }
}

function requireKind(kind: Leaf['kind'], leaf: { readonly kind: string }): void {
  if (leaf.kind !== kind) throw conflict(`the entry is not of the kind \`${kind}\``)
}

/** untrusted: a worker's words. The digest is what a verifier will compare with the sealed record. */
function requireStep(
  kind: Leaf['kind'],
  leaf: { readonly kind: string; readonly record: string },
  sealed: Uint8Array,
): void {
  requireKind(kind, leaf)
  if (digestOf(sealed) !== leaf.record) throw conflict('the sealed record is not the one the entry names')
}

function conflict(message: string): RecorderError {
  return new RecorderError('RECORDER_CONFLICT', message)
}
