/** Text of others on a terminal: it must not move the cursor, hide itself or turn its direction. */

/** Control, format and unassigned characters as `\u{202E}`; line feeds stay where they lay a block out. */
export function printableBlock(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? character : escaped(character),
  )
}

/** The same in one line. */
export function printableLine(text: string): string {
  return printableBlock(text).replaceAll('\n', escaped('\n'))
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`
}
