/** What stands in an agreement below its schedule, in the order of the file: headings, prose, and blocks of rules. */
import type { Agreement, Rule } from '../../agreement/index.ts'

export type BodyPart =
  | { readonly kind: 'heading'; readonly depth: number; readonly title: string; readonly clause?: string }
  | { readonly kind: 'prose'; readonly lines: readonly string[] }
  | { readonly kind: 'rules'; readonly text: string; readonly rules: readonly Rule[] }

const heading = /^(#{1,6})[ \t]+(.*)$/
const numbered = /^((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*)\.?[ \t]+(.+)$/
const closingMarks = /(?<![^ \t])#+$/

/** INVARIANT: the agreement compiles, so that headings and blocks have the form that its reader demands. */
export function bodyOf(agreement: Agreement): readonly BodyPart[] {
  const { text } = agreement
  const lines = text.slice(text.indexOf('\n---\n', 3) + 5).split('\n')
  const parts: BodyPart[] = []
  let clause = ''
  let prose: string[] = []
  let block: { readonly mark: string; readonly lines: string[] } | null = null
  const endProse = (): void => {
    if (prose.some((line) => line.trim() !== '')) parts.push({ kind: 'prose', lines: prose })
    prose = []
  }
  const left = writtenRules(agreement)
  for (const line of lines) {
    if (block !== null) {
      if (line.startsWith(block.mark) && /^`+[ \t]*$/.test(line)) {
        const written = block.lines.join('\n')
        parts.push({
          kind: 'rules',
          text: written,
          rules: rulesIn(written, left.get(clause) ?? [], agreement),
        })
        block = null
      } else block.lines.push(line)
    } else if (line.startsWith('```')) {
      endProse()
      block = { mark: /^`+/.exec(line)?.[0] ?? '', lines: [] }
    } else if (line.startsWith('#')) {
      endProse()
      const found = readHeading(line)
      if (found.clause !== undefined) clause = found.clause
      parts.push(found)
    } else prose.push(line)
  }
  endProse()
  return parts
}

function readHeading(line: string): Extract<BodyPart, { kind: 'heading' }> {
  const [, marks = '#', rest = line] = heading.exec(line) ?? []
  const title = rest.trim().replace(closingMarks, '').trim()
  const [, clause, own] = numbered.exec(title) ?? []
  if (clause === undefined) return { kind: 'heading', depth: marks.length, title }
  return { kind: 'heading', depth: clause.split('.').length, title: own ?? '', clause }
}

/** Those of each clause that stand in its blocks, in their order: `4.2#1`, `4.2#2`. */
function writtenRules({ rules }: Agreement): Map<string, Rule[]> {
  return Map.groupBy(
    rules.filter(({ id }) => /#\d+$/.test(id)),
    ({ clause }) => clause,
  )
}

/** Takes the rules whose text stands in this block from those of its clause that are left. */
function rulesIn(text: string, left: Rule[], { cedar }: Agreement): Rule[] {
  const found: Rule[] = []
  for (let from = 0; left[0] !== undefined;) {
    const policy = cedar.policies[left[0].id] ?? ''
    const at = text.indexOf(policy, from)
    if (at < 0) break
    from = at + policy.length
    found.push(...left.splice(0, 1))
  }
  return found
}
