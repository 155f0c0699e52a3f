/** How many exchanges each caller begins in a second, so that none can fill the ledger alone. */
import type { Clock } from '../base/index.ts'

export class CallerRate {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #counts = new Map<string, number>()
  #second = 0

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Counts one and says whether it is within the limit. */
  take(caller: string): boolean {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second) {
      // One map for the running second: what is kept is bounded by the callers registered.
      this.#counts.clear()
      this.#second = second
    }
    const count = (this.#counts.get(caller) ?? 0) + 1
    this.#counts.set(caller, count)
    return count <= this.#perSecond
  }
}
