/** What the sequencer knows beyond the rows: rebuilt from them at every start, changed only after a commit. */
import { Purse } from './purse.ts'
import type { ActivationRow, HoldRow, IntentRow, RecorderState } from './recorder-store.ts'
import type { StandingVersion } from './recorder.ts'

export interface OpenIntent extends IntentRow {
  /** The worker that opened it; 0 for one that an earlier program left behind. */
  readonly worker: number
  /** The entry of the agreement version that it began under; absent for one of an earlier program. */
  readonly begunUnder?: number
  /** The claimed reservation that holds its worst case. */
  readonly reservation: number
}

export interface SequencerMemory {
  size: number
  lastTime: number
  readonly purse: Purse
  readonly intents: Map<string, OpenIntent>
  readonly holds: Map<string, HoldRow>
  /** In the order of the log; the newest of each agreement is in force. */
  readonly activations: ActivationRow[]
  /** Exchanges whose outcome nobody will bring any more: written as interrupted with the next commit. */
  readonly owed: Set<string>
  /** Holds whose time is over: written as expired with the next commit. */
  readonly due: Set<string>
  /** Workers that have gone: an intent of theirs that becomes durable only now is owed its outcome at once. */
  readonly gone: Set<number>
  /** Exchanges that were refused and of which nothing could be written: one gap entry says how many. */
  unwritten: number
}

/** Memory at start: every open intent was left by a program that is gone, so its outcome is owed. */
export function memoryOf(state: RecorderState): SequencerMemory {
  const purse = new Purse(state.spent)
  const intents = state.intents.map((row): OpenIntent => {
    const reservation = purse.reserve(row.agreement, row.reservedMicros, 0)
    purse.claim(reservation.id)
    return { ...row, worker: 0, reservation: reservation.id }
  })
  return {
    size: state.size,
    lastTime: state.lastTime,
    purse,
    intents: new Map(intents.map((intent) => [intent.exchange, intent])),
    holds: new Map(state.holds.map((hold) => [hold.id, hold])),
    activations: [...state.activations],
    owed: new Set(intents.map((intent) => intent.exchange)),
    due: new Set(),
    gone: new Set(),
    unwritten: 0,
  }
}

/** Activations only grow in index, so the newest of them names the version of what is in force. */
export function standingVersion({ activations }: Pick<SequencerMemory, 'activations'>): StandingVersion {
  return activations.at(-1)?.seq ?? -1
}
