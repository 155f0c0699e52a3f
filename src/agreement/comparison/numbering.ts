/** Numbers things, equal ones alike, so that they can be constants of diagrams. */

export class Numbering<T> {
  readonly #keyOf: (thing: T) => string
  readonly #numbers = new Map<string, number>()
  readonly #things: T[] = []

  /** The first things get the numbers 0, 1, … */
  constructor(keyOf: (thing: T) => string, ...first: readonly T[]) {
    this.#keyOf = keyOf
    for (const thing of first) this.numberOf(thing)
  }

  get size(): number {
    return this.#things.length
  }

  numberOf(thing: T): number {
    const key = this.#keyOf(thing)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#things.length)
    return this.#things.push(thing) - 1
  }

  thing(number: number): T {
    const thing = this.#things[number]
    if (thing === undefined) throw new RangeError(`nothing has the number ${number}`)
    return thing
  }
}
