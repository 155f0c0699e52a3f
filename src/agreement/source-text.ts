/** Places in a text: from indexes and byte offsets to lines and columns. */

export interface Place {
  readonly line: number
  readonly column: number
}

/** Finds the place of an index (UTF-16 units from 0) by binary search over the starts of lines. */
export function placesOf(text: string): (index: number) => Place {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return (index) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: index - (starts[low] ?? 0) + 1 }
  }
}

/** The index in UTF-16 units of a byte offset in the UTF-8 form of `text`. */
export function indexOfByte(text: string, byte: number): number {
  return Buffer.from(text, 'utf8').subarray(0, byte).toString('utf8').length
}

export interface Line {
  readonly text: string
  /** Index of its first character. */
  readonly at: number
}

/** The lines of `text` from index `from`, without their line feeds. */
export function linesOf(text: string, from = 0): Line[] {
  const lines: Line[] = []
  let at = from
  for (const line of text.slice(from).split('\n')) {
    lines.push({ text: line, at })
    at += line.length + 1
  }
  return lines
}
