/** A sentence of a comparison on a page: what stands between backticks is set as code. */
import { joined, markup } from '../export/markup.ts'
import type { Markup } from '../export/markup.ts'

/** Each part is escaped by itself; a backtick in a title shifts what is set as code and nothing else. */
export function sentenceMarkup(sentence: string): Markup {
  const parts = sentence.split('`')
  return joined(
    parts.map((part, i) => (i % 2 === 1 ? markup`<code>${part}</code>` : markup`${part}`)),
    '',
  )
}
