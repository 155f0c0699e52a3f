/** The word that was probably meant: edit distance for "did you mean". */

/** A vocabulary may have thousands of words and a file thousands of mistakes. */
const comparedMax = 2_000

/** The nearest of `words` that is no further than a third of the letters away; null where none is. */
export function nearestWord(word: string, words: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = (word.length < 3 ? 0 : Math.max(1, Math.floor(word.length / 3))) + 1
  let compared = 0
  for (const candidate of words) {
    if (++compared > comparedMax) break
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** "did you mean …", or the words themselves where there are few. */
export function suggestWord(word: string, words: readonly string[]): string | undefined {
  const near = nearestWord(word, words)
  if (near !== null) return `did you mean \`${near}\`?`
  if (words.length === 0 || words.length > 12) return undefined
  return `use one of ${words.map((each) => `\`${each}\``).join(', ')}`
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, (older[j - 2] ?? 0) + 1)
      row.push(least)
    }
    older = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
