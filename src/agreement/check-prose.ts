/** Prose that another reader of Markdown could take for something else, or would not show at all. */
import { lineOfRule } from './reads-like-rule.ts'
import type { Report } from './report.ts'
import type { Line } from './source-text.ts'

/** After the marks of quotations and lists, or blanks. */
export const markedFence = /^(?:[>\s]|[-*+]\s|\d{1,9}[.)]\s)*(?:`{3,}|~{3,})/
const markedHeading = /^(?:[>\s]|[-*+]\s|\d{1,9}[.)]\s)*#{1,6}(?:\s|$)/

/** `previous` is the line of prose before, empty where a heading or a block stands there. */
export function checkProseLine(
  line: Line,
  previous: string,
  clause: string | undefined,
  report: Report,
): void {
  const { text, at } = line
  if (markedFence.test(text)) {
    const message = 'a fence stands inside a line, a list or a quotation'
    const help = 'start the fence in the first column, outside lists and quotations'
    report({ code: 'AGREEMENT_FENCE', at, clause, message, help })
  }
  if (markedHeading.test(text)) {
    const help = 'start the heading in the first column, outside lists and quotations'
    report({ code: 'AGREEMENT_HEADING', at, clause, message: 'a heading does not start its line', help })
  }
  if (/^[ ]{0,3}(?:=+|-+)\s*$/.test(text) && previous.trim() !== '') {
    const message = 'the line before would become a heading'
    const help = 'write headings with `#`, and leave a blank line before a rule across the page'
    report({ code: 'AGREEMENT_HEADING', at, clause, message, help })
  }
  checkHidden(line, clause, report)
}

/** What stands in the signed file and on no rendered page. */
export function checkHidden({ text, at }: Line, clause: string | undefined, report: Report): void {
  const html = /<(?:[!?/]|[a-zA-Z][^\s:<>]*(?:[\s/>]|$))/.exec(text)
  if (html !== null) {
    const help = 'write Markdown only; HTML can hide text from one reader and show it to another'
    report({ code: 'AGREEMENT_HTML', at: at + html.index, clause, message: 'HTML is not accepted', help })
  }
  for (const { pattern, message, help } of unseen) {
    const found = pattern.exec(text)
    if (found !== null) report({ code: 'AGREEMENT_HTML', at: at + found.index, clause, message, help })
  }
}

/** Words of Markdown that a page does not show; escaped ones too, for readers differ in what an escape is. */
const unseen: readonly { readonly pattern: RegExp; readonly message: string; readonly help: string }[] = [
  {
    pattern: /!\[/,
    message: 'an image is not accepted',
    help: 'say it in words; nobody sees the text that stands for an image',
  },
  {
    pattern: /\]:/,
    message: 'a definition of a link or a footnote is not accepted',
    help: 'write the link where it is used, as `[text](address)`; what is defined and not used shows nowhere',
  },
  {
    pattern: /\]\((?![^\s()<>"']*\))/,
    message: 'a link with more than its address is not accepted',
    help: 'write `[text](address)` without a title, blanks or brackets; a title shows nowhere',
  },
  {
    pattern: /&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/i,
    message: 'a character by its name or number is not accepted',
    help: 'write the character itself',
  },
]

/** Lines of prose that stand together. */
export function checkProseRun(lines: readonly Line[], clause: string | undefined, report: Report): void {
  const line = lines[lineOfRule(lines.map(({ text }) => text))]
  if (line === undefined) return
  const message = 'this reads like a rule and is none'
  const help =
    'put it into a block that opens with three backticks and `cedar`, or say it without the words of rules'
  report({ code: 'AGREEMENT_RULE_OUTSIDE_BLOCK', at: line.at, clause, message, help })
}
