/** Money per agreement: what is spent for good and what is reserved at worst case until it settles. */
import { RecorderError } from './recorder.ts'
import type { Reservation } from './recorder.ts'

export interface Reserved {
  readonly agreement: string
  readonly micros: number
  /** Who reserved it; 0 for a reservation that outlived its program. */
  readonly worker: number
}

/**
 * Amounts are millionths of the currency as safe integers, and so are their sums. A reservation is open until it
 * is released, or claimed by the admission it pays for: then only `free` gives it back, so that no release and no
 * worker that dies can take the money from under an intent.
 */
export class Purse {
  readonly #spent: Map<string, number>
  readonly #reserved = new Map<number, Reserved>()
  readonly #claimed = new Set<number>()
  readonly #reservedSum = new Map<string, number>()
  #nextId = 1

  constructor(spent: ReadonlyMap<string, number>) {
    this.#spent = new Map(spent)
  }

  /**
   * Takes the worst case at once and says what it adds up to; whether that is too much, the rules decide.
   * Throws `RECORDER_CONFLICT` for what is no amount and where the sum would no longer be exact.
   */
  reserve(agreement: string, micros: number, worker: number): Reservation {
    const sum = this.committed(agreement) + micros
    if (!Number.isSafeInteger(micros) || micros < 0 || !Number.isSafeInteger(sum)) {
      throw new RecorderError('RECORDER_CONFLICT', `${micros} cannot be reserved`)
    }
    const id = this.#nextId++
    this.#reserved.set(id, { agreement, micros, worker })
    this.#add(this.#reservedSum, agreement, micros)
    return { id, committedMicros: sum }
  }

  /** Gives back an open reservation; one that is claimed, not known, or was released before stays as it is. */
  release(id: number): void {
    if (!this.#claimed.has(id)) this.free(id)
  }

  /** Gives back everything open that a worker has reserved. */
  releaseAll(worker: number): void {
    for (const [id, reserved] of this.#reserved) if (reserved.worker === worker) this.release(id)
  }

  /** Takes an open reservation for one admission; false when it is not open. */
  claim(id: number): boolean {
    if (!this.#reserved.has(id) || this.#claimed.has(id)) return false
    this.#claimed.add(id)
    return true
  }

  claimed(id: number): Reserved | undefined {
    return this.#claimed.has(id) ? this.#reserved.get(id) : undefined
  }

  /** Gives back a reservation, claimed or not; one that is not known changes nothing. */
  free(id: number): void {
    const reserved = this.#reserved.get(id)
    if (!reserved) return
    this.#reserved.delete(id)
    this.#claimed.delete(id)
    this.#add(this.#reservedSum, reserved.agreement, -reserved.micros)
  }

  spend(agreement: string, micros: number): void {
    this.#add(this.#spent, agreement, micros)
  }

  /** Settled, plus all reservations. */
  committed(agreement: string): number {
    return (this.#spent.get(agreement) ?? 0) + (this.#reservedSum.get(agreement) ?? 0)
  }

  #add(sums: Map<string, number>, agreement: string, micros: number): void {
    sums.set(agreement, (sums.get(agreement) ?? 0) + micros)
  }
}
