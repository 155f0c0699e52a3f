/**
 * Decision diagrams over variables with several values (Bryant 1986; Kam et al. 1998 for several values): each
 * function from situations to numbers is one node, and equal functions are the same node.
 *
 * Nodes stand in typed arrays and are numbers to whoever uses them: `~value` for a constant, else an index. A
 * function that does not depend on a variable has no node of it.
 */
import { invariant } from '../../base/index.ts'
import { AgreementError } from '../agreement-error.ts'
import { PairTable, absent } from './pair-table.ts'

export type Node = number

/** Each variable may be one more call of a recursion. */
const variablesMax = 1_500

export const never: Node = ~0
export const always: Node = ~1

/** What two constants give; `known` answers for nodes where that is seen at once, else null. */
export interface Operation {
  of(a: number, b: number): number
  known?(f: Node, g: Node): Node | null
}

const and: Operation = {
  of: (a, b) => a & b,
  known: (f, g) => (f === never || g === always || f === g ? f : g === never || f === always ? g : null),
}
const or: Operation = {
  of: (a, b) => a | b,
  known: (f, g) => (f === always || g === never || f === g ? f : g === always || f === never ? g : null),
}
const butNot: Operation = {
  of: (a, b) => (b === 0 ? a : 0),
  known: (f, g) => (f === never || g === never ? f : g === always || f === g ? never : null),
}

/** A class, because it owns the store that all its nodes lie in. */
export class Diagrams {
  /** How many values each variable has, in the order in which diagrams ask for them. */
  readonly arities: readonly number[]
  readonly #stepsMax: number
  /** For each variable, where the children of a node in the making stand: only one is, at each variable. */
  readonly #draftAt: readonly number[]
  readonly #draft: Int32Array
  #steps = 0
  #count = 0
  #levels = new Int32Array(1024)
  #childrenAt = new Int32Array(1024)
  #children = new Int32Array(4096)
  #childrenEnd = 0
  #unique = new Int32Array(2048).fill(-1)

  /** Whoever takes more than `stepsMax` steps, a child of a node each, gets `COMPARISON_LIMIT`. */
  constructor(arities: readonly number[], stepsMax: number) {
    if (arities.length > variablesMax) {
      throw new AgreementError(
        'COMPARISON_LIMIT',
        `comparison too large: more than ${variablesMax} variables`,
      )
    }
    this.arities = arities
    this.#stepsMax = stepsMax
    let end = 0
    this.#draftAt = arities.map((arity) => (end += arity) - arity)
    this.#draft = new Int32Array(end)
  }

  get nodes(): number {
    return this.#count
  }

  get steps(): number {
    return this.#steps
  }

  /** The variable that a node asks for; past the last one for a constant. */
  levelOf(node: Node): number {
    return node < 0 ? this.arities.length : (this.#levels[node] ?? 0)
  }

  childOf(node: Node, value: number): Node {
    return this.#children[(this.#childrenAt[node] ?? 0) + value] ?? never
  }

  /** 1 where the variable has one of the values, else 0. */
  choice(level: number, accepts: (value: number) => boolean): Node {
    const at = this.#draftAt[level] ?? 0
    for (let value = 0; value < (this.arities[level] ?? 0); value++) {
      this.#draft[at + value] = accepts(value) ? always : never
    }
    return this.#nodeOf(level)
  }

  and(f: Node, g: Node): Node {
    return this.apply(f, g, and)
  }

  or(f: Node, g: Node): Node {
    return this.apply(f, g, or)
  }

  allOf(nodes: readonly Node[]): Node {
    return nodes.reduce((f, g) => this.and(f, g), always)
  }

  anyOf(nodes: readonly Node[]): Node {
    return nodes.reduce((f, g) => this.or(f, g), never)
  }

  not(f: Node): Node {
    return this.map(f, (a) => 1 - a)
  }

  butNot(f: Node, g: Node): Node {
    return this.apply(f, g, butNot)
  }

  map(f: Node, of: (a: number) => number): Node {
    return this.apply(f, never, { of })
  }

  /** The function that gives in each situation what the operation makes of both. */
  apply(f: Node, g: Node, operation: Operation): Node {
    return this.#apply(f, g, operation, new PairTable())
  }

  #apply(f: Node, g: Node, operation: Operation, known: PairTable): Node {
    const atOnce = operation.known?.(f, g) ?? null
    if (atOnce !== null) return atOnce
    if (f < 0 && g < 0) return ~operation.of(~f, ~g)
    const earlier = known.get(f, g)
    if (earlier !== absent) return earlier
    const [ofF, ofG] = [this.levelOf(f), this.levelOf(g)]
    const level = Math.min(ofF, ofG)
    const at = this.#draftAt[level] ?? 0
    this.countSteps(level)
    for (let value = 0; value < (this.arities[level] ?? 0); value++) {
      const left = ofF === level ? this.childOf(f, value) : f
      const right = ofG === level ? this.childOf(g, value) : g
      this.#draft[at + value] = this.#apply(left, right, operation, known)
    }
    const node = this.#nodeOf(level)
    known.set(f, g, node)
    return node
  }

