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
}

/** Lines of prose that stand together. */
export function checkProseRun(lines: readonly Line[], clause: string | undefined, report: Report): void {
  const line = lines[lineOfRule(lines.map(({ text }) => text))]
  if (line === undefined) return
  const message = 'this reads like a rule and is none'
  const help =
    'put it into a block that opens with three backticks and `cedar`, or say it without the words of rules'
  report({ code: 'AGREEMENT_RULE_OUTSIDE_BLOCK', at: line.at, clause, message, help })
}
