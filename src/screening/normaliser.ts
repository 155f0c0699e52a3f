/** Reads text as it comes and gives the characters that matchers compare, each with its place in the text. */
import { blank, dropped, foldOf, hidden, ideograph, payloadMask, sequence, sequenceOf } from './fold.ts'

/**
 * Normalised characters in order, the first `length` of the arrays. `starts` and `ends` are UTF-16 positions of
 * the character each came from; several may share them. Words are separated by single blanks; none comes first.
 */
export interface CharRun {
  readonly codes: Int32Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  length: number
}

export interface CharSink {
  /** The run is only lent: its arrays are written over as soon as this returns. */
  take(run: CharRun): void
}

/** UTF-16 units read before the sinks are called. */
const unitsPerRun = 256
/** No code point reads as more characters than U+FDFA, which has 18; an ideograph brings two blanks. */
const charsPerUnit = 20

/**
 * INVARIANT: filled and handed to the sinks within one call, so that all normalisers can share them and a
 * session costs a few numbers only.
 */
const visibleRun = newRun()
const hiddenRun = newRun()

function newRun(): CharRun {
  const size = (unitsPerRun + 2) * charsPerUnit
  return { codes: new Int32Array(size), starts: new Int32Array(size), ends: new Int32Array(size), length: 0 }
}

/** The fold of each ASCII character. */
const asciiFolds = Int32Array.from({ length: 128 }, (_, char) => foldOf(char))

/**
 * Two readings of one text: what is seen, and what tag characters and variation selectors carry unseen. For
 * any cut of the text into pushes the sinks receive the same characters.
 */
export class Normaliser {
  readonly #visible: CharSink
  readonly #hidden: CharSink
  #visibleAfterBlank = true
  #hiddenAfterBlank = true
  #position = 0
  /** A high surrogate that ended the last push, or 0. */
  #high = 0

  constructor(visible: CharSink, hiddenSink: CharSink) {
    this.#visible = visible
    this.#hidden = hiddenSink
  }

  /** UTF-16 units whose reading is settled: all that was pushed, but for a high surrogate at the end. */
  get settled(): number {
    return this.#position
  }

  push(text: string): void {
    for (let from = 0; from < text.length; from += unitsPerRun) {
      const to = Math.min(from + unitsPerRun, text.length)
      let i = from
      while (i < to) {
        if (this.#high === 0) i = this.#ascii(text, i, to)
        if (i < to) this.#unit(text.charCodeAt(i++))
      }
      this.#hand()
    }
  }

  /** Settles a high surrogate that nothing followed, and closes the last word. */
  end(): void {
    if (this.#high !== 0) this.#lone()
    this.#see(blank, this.#position, this.#position)
    this.#hide(blank, this.#position, this.#position)
    this.#hand()
  }

  #hand(): void {
    if (visibleRun.length > 0) this.#visible.take(visibleRun)
    if (hiddenRun.length > 0) this.#hidden.take(hiddenRun)
    visibleRun.length = 0
    hiddenRun.length = 0
  }

  /** Reads ASCII from `i` and returns the index of the first unit that is something else, or `to`. */
  #ascii(text: string, i: number, to: number): number {
    const { codes, starts, ends } = visibleRun
    let { length } = visibleRun
    let position = this.#position
    let afterBlank = this.#visibleAfterBlank
    for (; i < to; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 128) break
      const char = asciiFolds[unit] ?? blank
      position++
      if (char === dropped || (char === blank && afterBlank)) continue
      afterBlank = char === blank
      codes[length] = char
      starts[length] = position - 1
      ends[length] = position
      length++
    }
    visibleRun.length = length
    this.#position = position
    this.#visibleAfterBlank = afterBlank
    return i
  }

  #unit(unit: number): void {
    const low = unit >= 0xdc00 && unit <= 0xdfff
    if (this.#high !== 0) {
      if (low) {
        this.#codePoint((this.#high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000, 2)
        this.#high = 0
        return
      }
      this.#lone()
    }
    if (unit >= 0xd800 && unit <= 0xdbff) this.#high = unit
    else this.#codePoint(low ? blank : unit, 1)
  }

  #lone(): void {
    this.#high = 0
    this.#codePoint(blank, 1)
  }

  #codePoint(codePoint: number, units: number): void {
    const start = this.#position
    const end = start + units
    this.#position = end
    const fold = foldOf(codePoint)
    if (fold < dropped) this.#see(fold, start, end)
    else if (fold & hidden) this.#hide(fold & payloadMask, start, end)
    else if (fold & sequence) for (const char of sequenceOf(fold)) this.#seeWord(char, start, end)
    else if (fold & ideograph) this.#seeWord(fold, start, end)
  }

  #seeWord(char: number, start: number, end: number): void {
    const word = (char & ideograph) !== 0
    if (word) this.#see(blank, start, start)
    this.#see(char & payloadMask, start, end)
    if (word) this.#see(blank, start, end)
  }

  #see(char: number, start: number, end: number): void {
    if (char !== blank || !this.#visibleAfterBlank) append(visibleRun, char, start, end)
    this.#visibleAfterBlank = char === blank
  }

  #hide(char: number, start: number, end: number): void {
    if (char !== blank || !this.#hiddenAfterBlank) append(hiddenRun, char, start, end)
    this.#hiddenAfterBlank = char === blank
  }
}

function append(run: CharRun, char: number, start: number, end: number): void {
  run.codes[run.length] = char
  run.starts[run.length] = start
  run.ends[run.length] = end
  run.length++
}

/** The visible reading of a whole text, without blanks at its ends. */
export function normalise(text: string): string {
  let read = ''
  const visible: CharSink = {
    take: ({ codes, length }) => (read += String.fromCodePoint(...codes.subarray(0, length))),
  }
  const normaliser = new Normaliser(visible, { take: () => undefined })
  normaliser.push(text)
  normaliser.end()
  return read.trimEnd()
}
