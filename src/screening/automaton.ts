/**
 * Aho–Corasick (Aho & Corasick, CACM 18(6), 1975) compiled to one table: a step per character, whatever the
 * terms are.
 */
import { ScreeningError } from './screening-error.ts'
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
  /** The state after `char` in `state`. States are not consecutive numbers. */
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
  // Rows of even width leave the lowest bit of a state free to say that a term ends there.
  const width = 2 * Math.ceil((symbols.size + 1) / 2)
  if (trie.depths.length * width > cellsMax) {
    throw new ScreeningError('SCREENING_PHRASE', 'the phrases to screen for are too many or too long')
  }
  const depthMax = trie.depths.reduce((most, depth) => Math.max(most, depth), 0)
  return new Table(layRows(trie, symbols, width), symbols, width, depthMax)
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

interface Rows {
  /** `cells[state + symbol]` is the next state. */
  readonly cells: Int32Array
  /** For each row the terms that end there: pairs of group and letters. */
  readonly ends: readonly (readonly number[])[]
  readonly depths: readonly number[]
}

/**
 * One row per node, breadth first: so the row that a failure falls back to is complete before it is copied, and
 * the shallow rows, where most text stays, lie side by side.
 */
function layRows(trie: Trie, symbols: ReadonlyMap<number, number>, width: number): Rows {
  const cells = new Int32Array(trie.depths.length * width)
  const ends: number[][] = []
  const depths: number[] = []
  const nodes = [0]
  const fallbacks = [0]
  for (let row = 0; row < nodes.length; row++) {
    const node = nodes[row] ?? 0
    const fallback = fallbacks[row] ?? 0
    const children = trie.children[node] ?? new Map<number, number>()
    if (row > 0) cells.copyWithin(row * width, fallback * width, (fallback + 1) * width)
    ends.push([...(trie.ends[node] ?? []), ...(row > 0 ? (ends[fallback] ?? []) : [])])
    // Nothing goes on from a leaf: what is still begun there is what the fallback has begun.
    depths.push((children.size > 0 ? trie.depths[node] : depths[fallback]) ?? 0)
    for (const [char, child] of children) {
      const cell = row * width + (symbols.get(char) ?? 0)
      fallbacks.push(row === 0 ? 0 : (cells[cell] ?? 0) / width)
      cells[cell] = nodes.push(child) * width - width
    }
  }
  for (const [cell, state] of cells.entries()) {
    if ((ends[state / width]?.length ?? 0) > 0) cells[cell] = state | hitBit
  }
  return { cells, ends, depths }
}

const hitBit = 1

class Table implements Automaton {
  readonly initial: number
  readonly depthMax: number
  readonly #cells: Int32Array
  readonly #width: number
  readonly #ascii: Int32Array
  readonly #symbols: ReadonlyMap<number, number>
  readonly #depths: readonly number[]
  /** All hits in the order of rows, and for each row where its own begin. */
  readonly #hits: Int32Array
  readonly #hitsFrom: Int32Array

  constructor(
    { cells, ends, depths }: Rows,
    symbols: ReadonlyMap<number, number>,
    width: number,
    depthMax: number,
  ) {
    this.#cells = cells
    this.#width = width
    this.#symbols = symbols
    this.#ascii = Int32Array.from({ length: 128 }, (_, char) => symbols.get(char) ?? 0)
    this.#depths = depths
    this.#hits = Int32Array.from(ends.flat())
    this.#hitsFrom = new Int32Array(ends.length + 1)
    for (const [row, own] of ends.entries()) this.#hitsFrom[row + 1] = (this.#hitsFrom[row] ?? 0) + own.length
    this.initial = this.next(0, blank)
    this.depthMax = depthMax
  }

  next(state: number, char: number): number {
    const symbol = char < 128 ? this.#ascii[char] : this.#symbols.get(char)
    return this.#cells[(state & ~hitBit) + (symbol ?? 0)] ?? 0
  }

  hits(state: number): boolean {
    return (state & hitBit) !== 0
  }

  forEachHit(state: number, found: (group: number, letters: number) => void): void {
    const row = (state & ~hitBit) / this.#width
    const end = this.#hitsFrom[row + 1] ?? 0
    for (let i = this.#hitsFrom[row] ?? 0; i < end; i += 2) found(this.#hits[i] ?? 0, this.#hits[i + 1] ?? 0)
  }

  depth(state: number): number {
    return this.#depths[(state & ~hitBit) / this.#width] ?? 0
  }
}
