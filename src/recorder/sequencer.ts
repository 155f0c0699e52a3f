/**
 * The single writer of a log. It gives each entry its index and time, keeps the money, and turns everything that
 * waits into one durable commit: a commit starts as soon as the last one returned, with whatever has come since.
 */
import type { Clock, Signer } from '../base/index.ts'
import { invariant, messageOf } from '../base/index.ts'
import { issueReceipt, leafHash } from '../ledger/index.ts'
import type { Frontier } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { LogMemory } from './log-memory.ts'
import { RecorderError } from './recorder.ts'
import type {
  LeaseAnswer,
  OpenHold,
  Recorded,
  RecorderErrorCode,
  Reservation,
  StandingAnswer,
  StandingVersion,
} from './recorder.ts'
import { StoreError } from './recorder-store.ts'
import type { EntryRow, RecorderState, RecorderStore } from './recorder-store.ts'
import { planBatch } from './plan-batch.ts'
import type { Plan } from './plan-batch.ts'
import { memoryOf, openHoldOf, standingOf } from './sequencer-memory.ts'
import { WaitingAsks, requireForm } from './waiting-asks.ts'
import type { Waiting } from './waiting-asks.ts'
import type { LogRole, SequencerMemory } from './sequencer-memory.ts'

export interface SequencerOptions {
  readonly store: Pick<RecorderStore, 'commit' | 'readSealed'>
  readonly clock: Clock
  readonly signer: Signer
  readonly origin: string
  /** Whose gate the log is of; an agency's unless it says otherwise. */
  readonly role?: LogRole
  /** What the store held when it was loaded, the tree over its entries, and what these tell. */
  readonly state: RecorderState
  readonly tree: Frontier
  readonly log: LogMemory
  /** Asks that may wait for a commit; one more is refused, unless it is an order or a dispute. */
  readonly waitingMax?: number
  /** Sealed bytes that may wait for a commit; more are refused, but for orders and disputes. */
  readonly waitingBytesMax?: number
  /** Asks written in one commit at most. */
  readonly batchMax?: number
}

