/** The contract of what keeps a recorder's rows. Implementations live in `store/` and pass one common suite. */
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'
import type { OpenHold } from './recorder.ts'

export type StoreErrorCode =
  /** Nothing was written, and the store is whole: disk full, locked, out of connections. */
  | 'STORE_UNAVAILABLE'
  /** Another process works in the directory, so nothing was opened. */
  | 'STORE_LOCKED'
  /** Nothing was written: another writer has taken one of the indexes. */
  | 'STORE_CONFLICT'
  /** Whether it was written is unknown. The only safe answer is to stop and recover at start. */
  | 'STORE_BROKEN'

export class StoreError extends ServandaError<StoreErrorCode> {
  override readonly name = 'StoreError'
}

export interface EntryRow {
  readonly seq: number
  readonly time: number
  readonly leaf: Uint8Array
  /** The sealed record; absent for entries that have none. */
  readonly sealed?: Uint8Array
}

export interface IntentRow {
  readonly exchange: string
  readonly seq: number
  /** Id of the agreement whose money is reserved. */
  readonly agreement: string
  readonly reservedMicros: number
}

/** What an outcome cost. */
export interface SpentRow {
  /** The outcome's entry. */
  readonly seq: number
  /** Id of the agreement whose money it is. */
  readonly agreement: string
  readonly micros: number
}

/** An open hold, without its approvals: those stand in the log. */
export type HoldRow = Omit<OpenHold, 'approvals'>

export interface ActivationRow {
  readonly seq: number
  readonly agreement: string
  readonly version: number
  readonly text: string
  readonly envelope: Json
}

/** Everything one commit changes. */
export interface Batch {
  /** Consecutive from the store's size. */
  readonly entries: readonly EntryRow[]
  readonly intentsOpened: readonly IntentRow[]
  /** Exchanges whose intent has its outcome. */
  readonly intentsClosed: readonly string[]
  /** One for each outcome, also where it cost nothing; kept for ever, so that one that is gone is noticed. */
  readonly spent: readonly SpentRow[]
  readonly holdsOpened: readonly HoldRow[]
  /** Ids of holds that are over: expired, denied or redeemed. */
  readonly holdsClosed: readonly string[]
  readonly activations: readonly ActivationRow[]
}

/** Everything a recorder needs to go on where another stopped. */
export interface RecorderState {
  readonly size: number
  /** Time of the last entry; 0 when there is none. */
  readonly lastTime: number
  readonly intents: readonly IntentRow[]
  readonly holds: readonly HoldRow[]
  /** The sum of each agreement's rows. */
  readonly spent: ReadonlyMap<string, number>
  /** All there ever were, by index: the newest of each agreement is in force, the others verify it. */
  readonly activations: readonly ActivationRow[]
}

/** The most that `readLeaves` gives at a time. */
export const leavesMax = 4096

/**
 * `commit` is all or nothing and durable once it returns: the rows are on stable storage, so a power cut loses
 * none of them. It throws `StoreError`; after `STORE_BROKEN` the store is not used again by this process.
 * One recorder writes; anyone may read at the same time and sees whole commits only.
 */
export interface RecorderStore extends AsyncDisposable {
  load(): Promise<RecorderState>
  commit(batch: Batch): Promise<void>
  /**
   * Leaves from `from` up to but not including `to`, in order: as many as there are, at most `leavesMax` at a time.
   */
  readLeaves(from: number, to: number): Promise<readonly Uint8Array[]>
  /** What the outcomes from `from` up to but not including `to` cost, in order; at most `leavesMax` apart. */
  readSpent(from: number, to: number): Promise<readonly SpentRow[]>
  readSealed(seq: number): Promise<Uint8Array | null>
}

export const noChanges: Omit<Batch, 'entries'> = {
  intentsOpened: [],
  intentsClosed: [],
  spent: [],
  holdsOpened: [],
  holdsClosed: [],
  activations: [],
}
