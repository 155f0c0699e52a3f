/** Cuts a set of situations into boxes that lie inside it, the plainest and largest first. */
import { always, never } from './diagrams.ts'
import type { Diagrams, Node } from './diagrams.ts'
import type { Plainness } from './plainness.ts'
import type { Variables } from './variables.ts'

/** For each variable, which of its values are left: 1 for left. */
export type ValueBox = readonly Uint8Array[]

export interface CutBox {
  readonly box: ValueBox
  /** The plainest values in the box that no box before it holds. */
  readonly witness: Int32Array
}

export interface Cut {
  readonly boxes: readonly CutBox[]
  /** Whether the boxes are all of the set. */
  readonly covered: boolean
}

export const boxesMax = 12

/** Cuts sets of one comparison; a class, because it owns the marks of its walks. */
export class BoxCutter {
  readonly #diagrams: Diagrams
  readonly #plainness: Plainness
  readonly #orders: readonly (readonly number[])[]
  /** Which walk has seen a node last. */
  #marks = new Int32Array(1024)
  #walk = 0

  constructor(diagrams: Diagrams, variables: Variables, plainness: Plainness) {
    this.#diagrams = diagrams
    this.#plainness = plainness
    this.#orders = ordersOf(variables)
  }

  /** At least one box of a set that is not empty; a further one while there is time, by `mayGoOn`. */
  cut(set: Node, mayGoOn: () => boolean): Cut {
    const boxes: CutBox[] = []
    let left = set
    while (left !== never && boxes.length < boxesMax && (boxes.length === 0 || mayGoOn())) {
      const witness = this.#plainestOf(left)
      const box = this.#largestAround(witness, set)
      boxes.push({ box, witness })
      left = this.#diagrams.butNot(left, this.#diagramOf(box))
    }
    return { boxes, covered: left === never }
  }

  /** The smallest box that holds all of the set; no value of any variable where it is empty. */
  around(set: Node): ValueBox {
    return this.#diagrams.arities.map((arity, level) =>
      Uint8Array.from({ length: arity }, (_, value) => {
        const at = this.#diagrams.choice(level, (each) => each === value)
        return Number(this.#diagrams.and(set, at) !== never)
      }),
    )
  }

  /** The values of least cost among those of the set: a shortest path. */
  #plainestOf(set: Node): Int32Array {
    const { costs } = this.#plainness
    const plainest = costs.map((each) => each.indexOf(Math.min(...each)))
    const known = new Map<Node, { cost: number; value: number }>()
    const costOf = (node: Node): number => {
      if (node < 0) return node === never ? Infinity : 0
      const earlier = known.get(node)
      if (earlier !== undefined) return earlier.cost
      const level = this.#diagrams.levelOf(node)
      this.#diagrams.countSteps(level)
      let best = { cost: Infinity, value: 0 }
      for (const [value, own] of (costs[level] ?? []).entries()) {
        const cost = own + costOf(this.#diagrams.childOf(node, value))
        if (cost < best.cost) best = { cost, value }
      }
      known.set(node, best)
      return best.cost
    }
    costOf(set)
    const values = Int32Array.from(plainest)
    for (let node = set; node >= 0;) {
      const value = known.get(node)?.value ?? 0
      values[this.#diagrams.levelOf(node)] = value
      node = this.#diagrams.childOf(node, value)
    }
    return values
  }

  #largestAround(witness: Int32Array, set: Node): ValueBox {
    let [largest, size]: [ValueBox | null, number] = [null, -Infinity]
    for (const order of this.#orders) {
      const box = this.#grow(witness, set, order)
      const own = this.#sizeOf(box)
      if (largest === null || own > size + 1e-9) [largest, size] = [box, own]
    }
    return largest ?? []
  }

  /** Frees variable after variable, value by value, as far as the box stays inside the set. */
  #grow(witness: Int32Array, set: Node, order: readonly number[]): ValueBox {
    const { arities } = this.#diagrams
    const box = arities.map((arity, level) => onlyValue(arity, witness[level] ?? 0))
    for (const level of order) {
      const grown = box[level] ?? new Uint8Array()
      for (let value = 0; value < (arities[level] ?? 0); value++) {
        if (grown[value] === 1) continue
        // What the box already holds lies inside: only the part that is new is looked at.
        const added = box.with(level, onlyValue(grown.length, value))
        if (this.#isInside(added, set)) grown[value] = 1
      }
    }
    return box
  }

  #isInside(box: ValueBox, set: Node): boolean {
    if (this.#marks.length < this.#diagrams.nodes) this.#marks = new Int32Array(2 * this.#diagrams.nodes)
    this.#walk++
    return this.#holdsFrom(set, box)
  }

  #holdsFrom(node: Node, box: ValueBox): boolean {
    if (node < 0) return node !== never
    if (this.#marks[node] === this.#walk) return true
    const level = this.#diagrams.levelOf(node)
    this.#diagrams.countSteps(level)
    const left = box[level]
    for (let value = 0; value < (left?.length ?? 0); value++) {
      if (left?.[value] === 1 && !this.#holdsFrom(this.#diagrams.childOf(node, value), box)) return false
    }
    this.#marks[node] = this.#walk
    return true
  }

  /** The share of ordinary calls, as a logarithm. */
  #sizeOf(box: ValueBox): number {
    let size = 0
    for (const [level, weights] of this.#plainness.weights.entries()) {
      let [left, all] = [0, 0]
      for (const [value, weight] of weights.entries()) {
        all += weight
        if (box[level]?.[value] === 1) left += weight
      }
      size += Math.log(left / all)
    }
    return size
  }

  #diagramOf(box: ValueBox): Node {
    let node = always
    for (let level = box.length - 1; level >= 0; level--) {
      const left = box[level]
      if (left === undefined || left.every((each) => each === 1)) continue
      node = this.#diagrams.and(
        node,
        this.#diagrams.choice(level, (value) => left[value] === 1),
      )
    }
    return node
  }
}

function onlyValue(arity: number, value: number): Uint8Array {
  const left = new Uint8Array(arity)
  left[value] = 1
  return left
}

/** In which order variables are freed: first what a call seldom has, then numbers, then words, each word once first. */
function ordersOf({ list }: Variables): number[][] {
  const levels = list.map((_, level) => level)
  const of = (...families: string[]): number[] =>
    families.flatMap((family) => levels.filter((level) => list[level]?.family === family))
  const first = of('findings', 'provenance', 'chain', 'persons', 'committed', 'time')
  const words = ['surface', 'model', 'consumer', 'purpose', 'unit', 'act']
  return ['act', 'purpose', 'unit'].map((leading) => [
    ...first,
    ...of(leading, ...words.filter((word) => word !== leading)),
  ])
}
