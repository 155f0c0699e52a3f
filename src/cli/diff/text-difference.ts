/** The texts of two versions beside each other: lines, and in a pair of lines the words that differ. */
import { createTwoFilesPatch, diffWordsWithSpace, structuredPatch } from 'diff'

/** Texts that differ in more lines than this are not set side by side; the time it takes grows with them. */
const linesChangedMax = 5_000
/** Word marks beyond which a line counts as another line. */
const wordsChangedMax = 400

/** A unified patch; null where the texts have too little in common to show one. Empty where they are the same. */
export function unifiedPatch(before: TextOfFile, after: TextOfFile): string | null {
  if (before.text === after.text) return ''
  const options = { context: 2, maxEditLength: linesChangedMax }
  const patch: string | undefined = createTwoFilesPatch(
    before.file,
    after.file,
    before.text,
    after.text,
    undefined,
    undefined,
    options,
  )
  return patch === undefined ? null : patch.slice(patch.indexOf('---'))
}

export interface TextOfFile {
  readonly file: string
  readonly text: string
}

export interface Piece {
  readonly text: string
  /** Whether the other side has it too. */
  readonly same: boolean
}

export interface Cell {
  readonly line: number
  readonly pieces: readonly Piece[]
}

/** One row: a line of either side, or of both. */
export interface Row {
  readonly before: Cell | null
  readonly after: Cell | null
}

/** The changed passages, each with a line or two around it; null where there are too many. */
export function passagesOf(before: TextOfFile, after: TextOfFile): readonly (readonly Row[])[] | null {
  const options = { context: 1, maxEditLength: linesChangedMax }
  const patch = structuredPatch('', '', before.text, after.text, undefined, undefined, options)
  if (patch === undefined) return null
  return patch.hunks.map(({ oldStart, newStart, lines }) => rowsOf(lines, oldStart, newStart))
}

function rowsOf(lines: readonly string[], oldStart: number, newStart: number): Row[] {
  const rows: Row[] = []
  let [removed, added]: [string[], string[]] = [[], []]
  let [oldLine, newLine] = [oldStart, newStart]
  const flush = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) {
      rows.push(pairOf(removed[i], added[i], oldLine + i, newLine + i))
    }
    oldLine += removed.length
    newLine += added.length
    ;[removed, added] = [[], []]
  }
  for (const line of lines) {
    const text = line.slice(1)
    if (line.startsWith('-')) removed.push(text)
    else if (line.startsWith('+')) added.push(text)
    else if (line.startsWith(' ')) {
      flush()
      const pieces = [{ text, same: true }]
      rows.push({ before: { line: oldLine++, pieces }, after: { line: newLine++, pieces } })
    }
  }
  flush()
  return rows
}

function pairOf(old: string | undefined, young: string | undefined, oldLine: number, newLine: number): Row {
  const whole = (text: string | undefined, line: number): Cell | null =>
    text === undefined ? null : { line, pieces: [{ text, same: false }] }
  const changes =
    old === undefined || young === undefined
      ? undefined
      : diffWordsWithSpace(old, young, { maxEditLength: wordsChangedMax })
  if (changes === undefined) return { before: whole(old, oldLine), after: whole(young, newLine) }
  const side = (leaving: 'added' | 'removed', line: number): Cell => ({
    line,
    pieces: changes
      .filter((change) => !change[leaving])
      .map(({ value, added, removed }) => ({ text: value, same: !added && !removed })),
  })
  return { before: side('added', oldLine), after: side('removed', newLine) }
}
