/**
 * Reads the body: clauses by their numbered headings, prose, and fenced `cedar` blocks.
 *
 * The dialect of Markdown is narrow on purpose. Headings and fences start in the first column and nowhere else;
 * what another Markdown reader could take for a heading, a fence or a rule, and this one does not, is an error,
 * so that no rule is in force unseen and none that is seen is without force.
 */
import type { Clause } from './agreement.ts'
import { checkHidden, checkProseLine, checkProseRun, markedFence } from './check-prose.ts'
import { limits } from './limits.ts'
import type { Report } from './report.ts'
import type { Line } from './source-text.ts'

export interface RuleBlock {
  readonly clause: string
  /** Index in the file at which the text of the block starts. */
  readonly at: number
  readonly text: string
}

/** Lines of prose that stand together, or the line of a heading: what a reader takes for running text. */
export interface ProseRun {
  /** Absent for what stands under no clause. */
  readonly clause?: string
  readonly isHeading: boolean
  readonly lines: readonly Line[]
}

export interface Body {
  readonly clauses: ReadonlyMap<string, Clause>
  readonly blocks: readonly RuleBlock[]
  /** In the order of the file. */
  readonly prose: readonly ProseRun[]
}

interface OpenClause {
  readonly id: string
  readonly title: string
  readonly level: number
  readonly prose: string[]
}

interface OpenFence {
  readonly mark: string
  readonly isRules: boolean
  readonly at: number
  readonly lines: Line[]
}

const heading = /^(#{1,6})[ \t]+(.*)$/
const numbered = /^((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*)\.?[ \t]+(.+)$/
const fenceMark = /^(`{3,}|~{3,})(.*)$/

export function readClauses(lines: readonly Line[], report: Report): Body {
  const clauses = new Map<string, Clause>()
  const blocks: RuleBlock[] = []
  let clause: OpenClause | null = null
  let fence: OpenFence | null = null
  const prose: ProseRun[] = []
  let run: Line[] = []

  function endRun(): void {
    checkProseRun(run, clause?.id, report)
    keepProse(run, false)
    run = []
  }

  function keepProse(lines: readonly Line[], isHeading: boolean): void {
    if (lines.length > 0) prose.push({ ...(clause === null ? {} : { clause: clause.id }), isHeading, lines })
  }

  function closeClause(): void {
    if (clause !== null && !clauses.has(clause.id)) {
      clauses.set(clause.id, { id: clause.id, title: clause.title, text: clause.prose.join('\n').trim() })
    }
    clause = null
  }

  for (const line of lines) {
    if (fence !== null) {
      if (!closesFence(line, fence, clause, report)) {
        fence.lines.push(line)
        continue
      }
      endFence(fence, clause, blocks, report)
      fence = null
    } else if (fenceMark.test(line.text)) {
      endRun()
      fence = openFence(line, clause, report)
    } else if (line.text.startsWith('#')) {
      endRun()
      checkHidden(line, clause?.id, report)
      checkProseRun([line], clause?.id, report)
      const next = readHeading(line, clauses, clause, report)
      if (next !== 'inside') {
        closeClause()
        clause = next
      } else clause?.prose.push(line.text.replace(/^#+\s*/, ''))
      keepProse([line], true)
    } else {
      checkProseLine(line, run.at(-1)?.text ?? '', clause?.id, report)
      run.push(line)
      clause?.prose.push(line.text)
    }
  }
  endRun()
  if (fence !== null) reportUnclosed(fence, clause, report)
  closeClause()
  if (clauses.size > limits.clauses) {
    report({ code: 'AGREEMENT_LIMIT', at: lines[0]?.at ?? 0, message: `more than ${limits.clauses} clauses` })
  }
  return { clauses, blocks, prose }
}

/** The clause a heading opens; `inside` for a lesser heading without number; null for one that ends the clause. */
function readHeading(
  line: Line,
  clauses: ReadonlyMap<string, Clause>,
  open: OpenClause | null,
  report: Report,
): OpenClause | null | 'inside' {
  const match = heading.exec(line.text)
  const level = match?.[1]?.length ?? 0
  const title = withoutClosing(match?.[2] ?? '')
  const number = numbered.exec(title)
  if (number === null) {
    if (match === null || /^[\p{N}§]/u.test(title)) {
      report({
        code: 'AGREEMENT_HEADING',
        at: line.at,
        message: `\`${line.text.slice(0, 60)}\` is not read as a clause`,
        help: 'write `## 4 Title` or `### 4.1 Title`, with digits, dots and a title',
      })
    }
    return open !== null && level > open.level ? 'inside' : null
  }
  const id = number[1] ?? ''
  if (clauses.has(id) || open?.id === id) {
    report({
      code: 'AGREEMENT_DUPLICATE_CLAUSE',
      at: line.at,
      clause: id,
      message: `clause \`${id}\` stands twice`,
      help: 'give each clause a number of its own',
    })
  }
  return { id, title: number[2] ?? '', level, prose: [] }
}

/** A heading may end with marks like those it starts with; they are no part of its title. */
function withoutClosing(title: string): string {
  const trimmed = title.trim()
  const marks = /(?<![^ \t])#+$/.exec(trimmed)
  return marks === null ? trimmed : trimmed.slice(0, marks.index).trim()
}

function openFence(line: Line, clause: OpenClause | null, report: Report): OpenFence {
  const [, mark = '', info = ''] = fenceMark.exec(line.text) ?? []
  const isRules = mark.startsWith('`') && /^[ \t]*cedar[ \t]*$/.test(info)
  if (!isRules) {
    report({
      code: 'AGREEMENT_FENCE',
      at: line.at,
      clause: clause?.id,
      message: `\`${line.text.slice(0, 60)}\` does not open a block of rules, and there are no other blocks`,
      help: 'open a block of rules with three backticks and `cedar`; write an example as indented prose, or outside the agreement',
    })
  }
  return { mark, isRules, at: line.at, lines: [] }
}

function closesFence(line: Line, fence: OpenFence, clause: OpenClause | null, report: Report): boolean {
  const trimmed = line.text.trim()
  if (line.text.startsWith(fence.mark) && isOnly(trimmed, fence.mark.charAt(0))) return true
  if (markedFence.test(line.text)) {
    report({
      code: 'AGREEMENT_FENCE',
      at: line.at,
      clause: clause?.id,
      message: 'a fence stands inside a block',
      help: 'close the block with the same marks in the first column; blocks do not nest',
    })
  }
  return false
}

function isOnly(text: string, char: string): boolean {
  return text === char.repeat(text.length)
}

function endFence(fence: OpenFence, clause: OpenClause | null, blocks: RuleBlock[], report: Report): void {
  if (!fence.isRules) return
  if (clause === null) {
    report({
      code: 'AGREEMENT_RULE_OUTSIDE_CLAUSE',
      at: fence.at,
      message: 'a block of rules stands under no clause',
      help: 'put it under a numbered heading',
    })
    return
  }
  const text = fence.lines.map((line) => line.text).join('\n')
  blocks.push({ clause: clause.id, at: fence.lines[0]?.at ?? fence.at, text })
}

function reportUnclosed(fence: OpenFence, clause: OpenClause | null, report: Report): void {
  report({
    code: 'AGREEMENT_FENCE_UNCLOSED',
    at: fence.at,
    clause: clause?.id,
    message: 'the block that opens here is not closed',
    help: `end it with a line \`${fence.mark}\``,
  })
}
