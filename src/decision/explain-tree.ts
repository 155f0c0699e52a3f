/** What each rule asked of one exchange, condition by condition, and what it saw. */
import type { Agreement, Test } from '../agreement/index.ts'
import { compileCondition } from './condition.ts'
import type { Prepared, PreparedRule } from './decide.ts'
import type { Approvals } from './decision.ts'
import { effectInWords, factInWords, statedInWords } from './plain-words.ts'
import type { Situation } from './situation.ts'

export interface CitedClause {
  readonly clause: string
  readonly rule: string
  readonly title: string
  readonly text: string
}

/** A condition with its parts. Negations stand in the leaves, in words: `the purpose is not care`. */
export type ExplainedCondition =
  | {
      /** Holds where all parts do, or where any does. */
      readonly of: 'all' | 'any'
      readonly held: boolean
      readonly parts: readonly ExplainedCondition[]
    }
  | {
      readonly of: 'fact'
      readonly held: boolean
      /** What is so where it holds. */
      readonly states: string
      /** What the call brought. */
      readonly saw: string
    }

/** What a rule did: a hold that its levels have approved is `lifted`; one whose condition does not hold is `silent`. */
export type Spoken = 'permits' | 'prohibits' | 'holds' | 'lifted' | 'silent'

export interface ExplainedRule extends Omit<CitedClause, 'text'> {
  readonly spoke: Spoken
  /** `permits`, `prohibits`, `holds for two-person`: what it does where its condition holds. */
  readonly effect: string
  /** The levels that lift it, and those of them that have not approved. */
  readonly liftedBy: readonly string[]
  readonly lacking: readonly string[]
  readonly condition: ExplainedCondition
}

/** Every rule, forbids first as they are judged, each group in the agreement's order. */
export function explainRules(
  { agreement, permits, forbids }: Prepared,
  situation: Situation,
  approvals: Approvals,
): ExplainedRule[] {
  return [...forbids, ...permits].map((rule) => explainRule(agreement, rule, situation, approvals))
}

function explainRule(
  agreement: Agreement,
  { rule, citation, applies }: PreparedRule,
  situation: Situation,
  approvals: Approvals,
): ExplainedRule {
  const lacking = rule.liftedBy.filter((level) => !approvals.has(level))
  return {
    ...citation,
    title: agreement.clauses.get(citation.clause)?.title ?? '',
    spoke: applies(situation) ? spokenBy(rule, lacking) : 'silent',
    effect: effectInWords(rule),
    liftedBy: rule.liftedBy,
    lacking,
    condition: explainTest(rule.test, situation, true),
  }
}

function spokenBy({ effect, liftedBy }: PreparedRule['rule'], lacking: readonly string[]): Spoken {
  if (effect === 'permit') return 'permits'
  if (liftedBy.length === 0) return 'prohibits'
  return lacking.length > 0 ? 'holds' : 'lifted'
}

/** With `wanted` false, the negation of the test (De Morgan). */
function explainTest(test: Test, situation: Situation, wanted: boolean): ExplainedCondition {
  if (test.op === 'not') return explainTest(test.test, situation, !wanted)
  const held = compileCondition(test)(situation) === wanted
  if (test.op === 'all' || test.op === 'any') {
    const of = (test.op === 'all') === wanted ? 'all' : 'any'
    const parts = test.tests.map((part) => explainTest(part, situation, wanted))
    return { of, held, parts: parts.flatMap((part) => (part.of === of ? part.parts : [part])) }
  }
  return { of: 'fact', held, states: statedInWords(test, wanted), saw: factInWords(test, situation) }
}