/** Size and root of the log. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

export class Sequencer {
  readonly #options: Required<SequencerOptions>
  readonly #memory: SequencerMemory
  readonly #waiting: WaitingAsks
  #running: Promise<void> | null = null
  #broken: RecorderError | null = null
  #closed = false
  #changed: (version: StandingVersion) => void = () => undefined
  /** Exchanges whose worker was told to judge their outcome again, since the last tick and before it. */
  #again: ReadonlySet<string> = new Set()
  #overdue: ReadonlySet<string> = new Set()

  private constructor(options: Required<SequencerOptions>, memory: SequencerMemory) {
    this.#options = options
    this.#memory = memory
    this.#waiting = new WaitingAsks({ most: options.waitingMax, bytesMax: options.waitingBytesMax })
  }

  /**
   * Goes on where the rows end: opens the log if it is empty, gives each intent that has no outcome its
   * interrupted one, and ends the holds whose time is over. Throws `RECORDER_DAMAGED` when the clock stands before
   * the last entry by more than a minute, and what the store throws.
   */
  static async open(options: SequencerOptions): Promise<Sequencer> {
    const { state } = options
    const now = options.clock.now()
    if (now < state.lastTime - 60_000) {
      throw new RecorderError(
        'RECORDER_DAMAGED',
        `the clock (${timeText(now)}) is before the last entry (${timeText(state.lastTime)}): correct the clock if it is wrong now; if it was wrong then, wait until it has passed that entry, for the log cannot be set back`,
      )
    }
    const limits = {
      role: 'agency' as const,
      waitingMax: 10_000,
      waitingBytesMax: 256 * 1024 * 1024,
      batchMax: 1_000,
    }
    const whole = { ...limits, ...options }
    const sequencer = new Sequencer(whole, memoryOf(whole))
    sequencer.#markDue()
    do await sequencer.#write([])
    while (sequencer.#owes())
    return sequencer
  }

  /** Why nothing can be written any more: whether the last commit is durable is not known. Null while all is well. */
  get broken(): RecorderError | null {
    return this.#broken
  }

  /** Size and root of everything that is durable, from the leaves as they were written. */
  head(): TreeHead {
    return { size: this.#memory.size, root: this.#options.tree.root() }
  }

  /** Takes no more asks; resolves when all that waited are answered, rejects when the store is broken. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#running) await this.#running
    if (this.#broken) throw this.#broken
  }

  /** Told of each change of what is in force, once it is durable and before anyone is answered. */
  watch(changed: (version: StandingVersion) => void): void {
    this.#changed = changed
  }

  reserve(agreement: string, micros: number, worker: number, call?: string): Reservation {
    this.#requireServing(worker)
    const reservation = this.#memory.purse.reserve(agreement, micros, worker)
    const row = call === undefined ? undefined : this.#memory.holds.ofCall(call)
    if (!row || row.expiresAt <= this.#now()) return reservation
    return { ...reservation, hold: openHoldOf(row, this.#memory) }
  }

  release(reservation: number): void {
    this.#memory.purse.release(reservation)
  }

  lease(): LeaseAnswer {
    this.#requireServing()
    return { version: this.#memory.log.version, logTime: this.#memory.lastTime }
  }

  standing(): StandingAnswer {
    this.#requireServing()
    return standingOf(this.#memory, this.#options.origin)
  }

  holds(): readonly OpenHold[] {
    this.#requireServing()
    const now = this.#now()
    const open = [...this.#memory.holds.values()].filter(({ expiresAt }) => expiresAt > now)
    return open.map((row) => openHoldOf(row, this.#memory))
  }

  /** Waits for no commit. */
  async sealed(seq: number): Promise<Uint8Array | null> {
    this.#requireServing()
    if (!Number.isSafeInteger(seq)) throw new RecorderError('RECORDER_CONFLICT', 'it names no entry')
    try {
      return await this.#options.store.readSealed(seq)
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.code !== 'STORE_UNAVAILABLE') throw thrown
      throw unavailable(`nothing could be read: ${thrown.message}`, thrown)
    }
  }

  /** Queues an ask of `worker`; resolves when it is durable. */
  record(ask: DurableAsk, worker: number): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      const waiting = { ask, worker, resolve, reject }
      try {
        this.#accept(waiting)
      } catch (error) {
        if (error instanceof RecorderError) this.#refuse(waiting, error)
        else reject(new RecorderError('RECORDER_CONFLICT', 'the ask has no valid form', { cause: error }))
      }
    })
  }

  /** The worker is gone: nobody will settle what it opened, nor release what it reserved. */
  forget(worker: number): void {
    this.#memory.gone.add(worker)
    for (const intent of this.#memory.intents.values()) {
      if (intent.worker === worker) this.#memory.owed.add(intent.exchange)
    }
    const left = this.#waiting.takeWhere((waiting) => waiting.worker === worker && opensIntent(waiting.ask))
    for (const waiting of left) this.#refuse(waiting, unavailable('the worker is gone'))
    this.#memory.purse.releaseAll(worker)
    if (!this.#closed) this.#start()
  }

  /** Writes what time alone makes due, such as the end of a hold, and what could not be written before. */
  tick(): void {
    for (const exchange of this.#overdue) this.#owe(exchange)
    this.#overdue = this.#again
    this.#again = new Set()
    this.#markDue()
    if (!this.#closed && (this.#memory.unwritten > 0 || this.#owes())) this.#start()
  }

  #markDue(): void {
    const now = this.#now()
    for (const { id, expiresAt } of this.#memory.holds.values()) {
      if (expiresAt <= now) this.#memory.due.add(id)
    }
  }

  /** The time that the next entry would have. */
  #now(): number {
    return Math.max(this.#options.clock.now(), this.#memory.lastTime)
  }

  /** Nobody will bring the outcome of this exchange, if it is open. */
  #owe(exchange: string): void {
    if (this.#memory.intents.has(exchange)) this.#memory.owed.add(exchange)
  }

  #owes(): boolean {
    return this.#memory.owed.size > 0 || this.#memory.due.size > 0
  }

  #requireServing(worker?: number): void {
    if (this.#broken) throw this.#broken
    if (this.#closed) throw unavailable('the recorder is closing')
    if (worker !== undefined && this.#memory.gone.has(worker)) throw unavailable('the worker is gone')
  }

  #accept(waiting: Waiting): void {
    const { ask, worker } = waiting
    requireForm(waiting)
    // From here on no release and no worker that dies takes the money from under the intent.
    if (ask.op === 'admit' && !this.#memory.purse.claim(ask.admission.reservation)) {
      this.#memory.unwritten++
      waiting.reject(new RecorderError('RECORDER_CONFLICT', 'the reservation is not open'))
      return
    }
    this.#requireServing(worker)
    this.#waiting.add(waiting)
    this.#start()
  }

  #start(): void {
    if (this.#broken) return
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#waiting.size > 0) this.#start()
    })
  }

  async #run(): Promise<void> {
    let written: boolean
    do {
      // Lets everything that has already arrived join this commit.
      await new Promise((resolve) => setImmediate(resolve))
      const group = this.#waiting.take(this.#options.batchMax)
      written = await this.#writeGroup(group)
      // What is owed after a failure waits for the next ask or tick, so that a full disk is not hammered.
    } while (!this.#broken && (this.#waiting.size > 0 || (written && this.#owes())))
  }

  async #writeGroup(group: readonly Waiting[]): Promise<boolean> {
    try {
      const { plan, hashes } = await this.#write(group)
      await this.#answer(group, plan, hashes)
      return true
    } catch (thrown) {
      if (thrown instanceof StoreError && thrown.code === 'STORE_UNAVAILABLE') {
        const error = unavailable(`nothing could be written: ${thrown.message}`, thrown)
        for (const waiting of group) this.#refuse(waiting, error)
      } else {
        this.#break(group, thrown)
      }
      return false
    }
  }

  /** A crash before `commit` returns leaves all of the batch or nothing; memory follows only after it. */
  async #write(group: readonly Waiting[]): Promise<{ readonly plan: Plan; readonly hashes: Uint8Array[] }> {
    const { clock, origin, store, tree } = this.#options
    const { version } = this.#memory.log
    const plan = planBatch(group, this.#memory, { now: clock.now(), origin })
    if (plan.batch.entries.length > 0) await store.commit(plan.batch)
    const hashes = plan.batch.entries.map(({ leaf }) => leafHash(leaf))
    for (const hash of hashes) tree.append(hash)
    plan.apply()
    if (this.#memory.log.version !== version) this.#changed(this.#memory.log.version)
    return { plan, hashes }
  }

  async #answer(group: readonly Waiting[], plan: Plan, hashes: readonly Uint8Array[]): Promise<void> {
    const first = plan.batch.entries[0]?.seq ?? 0
    const answered = plan.asks.map(async (planned, i) => {
      const waiting = group[i]
      invariant(waiting, 'every planned ask has one that waits')
      if ('refused' in planned) {
        this.#refuse(waiting, planned.refused)
        return
      }
      const hash = hashes[planned.entry.seq - first]
      invariant(hash, 'every entry of the batch was hashed')
      const { seq } = planned.entry
      waiting.resolve({ seq, receipt: await this.#receipt(planned.entry, hash) })
    })
    await Promise.all(answered)
  }

  #receipt({ seq, time }: EntryRow, hash: Uint8Array): Promise<string> {
    const { origin, signer } = this.#options
    return issueReceipt({ origin, index: seq, leafHash: hash, time }, signer)
  }

  /**
   * Nothing of the ask was written. What that leaves is remembered: a refusal that no entry tells of, money that
   * nobody will spend, an intent whose outcome is lost and so is owed. What is judged again is not lost: its worker
   * asks again, and has a tick or two for that.
   */
  #refuse({ ask, reject }: Waiting, error: RecorderError): void {
    const { purse } = this.#memory
    const isFinal = !judgedAgain.has(error.code)
    switch (ask.op) {
      case 'refuse':
        if (isFinal) this.#memory.unwritten++
        if (ask.refusal.reservation !== undefined) purse.release(ask.refusal.reservation)
        break
      case 'admit':
        // An intent that could not be written is a refusal to its caller.
        if (isFinal) this.#memory.unwritten++
        purse.free(ask.admission.reservation)
        break
      case 'serve':
        if (isFinal) this.#memory.unwritten++
        break
      case 'settle':
        if (isFinal) this.#owe(ask.settlement.leaf.exchange)
        else this.#again = new Set([...this.#again, ask.settlement.leaf.exchange])
        break
      case 'note':
        if (ask.leaf.kind === 'served-end') this.#owe(ask.leaf.exchange)
        break
      case 'activate':
      case 'decideHold':
    }
    reject(error)
  }

  /** The program must end and the next start recover; until then nothing is written and nothing confirmed. */
  #break(group: readonly Waiting[], cause: unknown): void {
    const error = new RecorderError(
      'RECORDER_DAMAGED',
      `what was written last is not known: ${messageOf(cause)}`,
      { cause },
    )
    this.#broken = error
    for (const waiting of [...group, ...this.#waiting.take(Infinity)]) waiting.reject(error)
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}

/** Nobody else brings the end of what these open. */
function opensIntent({ op }: DurableAsk): boolean {
  return op === 'admit' || op === 'serve'
}

/** Its worker judges anew and asks again, or writes a refusal of its own. */
const judgedAgain: ReadonlySet<RecorderErrorCode> = new Set([
  'RECORDER_SUPERSEDED',
  'RECORDER_HOLD',
  'RECORDER_REUSED',
])

function unavailable(message: string, cause?: unknown): RecorderError {
  return new RecorderError('RECORDER_UNAVAILABLE', message, { cause })
}
