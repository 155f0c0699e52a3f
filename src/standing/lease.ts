/** The standing lease: a worker may act only on what the recorder has confirmed to be in force a moment ago. */
import type { Clock } from '../base/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { StandingError, buildStanding } from './standing.ts'
import type { Standing } from './standing.ts'

export interface LeaseOptions {
  readonly recorder: Pick<Recorder, 'lease' | 'standing'>
  /** Monotonic, so that a clock that is set back keeps no lease alive. */
  readonly clock: Clock
  /** The time of day as this machine has it. */
  readonly wallClock: Clock
  /** A confirmation older than this is none. */
  readonly staleMs?: number
  readonly renewMs?: number
  /** Called with what is about to be acted on; what it throws keeps that from happening. */
  readonly accept?: (standing: Standing) => void
  /** Called when something else is in force than before. */
  readonly changed?: (before: Standing, now: Standing) => void
  readonly failed?: (error: unknown) => void
}

/** How far the wall clock may fall behind a time that is known to have passed. */
const behindMaxMs = 60_000

/**
 * Says what is in force and what time it is. It is a clock for decisions: a wall clock that is set back brings no
 * term, no limit and no version back that was over before.
 */
export class Lease implements Clock, Disposable {
  readonly #options: LeaseOptions
  readonly #staleMs: number
  readonly #timer: NodeJS.Timeout
  #standing: Standing
  #confirmedAt: number
  /** The latest time that is known to have passed: of an entry in the log, or said by this lease before. */
  #passed: number
  #renewal: Promise<void> | null = null
  #next: Promise<void> | null = null

  private constructor(
    options: LeaseOptions,
    { standing, confirmedAt, passed }: { standing: Standing; confirmedAt: number; passed: number },
  ) {
    this.#options = options
    this.#staleMs = options.staleMs ?? 2000
    this.#standing = standing
    this.#confirmedAt = confirmedAt
    this.#passed = passed
    this.#timer = setInterval(() => void this.renew(), options.renewMs ?? 500)
  }

  /** Rejects when nothing valid is in force. */
  static async open(options: LeaseOptions): Promise<Lease> {
    const askedAt = options.clock.now()
    const { logTime } = await options.recorder.lease()
    const passed = Math.max(logTime, options.wallClock.now())
    const standing = buildStanding(await options.recorder.standing(), passed)
    options.accept?.(standing)
    return new Lease(options, { standing, confirmedAt: askedAt, passed })
  }

  /** What is in force was confirmed in time, and what time it is can be known. */
  get fresh(): boolean {
    return this.#isConfirmed() && !this.#isClockBehind()
  }

  /** Milliseconds since the epoch: the wall clock, but never before the log's time nor before what was said last. */
  now(): number {
    this.#passed = Math.max(this.#passed, this.#options.wallClock.now())
    return this.#passed
  }

  /**
   * What is in force. Throws `STANDING_STALE` when that was not confirmed in time, and when the wall clock stands so
   * far behind what has passed that the time is not known: what is unknown is not permitted.
   */
  require(): Standing {
    if (!this.#isConfirmed()) stale('what is in force could not be confirmed')
    this.#requireTime()
    return this.#standing
  }

  #isConfirmed(): boolean {
    return this.#options.clock.now() - this.#confirmedAt <= this.#staleMs
  }

  #isClockBehind(): boolean {
    return this.#options.wallClock.now() < this.#passed - behindMaxMs
  }

  #requireTime(): void {
    if (!this.#isClockBehind()) return
    stale(`the clock was set back: ${new Date(this.#passed).toISOString()} has passed already`)
  }

  /**
   * Asks whether the same is still in force, and loads what is; on failure the lease just grows old. Never rejects.
   * One at a time; a call while one is under way asks again after it, for that one may have asked too early.
   */
  renew(): Promise<void> {
    if (!this.#renewal) return this.#startRenewal()
    this.#next ??= this.#renewal.then(() => {
      this.#next = null
      return this.#startRenewal()
    })
    return this.#next
  }

  #startRenewal(): Promise<void> {
    this.#renewal = this.#renewOnce().finally(() => (this.#renewal = null))
    return this.#renewal
  }

  async #renewOnce(): Promise<void> {
    try {
      // The moment of asking counts: what came into force while the answer travelled is not in it.
      const askedAt = this.#options.clock.now()
      const { version, logTime } = await this.#options.recorder.lease()
      this.#passed = Math.max(this.#passed, logTime)
      if (version === this.#standing.version) this.#confirmedAt = askedAt
      else await this.#reload()
      this.#requireTime()
    } catch (error) {
      this.#options.failed?.(error)
    }
  }

  async #reload(): Promise<void> {
    const askedAt = this.#options.clock.now()
    const before = this.#standing
    const now = buildStanding(await this.#options.recorder.standing(), this.now(), before)
    this.#options.accept?.(now)
    this.#standing = now
    this.#confirmedAt = askedAt
    this.#options.changed?.(before, now)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function stale(message: string): never {
  throw new StandingError('STANDING_STALE', message)
}
