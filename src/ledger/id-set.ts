/**
 * Ids that were used before, for as long as a log is: a set that only grows. It keeps 128 bits of a hash of each id
 * in a table of its own, so that millions take some 40 bytes each. The hash is fast and not cryptographic: two ids
 * that someone makes to be taken for one are refused, but an id that was used is never missed.
 */

const wordsPerId = 4
/** Of this many places at most three quarters are taken. */
const slotsMin = 64

export class IdSet {
  #table = new Uint32Array(slotsMin * wordsPerId)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(id: string): boolean {
    const words = wordsOf(id)
    return this.#isTaken(this.#placeOf(words))
  }

  /** False when it was there before. */
  add(id: string): boolean {
    const words = wordsOf(id)
    const place = this.#placeOf(words)
    if (this.#isTaken(place)) return false
    this.#table.set(words, place)
    this.#size++
    if (this.#size * wordsPerId > this.#table.length * 0.75) this.#grow()
    return true
  }

  /** Where the id stands, or the free place where it would. */
  #placeOf(words: Uint32Array): number {
    const slots = this.#table.length / wordsPerId
    // The number of slots is a power of two.
    let slot = (words[1] ?? 0) & (slots - 1)
    while (this.#isTaken(slot * wordsPerId) && !this.#holds(slot * wordsPerId, words)) {
      slot = (slot + 1) & (slots - 1)
    }
    return slot * wordsPerId
  }

  #isTaken(place: number): boolean {
    return this.#table[place] !== 0
  }

  #holds(place: number, words: Uint32Array): boolean {
    return words.every((word, i) => this.#table[place + i] === word)
  }

  #grow(): void {
    const before = this.#table
    this.#table = new Uint32Array(before.length * 2)
    for (let place = 0; place < before.length; place += wordsPerId) {
      const words = before.subarray(place, place + wordsPerId)
      if (words[0] !== 0) this.#table.set(words, this.#placeOf(words))
    }
  }
}

/**
 * 128 bits that every character changes: each step is a bijection of the four words, after bryc's cyrb128
 * (https://github.com/bryc/code/blob/master/jshash/PRNGs.md). The first word is never 0, which marks a free place.
 */
function wordsOf(id: string): Uint32Array {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762]
  const mix = (k: number): void => {
    a = b ^ Math.imul(a ^ k, 597399067)
    b = c ^ Math.imul(b ^ k, 2869860233)
    c = d ^ Math.imul(c ^ k, 951274213)
    d = a ^ Math.imul(d ^ k, 2716044179)
  }
  for (let i = 0; i < id.length; i++) mix(id.charCodeAt(i))
  for (let round = 0; round < 4; round++) mix((a >>> 18) ^ (c >>> 11) ^ id.length)
  return Uint32Array.of(a | 1, b, c, d)
}
