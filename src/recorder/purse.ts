/** Money per agreement: what is spent for good and what is reserved at worst case until it settles. */
import { RecorderError } from './recorder.ts'
import type { Reservation } from './recorder.ts'

interface Reserved {
  readonly agreement: string
  readonly micros: number
  /** Who reserved it; 0 for a reservation that outlived its program. */
  readonly worker: number
}

/** Amounts are millionths of the currency as safe integers, and so are their sums. */
export class Purse {
  readonly #spent: Map<string, number>
  readonly #reserved = new Map<number, Reserved>()
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
    return { id, committedMicros: this.committed(agreement) }
  }

  /** Forgets a reservation; one that is not known, or was released before, changes nothing. */
  release(id: number): void {
    const reserved = this.#reserved.get(id)
    if (!reserved) return
    this.#reserved.delete(id)
    this.#add(this.#reservedSum, reserved.agreement, -reserved.micros)
  }

  reserved(id: number): Reserved | undefined {
    return this.#reserved.get(id)
  }

  /** Ids of everything a worker has reserved. */
  reservedBy(worker: number): readonly number[] {
    return [...this.#reserved].filter(([, reserved]) => reserved.worker === worker).map(([id]) => id)
  }

  spend(agreement: string, micros: number): void {
    this.#add(this.#spent, agreement, micros)
  }

  committed(agreement: string): number {
    return (this.#spent.get(agreement) ?? 0) + (this.#reservedSum.get(agreement) ?? 0)
  }

  #add(sums: Map<string, number>, agreement: string, micros: number): void {
    sums.set(agreement, (sums.get(agreement) ?? 0) + micros)
  }
}
