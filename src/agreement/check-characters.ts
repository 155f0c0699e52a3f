/** Characters that two readers could see differently have no place in a text that parties sign. */
import { limits } from './limits.ts'
import type { Report } from './report.ts'

/** Controls, zero-width and bidirectional marks, other line ends; joiners of scripts (U+200C, U+200D) stay allowed. */
const hidden =
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** `U+202E` for the first character of a text that two readers could see differently, in whatever way it was written. */
export function hiddenCharacter(text: string): string | null {
  const [found] = text.match(hidden) ?? []
  return found === undefined ? null : codePoint(found)
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** False where the text is too large or not well formed, and so not worth reading further. */
export function checkCharacters(text: string, report: Report): boolean {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > limits.fileBytes) {
    report({
      code: 'AGREEMENT_LIMIT',
      at: 0,
      message: `the file has ${bytes} bytes, more than ${limits.fileBytes}`,
    })
    return false
  }
  if (!text.isWellFormed()) {
    report({ code: 'AGREEMENT_CHARACTER', at: 0, message: 'the file is not valid UTF-8' })
    return false
  }
  const carriageReturn = text.indexOf('\r')
  if (carriageReturn >= 0) {
    report({
      code: 'AGREEMENT_LINE_ENDING',
      at: carriageReturn,
      message: 'a line ends with a carriage return',
      help: 'save the file with LF line endings; a file whose line endings change has another digest',
    })
    return false
  }
  let first = true
  for (const match of text.matchAll(hidden)) {
    const help = first ? 'remove it; what nobody can see cannot be signed' : undefined
    report({
      code: 'AGREEMENT_CHARACTER',
      at: match.index,
      message: `${codePoint(match[0])} is invisible`,
      help,
    })
    first = false
  }
  return true
}
