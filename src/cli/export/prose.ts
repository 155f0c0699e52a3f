/**
 * The prose of an agreement on paper: paragraphs, lists, quotations, emphasis, code, links with their address spelt
 * out. What is none of these is printed as it stands in the file, so that nothing that was signed is left out.
 */
import { Markup, joined, markup } from './markup.ts'

const bullet = /^ {0,3}[-*+][ \t]+(.*)$/
const numbered = /^ {0,3}(\d{1,9})[.)][ \t]+(.*)$/
const quotation = /^ {0,3}> ?(.*)$/
const rule = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/
/** Indented text and tables, whose columns are worth keeping. */
const verbatim = /^(?: {4}|\t|\|)/

type Kind = 'text' | 'bullet' | 'numbered' | 'quotation' | 'verbatim' | 'rule'

interface Block {
  readonly kind: Kind
  /** Of a list: its items, each with the lines that go on below it. */
  readonly items: string[][]
}

export function proseMarkup(lines: readonly string[]): Markup {
  return joined(blocksOf(lines).map(blockMarkup), '\n')
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = []
  let open: Block | null = null
  for (const line of lines) {
    if (line.trim() === '') {
      open = null
      continue
    }
    const [kind, text] = readLine(line, open)
    const starts = open === null || open.kind !== kind || kind === 'rule'
    if (starts) blocks.push((open = { kind, items: [] }))
    const isItem = bullet.test(line) || numbered.test(line)
    if (open === null) continue
    if (open.items.length === 0 || (isItem && (kind === 'bullet' || kind === 'numbered')))
      open.items.push([text])
    else open.items.at(-1)?.push(text)
  }
  return blocks
}

/** A line without a mark goes on with the list or quotation above it. */
function readLine(line: string, open: Block | null): [kind: Kind, text: string] {
  if (rule.test(line)) return ['rule', line]
  const item = bullet.exec(line)
  if (item !== null) return ['bullet', item[1] ?? '']
  const number = numbered.exec(line)
  // The number stands in the text: another one than a list would give may be meant.
  if (number !== null) return ['numbered', line.trim()]
  const quoted = quotation.exec(line)
  if (quoted !== null) return ['quotation', quoted[1] ?? '']
  if (open !== null && ['bullet', 'numbered', 'quotation', 'text'].includes(open.kind))
    return [open.kind, line.trim()]
  return verbatim.test(line) ? ['verbatim', line] : ['text', line.trim()]
}

function blockMarkup({ kind, items }: Block): Markup {
  const texts = items.map((lines) =>
    kind === 'verbatim' ? markup`${lines.join('\n')}` : inlineMarkup(lines.join('\n')),
  )
  const list = texts.map((text) => markup`<li>${text}</li>`)
  switch (kind) {
    case 'text':
      return markup`<p>${texts}</p>`
    case 'bullet':
      return markup`<ul>${list}</ul>`
    case 'numbered':
      return markup`<ol class="own-numbers">${list}</ol>`
    case 'quotation':
      return markup`<blockquote><p>${texts}</p></blockquote>`
    case 'verbatim':
      return markup`<pre>${texts}</pre>`
    case 'rule':
      return markup`<hr>`
  }
}

interface Found {
  readonly markup: Markup
  /** How many characters of the text it takes. */
  readonly length: number
}

/** Code, strong, emphasis, links. One pass: what does not close is text. */
export function inlineMarkup(text: string): Markup {
  const parts: Markup[] = []
  let plain = ''
  for (let at = 0; at < text.length;) {
    const found = inlineAt(text, at)
    if (found === null) {
      plain += text.charAt(at)
      at++
      continue
    }
    parts.push(markup`${plain}`, found.markup)
    plain = ''
    at += found.length
  }
  return joined([...parts, markup`${plain}`])
}

function inlineAt(text: string, at: number): Found | null {
  switch (text.charAt(at)) {
    case '`':
      return between(
        text,
        at,
        /^`+/.exec(text.slice(at, at + 16))?.[0] ?? '`',
        (inside) => markup`<code>${inside}</code>`,
      )
    case '*':
      return (
        between(text, at, '**', (inside) => markup`<strong>${inlineMarkup(inside)}</strong>`) ??
        between(text, at, '*', (inside) => markup`<em>${inlineMarkup(inside)}</em>`)
      )
    case '[':
      return link(text, at)
    default:
      return null
  }
}

/** Longer than any emphasis: what is further away belongs to something else, and is not searched for again and again. */
const insideMax = 2_000

function between(text: string, at: number, mark: string, around: (inside: string) => Markup): Found | null {
  if (!text.startsWith(mark, at)) return null
  const start = at + mark.length
  const length = text.slice(start, start + insideMax).indexOf(mark)
  const inside = text.slice(start, start + length)
  // As in Markdown, a mark beside a blank opens or closes nothing; but code may have blanks.
  if (length < 1 || (mark.startsWith('*') && inside !== inside.trim())) return null
  return { markup: around(inside), length: 2 * mark.length + length }
}

function link(text: string, at: number): Found | null {
  const match = /^\[([^[\]\n]{1,500})\]\(([^\s()]{1,1000})\)/.exec(text.slice(at, at + 1_600))
  if (match === null) return null
  const [whole, shown = '', address = ''] = match
  // Paper follows no link, and an address that could be hidden behind other words is not.
  return { markup: markup`${inlineMarkup(shown)} (<code>${address}</code>)`, length: whole.length }
}
