/** Finds phrases in the words of prose. */
import type { ProseWord } from './prose-words.ts'

/** `any|all`: one of these words. A number: so many words at most, whichever they are. */
type Slot = ReadonlySet<string> | number

export type PhrasePattern = readonly Slot[]

/** Reads `any|all ~1 lawful use|purpose`: alternatives of one word, `~1` for up to one word of any kind. */
export function phrasePattern(text: string): PhrasePattern {
  return text
    .split(' ')
    .map((slot) => (slot.startsWith('~') ? Number(slot.slice(1)) : new Set(slot.split('|'))))
}

/**
 * How many words from `from` on the pattern takes, the fewest that will do; 0 where it does not fit. A pattern begins
 * and ends with a word, so that its gaps are bounded by its length: at most eight words for each.
 */
export function phraseLength(words: readonly ProseWord[], from: number, pattern: PhrasePattern): number {
  const end = endOf(words, from, pattern, 0, from)
  return end === null ? 0 : end - from
}

function endOf(
  words: readonly ProseWord[],
  at: number,
  pattern: PhrasePattern,
  next: number,
  from: number,
): number | null {
  const slot = pattern[next]
  if (slot === undefined) return at
  if (typeof slot === 'number') {
    for (let skipped = 0; skipped <= slot; skipped++) {
      const end = endOf(words, at + skipped, pattern, next + 1, from)
      if (end !== null) return end
      if (!isWithin(words[at + skipped], at + skipped, from)) return null
    }
    return null
  }
  const word = words[at]
  if (!isWithin(word, at, from) || !slot.has(word.text)) return null
  return endOf(words, at + 1, pattern, next + 1, from)
}

function isWithin(word: ProseWord | undefined, at: number, from: number): word is ProseWord {
  return word !== undefined && (at === from || !word.opens)
}
