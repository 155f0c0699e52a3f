/** A decision in plain words: which clauses caused it, what each condition saw, and what would change it. */
import type { Agreement, Test } from '../agreement/index.ts'
import { compileCondition } from './condition.ts'
import { decide, noGrant, prepare } from './decide.ts'
import type { Prepared, PreparedRule } from './decide.ts'
import type { Approvals, Decision, Facts, Signals } from './decision.ts'
import { changesOf } from './explain-changes.ts'
import type { Changes } from './explain-changes.ts'
import { explainRules } from './explain-tree.ts'
import type { CitedClause, ExplainedRule } from './explain-tree.ts'
import { factInWords, testInWords } from './plain-words.ts'
import type { Situation } from './situation.ts'

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
  /** Every rule that spoke, with its conditions; on demand also those that did not. */
  readonly rules: readonly ExplainedRule[]
  /** Null where the facts could not be judged: then nothing is known of what would change that. */
  readonly changes: Changes | null
}

const nearestMax = 3

/** Decides and says why. As total as `decide`. With `everyRule` the rules that were silent are told too. */
export function explain(
  by: Prepared | Agreement,
  facts: Facts,
  findings: Signals,
  approvals: Approvals,
  { everyRule = false } = {},
): Explanation {
  const prepared = 'permits' in by ? by : prepare(by)
  const decision = decide(prepared, facts, findings, approvals)
  const cited = decision.citations.map(({ clause, rule }) => citedClause(prepared.agreement, clause, rule))
  const situation = readIfJudgeable(prepared, facts, findings, approvals)
  if (situation === null) return { decision, cited, nearest: [], rules: [], changes: null }
  const ungranted = decision.citations.some((citation) => citation.rule === noGrant.rule)
  const rules = explainRules(prepared, situation, approvals)
  return {
    decision,
    cited,
    nearest: ungranted ? nearestGrants(prepared, situation) : [],
    rules: everyRule ? rules : rules.filter(({ spoke }) => spoke !== 'silent'),
    changes: changesOf(prepared, { facts, findings, approvals }, decision),
  }
}

function readIfJudgeable(
  { read }: Prepared,
  facts: Facts,
  findings: Signals,
  approvals: Approvals,
): Situation | null {
  try {
    return read(facts, findings, approvals)
  } catch {
    // `decide` has denied it for the same reason, and its citation says so.
    return null
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
