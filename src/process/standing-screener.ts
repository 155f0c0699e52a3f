/** The detectors that what is in force asks for. */
import { createScreener } from '../screening/index.ts'
import type { Screener } from '../screening/index.ts'
import { StandingError } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'

/** A screener for all agreements. Throws `STANDING_INVALID` for a signal that no detector here can find. */
export function screenerFor({ agreements }: Pick<Standing, 'agreements'>): Screener {
  const schedules = [...agreements.values()].map(({ agreement }) => agreement.schedule)
  const screener = createScreener({ agreementPhrases: schedules.flatMap(({ signals }) => signals) })
  for (const { id, signals } of schedules) {
    const unseen = signals.find((signal) => !screener.signals.includes(signal.id))
    if (unseen) {
      const message = `no detector finds \`${unseen.id}\`, of which ${id} speaks`
      throw new StandingError('STANDING_INVALID', message)
    }
  }
  return screener
}

/** The detectors of this moment; a new standing brings new ones. */
export class StandingScreener implements Screener {
  #screener: Screener = createScreener()
  /** The activations that it was made for. */
  #madeFor = ''

  /**
   * Keeps the detectors where the same versions are in force, so that an order acts at once. Throws
   * `STANDING_INVALID` when a clause speaks of a signal that no detector here can find.
   */
  take(standing: Standing): void {
    const entries = [...standing.agreements.values()].map(({ entry }) => entry).join()
    if (entries === this.#madeFor) return
    const next = screenerFor(standing)
    this.#madeFor = entries
    const before = this.#screener
    this.#screener = next
    void before[Symbol.asyncDispose]()
  }

  get signals(): readonly string[] {
    return this.#screener.signals
  }

  get versions(): readonly string[] {
    return this.#screener.versions
  }

  screen(...parts: Parameters<Screener['screen']>): ReturnType<Screener['screen']> {
    return this.#screener.screen(...parts)
  }

  open(): ReturnType<Screener['open']> {
    return this.#screener.open()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#screener[Symbol.asyncDispose]())
  }
}
