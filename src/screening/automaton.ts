/**
 * Aho–Corasick (Aho & Corasick, CACM 18(6), 1975) compiled to one table: a step per character, whatever the
 * terms are.
 */
import { ServandaError } from '../base/index.ts'
import { blank } from './fold.ts'

/** One term of one group, in normalised characters. */
export interface Term {
  readonly group: number
  /** Words separated by single blanks, without blanks at its ends. */
  readonly text: string
  /** Whether the last word may go on, as `monitor*` does. */
  readonly stem: boolean
}

export interface Automaton {
  /** The state after a blank, where every text begins. */
  readonly initial: number
  /** The state after `char` in `state`. States are offsets into a table, not consecutive. */
  next(state: number, char: number): number
  /** Whether some term ends on entering `state`. */
  hits(state: number): boolean
  /** Calls `found` for every term that ends on entering `state`; `letters` leaves blanks at its ends out. */
  forEachHit(state: number, found: (group: number, letters: number) => void): void
  /** Characters that the text read so far ends with and that a term still to be completed begins with, blank included. */
  depth(state: number): number
  readonly depthMax: number
}

/** Cells of the table, four bytes each: enough for about 100,000 characters of phrases. */
const cellsMax = 8_000_000

interface Trie {
  readonly children: Map<number, number>[]
  readonly depths: number[]
  /** Terms that end at the node: pairs of group and letters, flattened. */
  readonly ends: number[][]
}

/** Throws `SCREENING_PHRASE` when the terms are too many for a table of bounded size. */
export function buildAutomaton(terms: readonly Term[]): Automaton {
  const trie = buildTrie(terms)
  const symbols = symbolTable(terms)
  const width = symbols.size + 2
  if (trie.depths.length * width > cellsMax) {
    throw new ServandaError('SCREENING_PHRASE', 'the phrases to screen for are too many or too long')
  }
  const { table, ends, depths } = fillTable(trie, symbols, width)
  return seal(table, ends, depths, symbols, width)
}

function buildTrie(terms: readonly Term[]): Trie {
  const trie: Trie = { children: [new Map<number, number>()], depths: [0], ends: [[]] }
  for (const { group, text, stem } of terms) {
    let node = 0
    for (const char of ` ${text}${stem ? '' : ' '}`) node = childOf(trie, node, char.codePointAt(0) ?? blank)
    trie.ends[node]?.push(group, Array.from(text).length)
  }
  return trie
}

function childOf(trie: Trie, node: number, char: number): number {
  const known = trie.children[node]?.get(char)
  if (known !== undefined) return known
  const child = trie.depths.length
  trie.children[node]?.set(char, child)
  trie.children.push(new Map())
  trie.depths.push((trie.depths[node] ?? 0) + 1)
  trie.ends.push([])
  return child
}

/** Characters that occur in terms, numbered from 1; 0 stands for all others. */
function symbolTable(terms: readonly Term[]): ReadonlyMap<number, number> {
  const symbols = new Map([[blank, 1]])
  for (const { text } of terms) {
    for (const char of text) {
      const code = char.codePointAt(0) ?? blank
      if (!symbols.has(code)) symbols.set(code, symbols.size + 1)
    }
  }
  return symbols
}

/** Breadth first, so that the state a failure falls back to is complete before it is copied. */
function fillTable(trie: Trie, symbols: ReadonlyMap<number, number>, width: number) {
  const table = new Int32Array(trie.depths.length * width)
  const ends = trie.ends.map((own) => [...own])
  const depths = [...trie.depths]
  const failure = new Int32Array(trie.depths.length)
  const queue = [0]
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0
    const fallback = failure[node] ?? 0
    if (node !== 0) {
      table.copyWithin(node * width, fallback * width, (fallback + 1) * width)
      ends[node]?.push(...(ends[fallback] ?? []))
      // Nothing goes on from a leaf: what is still begun there is what the fallback has begun.
      if (trie.children[node]?.size === 0) depths[node] = depths[fallback] ?? 0
    }
    for (const [char, child] of trie.children[node] ?? []) {
      const cell = node * width + (symbols.get(char) ?? 0)
      failure[child] = node === 0 ? 0 : (table[cell] ?? 0) / width
      table[cell] = child * width
      queue.push(child)
    }
  }
  return { table, ends, depths }
}

function seal(
  table: Int32Array,
  ends: readonly (readonly number[])[],
  depths: readonly number[],
  symbols: ReadonlyMap<number, number>,
  width: number,
): Automaton {
  const hitsFrom = new Int32Array(ends.length + 1)
  for (const [node, own] of ends.entries()) {
    hitsFrom[node + 1] = (hitsFrom[node] ?? 0) + own.length
    // The last column of a row says whether a term ends there, so that a step touches one row only.
    table[(node + 1) * width - 1] = own.length
  }
  return new Table(table, width, symbols, { hitsFrom, hits: Int32Array.from(ends.flat()), depths })
}

interface Nodes {
  /** For each node the index of its first hit. */
  readonly hitsFrom: Int32Array
  /** Pairs of group and letters. */
  readonly hits: Int32Array
  readonly depths: readonly number[]
}

class Table implements Automaton {
  readonly initial: number
  readonly depthMax: number
  readonly #table: Int32Array
  readonly #width: number
  readonly #ascii: Int32Array
  readonly #symbols: ReadonlyMap<number, number>
  readonly #nodes: Nodes

  constructor(table: Int32Array, width: number, symbols: ReadonlyMap<number, number>, nodes: Nodes) {
    this.#table = table
    this.#width = width
    this.#symbols = symbols
    this.#ascii = Int32Array.from({ length: 128 }, (_, char) => symbols.get(char) ?? 0)
    this.#nodes = nodes
    this.initial = this.next(0, blank)
    this.depthMax = nodes.depths.reduce((most, depth) => Math.max(most, depth), 0)
  }

  next(state: number, char: number): number {
    const symbol = char < 128 ? this.#ascii[char] : this.#symbols.get(char)
    return this.#table[state + (symbol ?? 0)] ?? 0
  }

  hits(state: number): boolean {
    return this.#table[state + this.#width - 1] !== 0
  }

  forEachHit(state: number, found: (group: number, letters: number) => void): void {
    const { hits, hitsFrom } = this.#nodes
    const node = state / this.#width
    const end = hitsFrom[node + 1] ?? 0
    for (let i = hitsFrom[node] ?? 0; i < end; i += 2) found(hits[i] ?? 0, hits[i + 1] ?? 0)
  }

  depth(state: number): number {
    return this.#nodes.depths[state / this.#width] ?? 0
  }
}
