/**
 * Ids that were used before, for as long as a log is: a set that only grows. It keeps 128 bits of each id's SHA-256
 * in a table of its own, so that millions take 16 to 43 bytes each, and nobody finds two ids that are taken for one.
 */
import { sha256, utf8 } from '../base/index.ts'

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

/** The first word is never 0, which marks a free place. */
function wordsOf(id: string): Uint32Array {
  const digest = Buffer.from(sha256(utf8(id)))
  const words = Uint32Array.from({ length: wordsPerId }, (_, i) => digest.readUInt32LE(i * 4))
  words[0] = (words[0] ?? 0) | 1
  return words
}
