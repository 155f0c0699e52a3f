/** Reads text as it comes and gives the characters that matchers compare, each with its place in the text. */
import { blank, dropped, foldOf, hidden, ideograph, payloadMask, sequence, sequenceOf } from './fold.ts'

/**
 * Takes normalised characters in order. `start` and `end` are UTF-16 positions of the character it came from;
 * several may share them. Words are separated by single blanks; none comes first.
 */
export interface CharSink {
  put(char: number, start: number, end: number): void
}

/** The fold of each ASCII character. */
const asciiFolds = Int32Array.from({ length: 128 }, (_, char) => foldOf(char))

/**
 * Two readings of one text: what is seen, and what tag characters and variation selectors carry unseen. For
 * any cut of the text into pushes the sinks receive the same calls. State is a few numbers.
 */
export class Normaliser {
  readonly #visible: BlankRun
  readonly #hidden: BlankRun
  #position = 0
  /** A high surrogate that ended the last push, or 0. */
  #high = 0

  constructor(visible: CharSink, hiddenSink: CharSink) {
    this.#visible = new BlankRun(visible)
    this.#hidden = new BlankRun(hiddenSink)
  }

  /** UTF-16 units whose reading is settled: all that was pushed, but for a high surrogate at the end. */
  get settled(): number {
    return this.#position
  }

  push(text: string): void {
    let position = this.#position
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit < 128 && this.#high === 0) {
        const fold = asciiFolds[unit] ?? blank
        if (fold !== dropped) this.#visible.put(fold, position, position + 1)
        position++
      } else {
        position = this.#unit(unit, position)
      }
    }
    this.#position = position
  }

  /** Settles a high surrogate that nothing followed, and closes the last word. */
  end(): void {
    if (this.#high !== 0) this.#position = this.#lone(this.#position)
    this.#visible.put(blank, this.#position, this.#position)
    this.#hidden.put(blank, this.#position, this.#position)
  }

  /** One UTF-16 unit at `position`, a high surrogate before it not counted; returns the position after it. */
  #unit(unit: number, position: number): number {
    const low = unit >= 0xdc00 && unit <= 0xdfff
    if (this.#high !== 0) {
      if (low) {
        this.#codePoint((this.#high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000, position, position + 2)
        this.#high = 0
        return position + 2
      }
      position = this.#lone(position)
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      this.#high = unit
      return position
    }
    this.#codePoint(low ? blank : unit, position, position + 1)
    return position + 1
  }

  #lone(position: number): number {
    this.#high = 0
    this.#visible.put(blank, position, position + 1)
    return position + 1
  }

  #codePoint(codePoint: number, start: number, end: number): void {
    const fold = foldOf(codePoint)
    if (fold < dropped) this.#visible.put(fold, start, end)
    else if (fold & hidden) this.#hidden.put(fold & payloadMask, start, end)
    else if (fold & sequence) for (const char of sequenceOf(fold)) this.#char(char, start, end)
    else if (fold & ideograph) this.#char(fold, start, end)
  }

  #char(char: number, start: number, end: number): void {
    const word = (char & ideograph) !== 0
    if (word) this.#visible.put(blank, start, start)
    this.#visible.put(char & payloadMask, start, end)
    if (word) this.#visible.put(blank, end, end)
  }
}

/** Lets the first blank of a run through, and none at the start. */
class BlankRun {
  readonly #sink: CharSink
  #afterBlank = true

  constructor(sink: CharSink) {
    this.#sink = sink
  }

  put(char: number, start: number, end: number): void {
    if (char === blank) {
      if (this.#afterBlank) return
      this.#afterBlank = true
    } else {
      this.#afterBlank = false
    }
    this.#sink.put(char, start, end)
  }
}

/** The visible reading of a whole text, without blanks at its ends. */
export function normalise(text: string): string {
  let read = ''
  const visible: CharSink = { put: (char) => (read += String.fromCodePoint(char)) }
  const normaliser = new Normaliser(visible, { put: () => undefined })
  normaliser.push(text)
  normaliser.end()
  return read.trimEnd()
}
