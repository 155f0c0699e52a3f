/**
 * What is let in at once: places and bytes are taken before a body is read, so that neither many connections nor one
 * caller use up what all share.
 */
import type { Clock } from '../base/index.ts'
import type { GatewayLimits } from './limits.ts'

export type IntakeLimits = Pick<
  GatewayLimits,
  | 'bodyBytesMax'
  | 'bodyBytesAtOnceMax'
  | 'exchangesMax'
  | 'exchangesPerCallerMax'
  | 'exchangesPerCallerPerSecond'
  | 'bodyBytesPerCallerPerSecond'
>

/** Why nothing more is let in: the gateway has no room, or the caller has had its share. */
export type Turned = 'full' | 'share'

/** A place; given back once. */
export interface Place {
  leave(): void
}

interface Share {
  atOnce: number
  /** Within the running second. */
  begun: number
  bytes: number
}

export class Intake {
  readonly #clock: Clock
  readonly #limits: IntakeLimits
  /** By caller. What is kept is bounded by the callers that are in, or were in this second. */
  readonly #shares = new Map<string, Share>()
  #second = 0
  #inside = 0
  #bytes = 0

  constructor(clock: Clock, limits: IntakeLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** `bytes`: what the request announces; one that announces nothing may send as much as any body. */
  enter(caller: string, bytes: number | null): Place | Turned {
    const limits = this.#limits
    const announced = Math.min(bytes ?? limits.bodyBytesMax, limits.bodyBytesMax)
    const share = this.#shareOf(caller)
    share.begun++
    share.bytes += announced
    if (
      share.atOnce >= limits.exchangesPerCallerMax ||
      share.begun > limits.exchangesPerCallerPerSecond ||
      share.bytes > limits.bodyBytesPerCallerPerSecond
    ) {
      return 'share'
    }
    if (this.#inside >= limits.exchangesMax || this.#bytes + announced > limits.bodyBytesAtOnceMax)
      return 'full'
    share.atOnce++
    this.#inside++
    this.#bytes += announced
    return { leave: once(() => this.#leave(share, announced)) }
  }

  #leave(share: Share, announced: number): void {
    share.atOnce--
    this.#inside--
    this.#bytes -= announced
  }

  #shareOf(caller: string): Share {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second) this.#begin(second)
    const share = this.#shares.get(caller) ?? { atOnce: 0, begun: 0, bytes: 0 }
    this.#shares.set(caller, share)
    return share
  }

  #begin(second: number): void {
    this.#second = second
    for (const [caller, share] of this.#shares) {
      if (share.atOnce === 0) this.#shares.delete(caller)
      share.begun = 0
      share.bytes = 0
    }
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}
