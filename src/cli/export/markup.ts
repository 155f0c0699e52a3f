/** HTML in which text stays text: whatever is put into a piece of markup is escaped, unless it is markup itself. */
import { printableBlock } from '../printable.ts'

export class Markup {
  readonly html: string

  constructor(html: string) {
    this.html = html
  }
}

type Part = Markup | string | number | readonly Markup[]

/** The literal parts stand as they are written; `${…}` is text and is escaped, markup, or a list of markup. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const html = literals.map((literal, index) => {
    const part = parts[index]
    return part === undefined ? literal : literal + htmlOf(part)
  })
  return new Markup(html.join(''))
}

export function joined(parts: readonly Markup[], between = ''): Markup {
  return new Markup(parts.map(({ html }) => html).join(escaped(between)))
}

function htmlOf(part: Part): string {
  if (part instanceof Markup) return part.html
  return typeof part === 'object' ? joined(part).html : escaped(String(part))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Good between tags and inside quoted attributes. What cannot be seen, or turns the text around, is made visible. */
function escaped(text: string): string {
  return printableBlock(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
