/**
 * The single writer of a log. It gives each entry its index and time, keeps the money, and turns everything that
 * waits into one durable commit: a commit starts as soon as the last one returned, with whatever has come since.
 */
import type { Clock, Signer } from '../base/index.ts'
import { invariant } from '../base/index.ts'
import { formatReceipt, leafHash, signReceipt } from '../ledger/index.ts'
import type { Frontier } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { RecorderError } from './recorder.ts'
import type { Recorded, Reservation, StandingAnswer, StandingVersion } from './recorder.ts'
import { StoreError } from './recorder-store.ts'
import type { EntryRow, RecorderState, RecorderStore } from './recorder-store.ts'
import { planBatch } from './plan-batch.ts'
import type { PlannedAsk } from './plan-batch.ts'
import { memoryOf, standingVersion } from './sequencer-memory.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

export interface SequencerOptions {
  readonly store: RecorderStore
  readonly clock: Clock
  readonly signer: Signer
  readonly origin: string
  /** What the store held when it was loaded, and the tree over it. */
  readonly state: RecorderState
  readonly tree: Frontier
  /** Asks that may wait for a commit; one more is refused. */
  readonly waitingMax?: number
  /** Asks written in one commit at most. */
  readonly batchMax?: number
}

/** Size and root of the log. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

interface Waiting {
  readonly ask: DurableAsk
  readonly worker: number
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (error: RecorderError) => void
}

export class Sequencer {
  readonly #options: Required<SequencerOptions>
  readonly #memory: SequencerMemory
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null
  #broken: RecorderError | null = null

  private constructor(options: Required<SequencerOptions>, memory: SequencerMemory) {
    this.#options = options
    this.#memory = memory
  }

  /**
   * Goes on where the rows end: opens the log if it is empty, and gives each intent that has no outcome its
   * interrupted one. Throws `RECORDER_DAMAGED` when the clock stands before the last entry by more than a minute.
   */
  static async open(options: SequencerOptions): Promise<Sequencer> {
    const { state } = options
    const now = options.clock.now()
    if (now < state.lastTime - 60_000) {
      throw new RecorderError(
        'RECORDER_DAMAGED',
        `the clock (${new Date(now).toISOString()}) is before the last entry (${new Date(state.lastTime).toISOString()})`,
      )
    }
    const sequencer = new Sequencer({ waitingMax: 10_000, batchMax: 1_000, ...options }, memoryOf(state))
    await sequencer.#write([])
    return sequencer
  }

  /** Size and root of everything that is durable, from the leaves as they were written. */
  head(): TreeHead {
    return { size: this.#memory.size, root: this.#options.tree.root() }
  }

  /** Resolves when the last commit that was under way has ended; rejects when the store is broken. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
    if (this.#broken) throw this.#broken
  }

  reserve(agreement: string, micros: number, worker: number): Reservation {
    return this.#memory.purse.reserve(agreement, micros, worker)
  }

  release(reservation: number): void {
    this.#memory.purse.release(reservation)
  }

  lease(): StandingVersion {
    if (this.#broken) throw this.#broken
    return standingVersion(this.#memory)
  }

  standing(): StandingAnswer {
    return {
      version: standingVersion(this.#memory),
      origin: this.#options.origin,
      activations: this.#memory.activations.map(({ seq, text, envelope }) => ({ seq, text, envelope })),
    }
  }

  /** Queues an ask of `worker`; resolves when it is durable. */
  record(ask: DurableAsk, worker: number): Promise<Recorded> {
    if (this.#broken) return Promise.reject(this.#broken)
    if (this.#waiting.length >= this.#options.waitingMax) {
      this.#countUnwritten(ask)
      return Promise.reject(new RecorderError('RECORDER_UNAVAILABLE', 'too many entries wait to be written'))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, worker, resolve, reject })
      this.#start()
    })
  }

  /** The worker is gone: nobody will settle what it opened, nor release what it reserved. */
  forget(worker: number): void {
    const durable = new Set<number>()
    for (const intent of this.#memory.intents.values()) {
      durable.add(intent.reservation)
      if (intent.worker === worker) this.#memory.owed.add(intent.exchange)
    }
    for (const id of this.#memory.purse.reservedBy(worker)) if (!durable.has(id)) this.release(id)
    this.#start()
  }

  /** Writes what time alone makes due, such as the end of a hold. */
  tick(): void {
    const now = this.#options.clock.now()
    const due = [...this.#memory.holds.values()].some((hold) => hold.expiresAt <= now)
    if (due || this.#memory.unwritten > 0 || this.#memory.owed.size > 0) this.#start()
  }

  #start(): void {
    if (this.#broken) return
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#waiting.length > 0) this.#start()
    })
  }

  async #run(): Promise<void> {
    do {
      // Lets everything that has already arrived join this commit.
      await new Promise((resolve) => setImmediate(resolve))
      const group = this.#waiting.splice(0, this.#options.batchMax)
      try {
        await this.#write(group)
      } catch (thrown) {
        this.#refuseAll(group, thrown)
      }
    } while (this.#waiting.length > 0 && !this.#broken)
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const plan = planBatch(
      group.map(({ ask, worker }) => ({ ask, worker })),
      this.#memory,
      { now: this.#options.clock.now(), origin: this.#options.origin },
    )
    if (plan.batch.entries.length > 0) await this.#options.store.commit(plan.batch)
    for (const entry of plan.batch.entries) this.#options.tree.append(leafHash(entry.leaf))
    plan.apply()
    for (const [i, planned] of plan.asks.entries()) {
      const waiting = group[i]
      invariant(waiting, 'every planned ask has one that waits')
      await this.#answer(waiting, planned)
    }
  }

  async #answer(waiting: Waiting, planned: PlannedAsk): Promise<void> {
    if ('conflict' in planned) {
      waiting.reject(new RecorderError('RECORDER_CONFLICT', planned.conflict))
      return
    }
    waiting.resolve({ seq: planned.entry.seq, receipt: await this.#receipt(planned.entry) })
  }

  async #receipt({ seq, time, leaf }: EntryRow): Promise<string> {
    const { origin, signer } = this.#options
    return formatReceipt(await signReceipt({ origin, index: seq, leafHash: leafHash(leaf), time }, signer))
  }

  #refuseAll(group: readonly Waiting[], thrown: unknown): void {
    const broken = !(thrown instanceof StoreError) || thrown.code !== 'STORE_UNAVAILABLE'
    const error = broken
      ? new RecorderError('RECORDER_DAMAGED', 'the store is in an unknown state', { cause: thrown })
      : new RecorderError('RECORDER_UNAVAILABLE', 'nothing could be written', { cause: thrown })
    if (broken) this.#broken = error
    for (const waiting of group) {
      this.#countUnwritten(waiting.ask)
      waiting.reject(error)
    }
    if (broken) this.#refuseWaiting(error)
  }

  #refuseWaiting(error: RecorderError): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }

  #countUnwritten(ask: DurableAsk): void {
    if (ask.op === 'refuse') {
      this.#memory.unwritten++
      if (ask.refusal.reservation !== undefined) this.#memory.purse.release(ask.refusal.reservation)
    }
    if (ask.op === 'admit') {
      // An intent that could not be written is a refusal to its caller.
      this.#memory.unwritten++
      this.#memory.purse.release(ask.admission.reservation)
    }
    if (ask.op === 'settle') this.#memory.owed.add(ask.settlement.leaf.exchange)
  }
}
