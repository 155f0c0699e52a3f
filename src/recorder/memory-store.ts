/** A store in memory whose commits fail as they are told to, for tests. */
import { StoreError, leavesMax } from './recorder-store.ts'
import type {
  ActivationRow,
  Batch,
  EntryRow,
  HoldRow,
  IntentRow,
  RecorderState,
  RecorderStore,
  SpentRow,
  StoreErrorCode,
} from './recorder-store.ts'

/** What would be on the disk: survives the store that wrote it. */
export class MemoryRows {
  readonly entries: EntryRow[] = []
  readonly intents = new Map<string, IntentRow>()
  readonly spent: SpentRow[] = []
  readonly holds = new Map<string, HoldRow>()
  readonly activations: ActivationRow[] = []

  /** Agreements that have spent something, with the sum. */
  sums(): Map<string, number> {
    const sums = new Map<string, number>()
    for (const { agreement, micros } of this.spent) sums.set(agreement, (sums.get(agreement) ?? 0) + micros)
    return sums
  }
}

export class MemoryStore implements RecorderStore {
  readonly rows: MemoryRows
  /** The batches that were committed, in order. */
  readonly commits: Batch[] = []
  /** What the next commits do: fail with a code, or go through. Empty: all go through. */
  readonly script: (StoreErrorCode | 'ok')[] = []
  /** Set: a commit waits for it before it does anything. */
  gate: Promise<void> | null = null

  constructor(rows = new MemoryRows()) {
    this.rows = rows
  }

  async commit(batch: Batch): Promise<void> {
    await this.gate
    const next = this.script.shift() ?? 'ok'
    if (next !== 'ok') throw new StoreError(next, `the script says ${next}`)
    if (batch.entries.some(({ seq }, i) => seq !== this.rows.entries.length + i)) {
      throw new StoreError('STORE_CONFLICT', 'an index is taken')
    }
    this.#write(batch)
    this.commits.push(batch)
  }

  #write(batch: Batch): void {
    const { entries, intents, spent, holds, activations } = this.rows
    entries.push(...batch.entries)
    for (const row of batch.intentsOpened) intents.set(row.exchange, row)
    for (const exchange of batch.intentsClosed) intents.delete(exchange)
    spent.push(...batch.spent)
    for (const row of batch.holdsOpened) holds.set(row.id, row)
    for (const id of batch.holdsClosed) holds.delete(id)
    activations.push(...batch.activations)
  }

  load(): Promise<RecorderState> {
    const { entries, intents, holds, activations } = this.rows
    return Promise.resolve({
      size: entries.length,
      lastTime: entries.at(-1)?.time ?? 0,
      intents: [...intents.values()],
      holds: [...holds.values()],
      spent: this.rows.sums(),
      activations: [...activations],
    })
  }

  readLeaves(from: number, to: number): Promise<readonly Uint8Array[]> {
    const rows = this.rows.entries.slice(from, Math.min(to, from + leavesMax))
    return Promise.resolve(rows.map(({ leaf }) => leaf))
  }

  readSpent(from: number, to: number): Promise<readonly SpentRow[]> {
    return Promise.resolve(this.rows.spent.filter(({ seq }) => seq >= from && seq < to))
  }

  readSealed(seq: number): Promise<Uint8Array | null> {
    return Promise.resolve(this.rows.entries[seq]?.sealed ?? null)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}
