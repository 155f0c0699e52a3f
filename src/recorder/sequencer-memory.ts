/** What the sequencer knows beyond the rows: rebuilt from rows and entries at every start, changed only after a commit. */
import { invariant } from '../base/index.ts'
import { LayeredMap } from './layered-map.ts'
import type { LogMemory } from './log-memory.ts'
import { OpenHolds } from './open-holds.ts'
import { Purse } from './purse.ts'
import type { ActivationRow, HoldRow, IntentRow, RecorderState } from './recorder-store.ts'
import type { OpenHold, StandingAnswer } from './recorder.ts'

/** Whose gate the log is of: an agency's takes intents, refusals and outcomes, a provider's what it serves. */
export type LogRole = 'agency' | 'gate'

export interface OpenIntent extends IntentRow {
  /** The worker that opened it; 0 for one that an earlier program left behind. */
  readonly worker: number
  /** The entry of the agreement version that it began under; absent for one of an earlier program. */
  readonly begunUnder?: number
  /** The claimed reservation that holds its worst case; absent for a call that is served, which costs nothing here. */
  readonly reservation?: number
}

export interface SequencerMemory {
  readonly role: LogRole
  size: number
  lastTime: number
  readonly purse: Purse
  /** In a gate's log: the calls that are being served. */
  readonly intents: LayeredMap<string, OpenIntent>
  readonly holds: OpenHolds
  /** What the entries alone tell. */
  readonly log: LogMemory
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

export interface Remembered {
  readonly state: RecorderState
  readonly log: LogMemory
  readonly role: LogRole
}

/** Memory at start: every open intent was left by a program that is gone, so its outcome is owed. */
export function memoryOf({ state, log, role }: Remembered): SequencerMemory {
  const purse = new Purse(state.spent)
  const intents = new LayeredMap<string, OpenIntent>()
  for (const row of state.intents) {
    const reservation = purse.reserve(row.agreement, row.reservedMicros, 0).id
    purse.claim(reservation)
    intents.set(row.exchange, { ...row, worker: 0, reservation })
  }
  const holds = new OpenHolds()
  for (const row of state.holds) holds.open(row)
  return {
    role,
    size: state.size,
    lastTime: state.lastTime,
    purse,
    intents,
    holds,
    log,
    activations: [...state.activations],
    owed: new Set(intents.keys()),
    due: new Set(),
    gone: new Set(),
    unwritten: 0,
  }
}

export function openHoldOf(row: HoldRow, { log }: Pick<SequencerMemory, 'log'>): OpenHold {
  return { ...row, approvals: log.approvalsOf(row.id) }
}

/** What is in force, and all that shows it: activations as their rows have them, the rest as the entries tell. */
export function standingOf(
  { log, activations }: Pick<SequencerMemory, 'log'> & Pick<RecorderState, 'activations'>,
  origin: string,
): StandingAnswer {
  return {
    version: log.version,
    origin,
    activations: activations.map(({ seq, text, envelope }) => {
      const entry = log.activated(seq)
      invariant(entry, 'every row of an activation has its entry')
      const { time, judgedBefore, announced } = entry
      return { seq, time, text, envelope, judgedBefore, ...(announced === undefined ? {} : { announced }) }
    }),
    orders: log.orders,
    disputes: log.disputes,
    announced: log.announced,
    reviewers: log.reviewers,
  }
}
