/** Asks that wait for a commit: bounded, in the order in which they came, but for orders and disputes, which nothing keeps waiting. */
import type { DurableAsk } from './ask.ts'
import { RecorderError } from './recorder.ts'
import type { Recorded } from './recorder.ts'

export interface Waiting {
  readonly ask: DurableAsk
  readonly worker: number
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (error: RecorderError) => void
}

export interface WaitingLimits {
  readonly most: number
  /** Bytes of sealed records, or of what stands in their place. */
  readonly bytesMax: number
}

export class WaitingAsks {
  readonly #limits: WaitingLimits
  #asks: Waiting[] = []
  #bytes = 0

  constructor(limits: WaitingLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#asks.length
  }

  /**
   * Throws `RECORDER_UNAVAILABLE` where too much waits already. No load keeps an order or a dispute out or waiting: it
   * stands behind earlier ones and before everything else. How many there are at once is bounded by the connections of the
   * control socket.
   */
  add(waiting: Waiting): void {
    const bytes = bytesOf(waiting)
    if (isUrgent(waiting)) {
      const at = this.#asks.findIndex((other) => !isUrgent(other))
      this.#asks.splice(at < 0 ? this.#asks.length : at, 0, waiting)
    } else {
      const { most, bytesMax } = this.#limits
      if (this.#asks.length >= most || this.#bytes + bytes > bytesMax) {
        throw new RecorderError('RECORDER_UNAVAILABLE', 'too many entries wait to be written')
      }
      this.#asks.push(waiting)
    }
    this.#bytes += bytes
  }

  /** The first of them, at most so many; they wait no longer. */
  take(most: number): readonly Waiting[] {
    return this.#leave(this.#asks.splice(0, most))
  }

  takeWhere(leaves: (waiting: Waiting) => boolean): readonly Waiting[] {
    const left = new Set(this.#asks.filter(leaves))
    this.#asks = this.#asks.filter((waiting) => !left.has(waiting))
    return this.#leave([...left])
  }

  #leave(left: readonly Waiting[]): readonly Waiting[] {
    for (const waiting of left) this.#bytes -= bytesOf(waiting)
    return left
  }
}

/** untrusted: a worker's words. Throws a `TypeError` where there is nothing to write. */
export function requireForm(waiting: Waiting): void {
  if (!Number.isSafeInteger(bytesOf(waiting))) throw new TypeError('there is nothing to write')
}

function bytesOf({ ask }: Waiting): number {
  switch (ask.op) {
    case 'admit':
      return ask.admission.sealed.length
    case 'refuse':
      return ask.refusal.sealed.length
    case 'settle':
      return ask.settlement.sealed.length
    case 'activate':
      return ask.activation.text.length
    case 'decideHold':
      return ask.decision.sealed.length
    case 'serve':
      return ask.serving.leaf.receipt.length
    case 'note':
      // Such a leaf is small, and has no record.
      return ask.leaf.kind.length
  }
}

function isUrgent({ ask }: Waiting): boolean {
  return ask.op === 'note' && (ask.leaf.kind === 'order' || ask.leaf.kind === 'dispute')
}
