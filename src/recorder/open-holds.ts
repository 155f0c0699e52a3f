/** The holds that are open, by id, by call and by caller. */
import { LayeredMap } from './layered-map.ts'
import type { HoldRow } from './recorder-store.ts'

export class OpenHolds {
  readonly #rows: LayeredMap<string, HoldRow>
  /** The id of the hold that waits for a call. */
  readonly #calls: LayeredMap<string, string>
  /** How many a caller has. */
  readonly #counts: LayeredMap<string, number>

  /** Over `below`: as it is there, until something is changed here. */
  constructor(below?: OpenHolds) {
    this.#rows = new LayeredMap(below && below.#rows)
    this.#calls = new LayeredMap(below && below.#calls)
    this.#counts = new LayeredMap(below && below.#counts)
  }

  get(id: string): HoldRow | undefined {
    return this.#rows.get(id)
  }

  ofCall(call: string): HoldRow | undefined {
    const id = this.#calls.get(call)
    return id === undefined ? undefined : this.#rows.get(id)
  }

  countOf(caller: string): number {
    return this.#counts.get(caller) ?? 0
  }

  values(): Iterable<HoldRow> {
    return this.#rows.values()
  }

  open(row: HoldRow): void {
    this.#rows.set(row.id, row)
    this.#calls.set(row.call, row.id)
    this.#counts.set(row.caller, this.countOf(row.caller) + 1)
  }

  close({ id, call, caller }: HoldRow): void {
    this.#rows.delete(id)
    this.#calls.delete(call)
    const left = this.countOf(caller) - 1
    if (left > 0) this.#counts.set(caller, left)
    else this.#counts.delete(caller)
  }

  /** Writes what is different here into the holds below. Called once; these are used no more. */
  settle(): void {
    this.#rows.settle()
    this.#calls.settle()
    this.#counts.settle()
  }
}