  /** What the function gives where the variables have these values. */
  valueAt(f: Node, values: ArrayLike<number>): number {
    let node = f
    while (node >= 0) node = this.childOf(node, values[this.levelOf(node)] ?? 0)
    return ~node
  }

  /** All that the function gives anywhere. */
  valuesOf(f: Node): Set<number> {
    const values = new Set<number>()
    const seen = new Set<Node>()
    const open = [f]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node < 0) values.add(~node)
      else if (!seen.has(node)) {
        seen.add(node)
        this.countSteps(this.levelOf(node))
        for (let i = 0; i < (this.arities[this.levelOf(node)] ?? 0); i++) open.push(this.childOf(node, i))
      }
    }
    return values
  }

  /** Counts one visit of a node of this variable, also for work that is done outside this class. */
  countSteps(level: number): void {
    this.#steps += this.arities[level] ?? 0
    if (this.#steps > this.#stepsMax) {
      throw new AgreementError('COMPARISON_LIMIT', `comparison too large: more than ${this.#stepsMax} steps`)
    }
  }

  /** The one node with the children that stand in the draft. */
  #nodeOf(level: number): Node {
    const at = this.#draftAt[level] ?? 0
    const arity = this.arities[level] ?? 0
    const first = this.#draft[at] ?? never
    let [alike, hash] = [true, level]
    for (let i = 0; i < arity; i++) {
      const child = this.#draft[at + i] ?? never
      alike &&= child === first
      hash = Math.imul(hash ^ child, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    if (alike) return first
    const mask = this.#unique.length - 1
    let slot = hash & mask
    for (;;) {
      const node = this.#unique[slot] ?? -1
      if (node === -1) break
      if (this.#levels[node] === level && this.#isDraft(node, at, arity)) return node
      slot = (slot + 1) & mask
    }
    return this.#addNode(level, at, arity, slot)
  }

  #isDraft(node: Node, at: number, arity: number): boolean {
    const from = this.#childrenAt[node] ?? 0
    for (let i = 0; i < arity; i++) if (this.#children[from + i] !== this.#draft[at + i]) return false
    return true
  }

  #addNode(level: number, at: number, arity: number, slot: number): Node {
    if (this.#count === this.#levels.length) {
      this.#levels = grown(this.#levels)
      this.#childrenAt = grown(this.#childrenAt)
    }
    while (this.#childrenEnd + arity > this.#children.length) this.#children = grown(this.#children)
    const node = this.#count++
    this.#levels[node] = level
    this.#childrenAt[node] = this.#childrenEnd
    this.#children.set(this.#draft.subarray(at, at + arity), this.#childrenEnd)
    this.#childrenEnd += arity
    this.#unique[slot] = node
    if (2 * this.#count > this.#unique.length) this.#rehash()
    return node
  }

  #rehash(): void {
    const unique = new Int32Array(2 * this.#unique.length).fill(-1)
    const mask = unique.length - 1
    for (let node = 0; node < this.#count; node++) {
      const level = this.#levels[node] ?? 0
      let hash = level
      for (let i = 0; i < (this.arities[level] ?? 0); i++) {
        hash = Math.imul(hash ^ this.childOf(node, i), 0x9e3779b1)
        hash ^= hash >>> 15
      }
      let slot = hash & mask
      while (unique[slot] !== -1) slot = (slot + 1) & mask
      unique[slot] = node
    }
    invariant(unique.length > this.#count, 'half of the table is free')
    this.#unique = unique
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}
