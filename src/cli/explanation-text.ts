/** An explanation as text: the decision and its clauses first, then what each condition saw, then what would change it. */
import type {
  Changes,
  CitedClause,
  ExplainedCondition,
  ExplainedRule,
  Explanation,
  FactChange,
} from '../decision/index.ts'

export interface ExplanationTextOptions {
  /** Signals that were found in the text of the request. */
  readonly found: readonly string[]
  /** With the conditions of the rules, and what would make the decision heavier. */
  readonly tree: boolean
}

export function explanationText(
  { decision, cited, nearest, rules, changes }: Explanation,
  { found, tree }: ExplanationTextOptions,
): string {
  const lines: string[] = [decision.verdict]
  if (decision.asks.length > 0) lines.push(`asks for: ${decision.asks.join(', ')}`)
  if (found.length > 0) lines.push(`found in the text: ${found.join(', ')}`)
  for (const clause of cited) lines.push('', ...clauseLines(clause))
  if (nearest.length > 0) lines.push('', 'the nearest grants, and what was missing:')
  for (const grant of nearest) {
    lines.push(
      `  ${grant.clause} ${grant.title} (${grant.rule})`,
      ...grant.missing.map((each) => `    ${each}`),
    )
  }
  if (tree && rules.length > 0) lines.push('', 'what each rule saw:', ...rules.flatMap(ruleLines))
  if (changes) lines.push(...changeLines(changes, tree ? ['lighter', 'heavier'] : ['lighter']))
  return `${lines.join('\n')}\n`
}

function clauseLines({ clause, rule, title, text }: CitedClause): string[] {
  const prose = text === '' ? [] : text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))
  return [`${clause} ${title} (${rule})`, ...prose]
}

function ruleLines({ clause, title, rule, effect, spoke, lacking, condition }: ExplainedRule): string[] {
  const said = {
    permits: 'it applies',
    prohibits: 'it applies',
    holds: `it applies, and ${lacking.join(', ')} has not approved`,
    lifted: 'it applies, and was lifted by approval',
    silent: 'it does not apply',
  }[spoke]
  return [`  ${clause} ${title} (${rule}) ${effect}: ${said}`, ...conditionLines(condition, '    ')]
}

function conditionLines(condition: ExplainedCondition, indent: string): string[] {
  const mark = condition.held ? 'yes' : 'no '
  if (condition.of === 'fact') return [`${indent}${mark} ${condition.states}; ${condition.saw}`]
  const title = condition.of === 'all' ? 'all of:' : 'any of:'
  const parts = condition.parts.flatMap((part) => conditionLines(part, `${indent}  `))
  return [`${indent}${mark} ${title}`, ...parts]
}

function changeLines({ approvals, facts, complete }: Changes, weights: readonly Weight[]): string[] {
  const lines: string[] = []
  if (approvals.lift === 'these') lines.push('', `allowed once approved by ${approvals.levels.join(' and ')}`)
  if (approvals.lift === 'none') lines.push('', 'no approval lifts this')
  for (const weight of weights) {
    const changes = facts.filter((change) => change.weight === weight)
    if (changes.length > 0) lines.push('', `${weight}, with one other fact:`, ...changes.map(changeLine))
  }
  if (!complete && weights.length > 1) lines.push('', 'more was to be tried, or told, than is told here')
  return lines
}

type Weight = FactChange['weight']

function changeLine({ fact, how, to, more, verdict, citations }: FactChange): string {
  const values = [...to, ...(more > 0 ? [`${more} more`] : [])].join(' or ')
  const clauses = [...new Set(citations.map(({ clause }) => clause))].join(', ')
  if (fact === 'act') return `  as ${values}: ${verdict} by ${clauses}`
  const change = how === 'is' ? `${factNames[fact]} ${values}` : `${values} in ${factNames[fact]}`
  return `  ${how === 'without' ? 'without' : 'with'} ${change}: ${verdict} by ${clauses}`
}

const factNames = {
  unit: 'the unit',
  chain: 'the chain',
  act: 'the act',
  model: 'the model',
  purpose: 'the purpose',
  surface: 'the surface',
  consumer: 'the consumer',
  provenance: 'the provenance',
  findings: 'the findings',
  time: 'the time',
  committed: 'the committed amount',
  persons: 'the number of persons',
} as const satisfies Readonly<Record<FactChange['fact'], string>>
