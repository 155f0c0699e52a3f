/** One commit as it is being planned: entries and rows so far, over a memory that stays as it is until `apply`. */
import { digestOf } from '../base/index.ts'
import { writeLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { LayeredMap } from './layered-map.ts'
import { LogMemory } from './log-memory.ts'
import { OpenHolds } from './open-holds.ts'
import { RecorderError } from './recorder.ts'
import type { StandingVersion, Unsequenced } from './recorder.ts'
import type { ActivationRow, Batch, EntryRow } from './recorder-store.ts'
import type { LogRole, OpenIntent, SequencerMemory } from './sequencer-memory.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Row)[] ? Row[] : T[K] }

export class Draft {
  /** As it is before the commit: read here, changed by `apply` alone. */
  readonly memory: SequencerMemory
  /** Of every entry of the commit. */
  readonly time: number
  readonly rows: Mutable<Batch> = {
    entries: [],
    intentsOpened: [],
    intentsClosed: [],
    spent: [],
    holdsOpened: [],
    holdsClosed: [],
    activations: [],
  }
  /** What will be in memory after the commit, for asks that meet in it. */
  readonly intents: LayeredMap<string, OpenIntent>
  readonly holds: OpenHolds
  readonly log: LogMemory
  /** Reservations that an intent of this commit uses up. */
  readonly taken = new Set<number>()
  readonly #after: (() => void)[] = []

  constructor(memory: SequencerMemory, now: number) {
    this.memory = memory
    // Time never falls in the log, whatever the clock does.
    this.time = Math.max(now, memory.lastTime)
    this.intents = new LayeredMap(memory.intents)
    this.holds = new OpenHolds(memory.holds)
    this.log = new LogMemory(memory.log)
  }

  /** INVARIANT: throws before it changes anything. */
  add(unsequenced: Unsequenced<Leaf>, sealed?: Uint8Array): EntryRow {
    const seq = this.memory.size + this.rows.entries.length
    const { bytes, leaf } = writeLeaf({ ...unsequenced, v: 1, seq, time: this.time })
    const entry: EntryRow = { seq, time: this.time, leaf: bytes, ...(sealed ? { sealed } : {}) }
    this.rows.entries.push(entry)
    this.log.add(leaf)
    return entry
  }

  /** Once the commit is durable. */
  after(change: () => void): void {
    this.#after.push(change)
  }

  apply(): void {
    const { memory, rows } = this
    memory.size += rows.entries.length
    if (rows.entries.length > 0) memory.lastTime = this.time
    memory.activations.push(...rows.activations)
    this.intents.settle()
    this.holds.settle()
    this.log.settle()
    for (const change of this.#after) change()
  }

  /** The newest activation, with those of this commit, that fits. */
  findActivation(fits: (row: ActivationRow) => boolean): ActivationRow | undefined {
    return this.rows.activations.findLast(fits) ?? this.memory.activations.findLast(fits)
  }

  requireRole(role: LogRole): void {
    if (this.memory.role !== role)
      throw conflict(`the log of ${nameOf(this.memory.role)} takes no such entry`)
  }

  /** A worker may not have heard yet that a newer version is in force: it judges again under that one. */
  requireInForce(entry: number | undefined): ActivationRow {
    const named = this.findActivation(({ seq }) => seq === entry)
    if (!named) throw conflict('it names no entry that puts an agreement into force')
    const newest = this.findActivation(({ agreement }) => agreement === named.agreement)
    if (newest === named) return named
    throw superseded(`a newer version of ${named.agreement} is in force`)
  }

  /** In force, and no stop order of a party stands against it. */
  requireRunning(entry: number | undefined): ActivationRow {
    const activation = this.requireInForce(entry)
    const { agreement } = activation
    if (this.log.stopsOf(agreement).size > 0) throw superseded(`a stop order for ${agreement} is in force`)
    return activation
  }

  /**
   * Nobody has disputed a clause of the agreement since this was judged: under the reading that acts now the answer may
   * be another.
   */
  requireReading(agreement: string, judgedUnder: StandingVersion): void {
    // untrusted: a worker's words.
    if (!Number.isSafeInteger(judgedUnder)) throw conflict('it does not say under what it was judged')
    if (this.log.disputedAt(agreement) <= judgedUnder) return
    throw superseded(`a clause of ${agreement} has been disputed since it was judged`)
  }
}

function nameOf(role: LogRole): string {
  return role === 'gate' ? "a provider's gate" : "an agency's gate"
}

/** untrusted: a worker's words. */
export function requireKind(kind: Leaf['kind'], leaf: { readonly kind: string }): void {
  if (leaf.kind !== kind) throw conflict(`the entry is not of the kind \`${kind}\``)
}

/** The digest is what a verifier will compare with the sealed record. */
export function requireStep(
  kind: Leaf['kind'],
  leaf: { readonly kind: string; readonly record: string },
  sealed: Uint8Array,
): void {
  requireKind(kind, leaf)
  if (digestOf(sealed) !== leaf.record) throw conflict('the sealed record is not the one the entry names')
}

export function conflict(message: string, cause?: unknown): RecorderError {
  return new RecorderError('RECORDER_CONFLICT', message, { cause })
}

export function superseded(message: string): RecorderError {
  return new RecorderError('RECORDER_SUPERSEDED', message)
}
