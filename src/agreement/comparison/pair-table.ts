/** A table from pairs of whole numbers to one: what has been computed before. Open addressing over typed arrays. */

/** What `get` answers where nothing is kept. */
export const absent = 0x7fffffff

const slotsMin = 256

export class PairTable {
  #slots = slotsMin
  #used = 0
  #keys = new Int32Array(2 * slotsMin)
  #values = new Int32Array(slotsMin).fill(absent)

  get(a: number, b: number): number {
    return this.#values[this.#slotOf(a, b)] ?? absent
  }

  set(a: number, b: number, value: number): void {
    const slot = this.#slotOf(a, b)
    if (this.#values[slot] === absent) this.#used++
    this.#keys[2 * slot] = a
    this.#keys[2 * slot + 1] = b
    this.#values[slot] = value
    if (2 * this.#used > this.#slots) this.#grow()
  }

  /** The slot of the pair, or the free one where it belongs; half of all slots are free, so there is one. */
  #slotOf(a: number, b: number): number {
    const mask = this.#slots - 1
    let slot = hashOf(a, b) & mask
    while (this.#values[slot] !== absent && (this.#keys[2 * slot] !== a || this.#keys[2 * slot + 1] !== b)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values]
    this.#slots *= 2
    this.#keys = new Int32Array(2 * this.#slots)
    this.#values = new Int32Array(this.#slots).fill(absent)
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? absent
      if (value === absent) continue
      const [a, b] = [keys[2 * i] ?? 0, keys[2 * i + 1] ?? 0]
      const slot = this.#slotOf(a, b)
      this.#keys[2 * slot] = a
      this.#keys[2 * slot + 1] = b
      this.#values[slot] = value
    }
  }
}

function hashOf(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}
