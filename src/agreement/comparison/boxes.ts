/** Covers sets of situations by boxes, the plainest and largest first. */
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

  /**
   * Covers a set by boxes that lie within `room`, which holds it. At least one box of a set that is not empty; a
   * further one while there is time, by `mayGoOn`.
   */
  cut(set: Node, room: Node, mayGoOn: () => boolean): Cut {
    const boxes: CutBox[] = []
    let left = set
    while (left !== never && boxes.length < boxesMax && (boxes.length === 0 || mayGoOn())) {
      const witness = this.#plainestOf(left)
      const box = this.#largestAround(witness, room)
      boxes.push({ box, witness })
      left = this.#diagrams.butNot(left, this.#diagramOf(box))
    }
    return { boxes, covered: left === never }
  }

  /** The smallest box that holds all of the set; no value of any variable where it is empty. */
  around(set: Node): ValueBox {
    const { arities } = this.#diagrams
    const box = arities.map((arity) => new Uint8Array(arity))
    if (set === never) return box
    const seen = new Set<Node>()
    // Between a node and its child lie the variables that the child does not ask for: all their values are there.
    const reach = (node: Node, from: number): void => {
      const level = this.#diagrams.levelOf(node)
      for (let skipped = from; skipped < level; skipped++) box[skipped]?.fill(1)
      if (node < 0 || seen.has(node)) return
      seen.add(node)
      this.#diagrams.countSteps(level)
      const here = box[level] ?? new Uint8Array()
      for (let value = 0; value < here.length; value++) {
        const child = this.#diagrams.childOf(node, value)
        if (child === never) continue
        here[value] = 1
        reach(child, level + 1)
      }
    }
    reach(set, 0)
    return box
  }

  /**
   * The box with nothing in it that says nothing: of the situations of `whole` it holds the same ones, but no value
   * that none of them has, and no variable is limited that lets the same ones in without its limit.
   */
  withoutIdle(box: ValueBox, whole: Node): ValueBox {
    const there = this.around(this.#diagrams.and(whole, this.#diagramOf(box)))
    const said = box.map((left, level) => left.map((each, value) => each & (there[level]?.[value] ?? 0)))
    for (const level of this.#orders[0] ?? []) {
      const left = said[level] ?? new Uint8Array()
      if (left.every((each) => each === 1)) continue
      const freed = said.with(level, new Uint8Array(left.length).fill(1))
      const reached = this.around(this.#diagrams.and(whole, this.#diagramOf(freed)))[level]
      if (reached?.every((each, value) => each <= (left[value] ?? 0)) === true) left.fill(1)
    }
    return said
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

  #largestAround(witness: Int32Array, room: Node): ValueBox {
    let [largest, size]: [ValueBox | null, number] = [null, -Infinity]
    for (const order of this.#orders) {
      const box = this.#grow(witness, room, order)
      const own = this.#sizeOf(box)
      if (largest === null || own > size + 1e-9) [largest, size] = [box, own]
    }
    return largest ?? []
  }

  /** Frees variable after variable, value by value, as far as the box stays inside. */
  #grow(witness: Int32Array, room: Node, order: readonly number[]): ValueBox {
    const { arities } = this.#diagrams
    const box = arities.map((arity, level) => onlyValue(arity, witness[level] ?? 0))
    for (const level of order) {
      const grown = box[level] ?? new Uint8Array()
      for (let value = 0; value < (arities[level] ?? 0); value++) {
        if (grown[value] === 1) continue
        // What the box already holds lies inside: only the part that is new is looked at.
        const added = box.with(level, onlyValue(grown.length, value))
        if (this.#isInside(added, room)) grown[value] = 1
      }
    }
    return box
  }

  #isInside(box: ValueBox, room: Node): boolean {
    if (this.#marks.length < this.#diagrams.nodes) this.#marks = new Int32Array(2 * this.#diagrams.nodes)
    this.#walk++
    return this.#holdsFrom(room, box)
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
