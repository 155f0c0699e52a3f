/** Counts refused calls into entries. Strangers can make as many as they like, so an entry counts and lists few. */
import { messageOf } from '../base/index.ts'
import type { TurnedAwayLeaf, TurnedAwayReason } from '../ledger/index.ts'
import type { Recorder } from '../recorder/index.ts'

export interface TurnedAwayOptions {
  readonly recorder: Pick<Recorder, 'note'>
  /** Refused calls that wait at once until their entry is durable. */
  readonly waitingMax: number
  /** Told when an entry could not be written; its calls are in the next one. */
  readonly failed: (message: string) => void
}

/** One reason has at most one entry in this time. */
const everyMs = 1000
/** As many as an entry may list. */
const intentsMax = 16

/** What became of a refused call: `written` is durable; the others are counted, but nothing can be said of them yet. */
export type Counted = 'written' | 'unwritten' | 'full'

interface Tally {
  count: number
  readonly intents: Set<number>
  readonly waiting: PromiseWithResolvers<Counted>[]
}

/**
 * The first refusal of a reason is written at once, what follows within a second in one entry at its end. What
 * cannot be written is kept and counted in the next entry; only a crash forgets it.
 */
export class TurnedAway implements AsyncDisposable {
  readonly #options: TurnedAwayOptions
  readonly #tallies = new Map<TurnedAwayReason, Tally>()
  readonly #pauses = new Map<TurnedAwayReason, NodeJS.Timeout>()
  readonly #writing = new Set<Promise<void>>()
  #waiting = 0

  constructor(options: TurnedAwayOptions) {
    this.#options = options
  }

  /**
   * Counts one refused call; `intent` is the index of a true intent of the agency's log that it showed. Resolves
   * when that is durable; it is counted too where it cannot wait for that, because too many do or the entry could
   * not be written.
   */
  add(reason: TurnedAwayReason, intent: number | null): Promise<Counted> {
    const tally = this.#tallyOf(reason)
    tally.count++
    if (intent !== null && tally.intents.size < intentsMax) tally.intents.add(intent)
    const isFull = this.#waiting >= this.#options.waitingMax
    const answered = Promise.withResolvers<Counted>()
    if (isFull) {
      answered.resolve('full')
    } else {
      this.#waiting++
      tally.waiting.push(answered)
    }
    if (!this.#pauses.has(reason)) this.#write(reason)
    return answered.promise
  }

  /** Writes what is still counted. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pause of this.#pauses.values()) clearTimeout(pause)
    this.#pauses.clear()
    for (const reason of [...this.#tallies.keys()]) this.#write(reason)
    for (const pause of this.#pauses.values()) clearTimeout(pause)
    await Promise.all(this.#writing)
  }

  #tallyOf(reason: TurnedAwayReason): Tally {
    const known = this.#tallies.get(reason)
    if (known) return known
    const tally: Tally = { count: 0, intents: new Set(), waiting: [] }
    this.#tallies.set(reason, tally)
    return tally
  }

  #write(reason: TurnedAwayReason): void {
    const tally = this.#tallies.get(reason)
    if (!tally) return
    this.#tallies.delete(reason)
    this.#pauses.set(
      reason,
      setTimeout(() => {
        this.#pauses.delete(reason)
        this.#write(reason)
      }, everyMs),
    )
    const writing = this.#note(reason, tally).finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }

  async #note(reason: TurnedAwayReason, tally: Tally): Promise<void> {
    const written = await this.#options.recorder.note(leafOf(reason, tally)).then(
      () => 'written' as const,
      (error: unknown) => {
        this.#options.failed(`refusals could not be written: ${messageOf(error)}`)
        this.#keep(reason, tally)
        return 'unwritten' as const
      },
    )
    this.#waiting -= tally.waiting.length
    for (const { resolve } of tally.waiting) resolve(written)
  }

  /** Back to what the next entry counts. */
  #keep(reason: TurnedAwayReason, { count, intents }: Tally): void {
    const next = this.#tallyOf(reason)
    next.count += count
    for (const intent of intents) if (next.intents.size < intentsMax) next.intents.add(intent)
  }
}

function leafOf(
  reason: TurnedAwayReason,
  { count, intents }: Tally,
): Omit<TurnedAwayLeaf, 'v' | 'seq' | 'time'> {
  return { kind: 'turned-away', reason, count, intents: [...intents].sort((a, b) => a - b) }
}
