/** The words of running prose, each with its place: what phrases are looked for in. */
import type { Line } from '../source-text.ts'

export interface ProseWord {
  /** In lower case, without marks around it. */
  readonly text: string
  /** Index in the file of its first character, and of the one after its last. */
  readonly at: number
  readonly end: number
  /** A paragraph or sentence begins with it: no phrase runs into it from before. */
  readonly opens: boolean
}

const word = /[\p{L}\p{N}\p{M}]+/gu

/**
 * The words of lines that stand together, over line breaks and marks of emphasis; an empty line begins a paragraph.
 * `U.S.` is two words, and so is `person's`.
 */
export function proseWords(lines: readonly Line[]): ProseWord[] {
  const words: ProseWord[] = []
  let between = ''
  let opens = true
  for (const { text, at } of lines) {
    if (text.trim() === '') opens = true
    let from = 0
    for (const match of text.matchAll(word)) {
      between += text.slice(from, match.index)
      const last = words.at(-1)
      words.push({
        text: match[0].normalize('NFKC').toLowerCase(),
        at: at + match.index,
        end: at + match.index + match[0].length,
        opens: opens || last === undefined || endsSentence(last, between, match[0]),
      })
      from = match.index + match[0].length
      between = ''
      opens = false
    }
    between += `${text.slice(from)}\n`
  }
  return words
}

/** A stop, then a blank, then a capital; the stop after a single letter is an abbreviation's. */
function endsSentence(last: ProseWord, between: string, next: string): boolean {
  if (last.end - last.at < 2) return false
  return /[.!?][)*_"'’”\]]*\s/.test(between) && /^\p{Lu}/u.test(next)
}
