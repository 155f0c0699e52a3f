/** A map over another: a batch changes the upper one, and the lower one only once the batch is durable. */

export class LayeredMap<K, V> {
  readonly #below: LayeredMap<K, V> | undefined
  readonly #own = new Map<K, V>()
  /** Keys of the map below that are gone here. */
  readonly #gone = new Set<K>()

  constructor(below?: LayeredMap<K, V>) {
    this.#below = below
  }

  get(key: K): V | undefined {
    const own = this.#own.get(key)
    if (own !== undefined || this.#gone.has(key)) return own
    return this.#below?.get(key)
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  set(key: K, value: V): void {
    this.#own.set(key, value)
    this.#gone.delete(key)
  }

  delete(key: K): void {
    this.#own.delete(key)
    if (this.#below) this.#gone.add(key)
  }

  *entries(): Generator<[K, V]> {
    for (const [key, value] of this.#below?.entries() ?? []) {
      if (!this.#own.has(key) && !this.#gone.has(key)) yield [key, value]
    }
    yield* this.#own.entries()
  }

  *keys(): Generator<K> {
    for (const [key] of this.entries()) yield key
  }

  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value
  }

  /** Writes what is different here into the map below. Called once; this one is used no more. */
  settle(): void {
    for (const key of this.#gone) this.#below?.delete(key)
    for (const [key, value] of this.#own) this.#below?.set(key, value)
  }
}
