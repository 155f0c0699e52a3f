/** The standing lease: a worker may act only on what the recorder has confirmed to be in force a moment ago. */
import type { Clock } from '../base/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { StandingError, buildStanding } from './standing.ts'
import type { Standing } from './standing.ts'

export interface LeaseOptions {
  readonly recorder: Pick<Recorder, 'lease' | 'standing'>
  /** Monotonic, so that a clock that is set back keeps no lease alive. */
  readonly clock: Clock
  /** The time of day, for what takes effect later. */
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

export class Lease implements Disposable {
  readonly #options: LeaseOptions
  readonly #staleMs: number
  readonly #timer: NodeJS.Timeout
  #standing: Standing
  #confirmedAt: number
  #renewing = false

  private constructor(options: LeaseOptions, standing: Standing, confirmedAt: number) {
    this.#options = options
    this.#staleMs = options.staleMs ?? 2000
    this.#standing = standing
    this.#confirmedAt = confirmedAt
    this.#timer = setInterval(() => void this.renew(), options.renewMs ?? 500)
  }

  /** Rejects when nothing valid is in force. */
  static async open(options: LeaseOptions): Promise<Lease> {
    const askedAt = options.clock.now()
    const standing = buildStanding(await options.recorder.standing(), options.wallClock.now())
    options.accept?.(standing)
    return new Lease(options, standing, askedAt)
  }

  get fresh(): boolean {
    return this.#options.clock.now() - this.#confirmedAt <= this.#staleMs
  }

  /** What is in force. Throws `STANDING_STALE` when that was not confirmed in time. */
  require(): Standing {
    if (!this.fresh) throw new StandingError('STANDING_STALE', 'what is in force could not be confirmed')
    return this.#standing
  }

  /** Asks once whether the same is still in force, and loads what is; on failure the lease just grows old. */
  async renew(): Promise<void> {
    if (this.#renewing) return
    this.#renewing = true
    try {
      // The moment of asking counts: what came into force while the answer travelled is not in it.
      const askedAt = this.#options.clock.now()
      const version = await this.#options.recorder.lease()
      if (version === this.#standing.version) this.#confirmedAt = askedAt
      else await this.#reload()
    } catch (error) {
      this.#options.failed?.(error)
    } finally {
      this.#renewing = false
    }
  }

  async #reload(): Promise<void> {
    const askedAt = this.#options.clock.now()
    const now = buildStanding(await this.#options.recorder.standing(), this.#options.wallClock.now())
    this.#options.accept?.(now)
    const before = this.#standing
    this.#standing = now
    this.#confirmedAt = askedAt
    this.#options.changed?.(before, now)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
