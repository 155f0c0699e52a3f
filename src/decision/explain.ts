/** A decision in plain words: which clauses caused it, and where nothing permits, what was missing. */
import type { Agreement, Test } from '../agreement/index.ts'
import { compileCondition } from './condition.ts'
import { decide, noGrant, prepare } from './decide.ts'
import type { Prepared, PreparedRule } from './decide.ts'
import type { Approvals, Decision, Facts, Signals } from './decision.ts'
import { factInWords, testInWords } from './plain-words.ts'
import type { Situation } from './situation.ts'

export interface CitedClause {
  readonly clause: string
  readonly rule: string
  readonly title: string
  readonly text: string
}

/** A permit that nearly applied. */
export interface NearestGrant extends CitedClause {
  /** Each condition that was not met: what the grant asks, and what the call brought. */
  readonly missing: readonly string[]
}

export interface Explanation {
  readonly decision: Decision
  readonly cited: readonly CitedClause[]
  /** Where nothing permits: the grants with the fewest conditions unmet, in the agreement's order. Else empty. */
  readonly nearest: readonly NearestGrant[]
}

const nearestMax = 3

/** Decides and says why. As total as `decide`. */
export function explain(
  agreement: Agreement,
  facts: Facts,
  findings: Signals,
  approvals: Approvals,
): Explanation {
  const prepared = prepare(agreement)
  const decision = decide(prepared, facts, findings, approvals)
  const cited = decision.citations.map(({ clause, rule }) => citedClause(agreement, clause, rule))
  const ungranted = decision.citations.some((citation) => citation.rule === noGrant.rule)
  return {
    decision,
    cited,
    nearest: ungranted ? nearestGrants(prepared, prepared.read(facts, findings, approvals)) : [],
  }
}

function citedClause(agreement: Agreement, clause: string, rule: string): CitedClause {
  const { title = '', text = '' } = agreement.clauses.get(clause) ?? {}
  return { clause, rule, title, text }
}

function nearestGrants({ agreement, permits }: Prepared, situation: Situation): NearestGrant[] {
  const unmet = permits.map((permit) => ({ permit, failing: failingTests(permit, situation) }))
  const fewest = Math.min(...unmet.map(({ failing }) => failing.length))
  return unmet
    .filter(({ failing }) => failing.length === fewest)
    .slice(0, nearestMax)
    .map(({ permit: { citation }, failing }) => ({
      ...citedClause(agreement, citation.clause, citation.rule),
      missing: failing.map((test) => `${testInWords(test)}; ${factInWords(test, situation)}`),
    }))
}

/** The conjuncts of a rule that do not hold. */
function failingTests({ rule }: PreparedRule, situation: Situation): Test[] {
  return conjunctsOf(rule.test).filter((test) => !compileCondition(test)(situation))
}

function conjunctsOf(test: Test): Test[] {
  return test.op === 'all' ? test.tests.flatMap(conjunctsOf) : [test]
}
