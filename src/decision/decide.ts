/** The decision: pure and total. Whatever it is given, it answers, and what it cannot judge it denies. */
import type { Agreement, Rule } from '../agreement/index.ts'
import { compileCondition } from './condition.ts'
import type { Condition } from './condition.ts'
import type { Approvals, Citation, Decision, Facts, Signals, Verdict } from './decision.ts'
import { situationReader } from './situation.ts'
import type { SituationReader } from './situation.ts'

export const noGrant: Citation = { clause: 'system.no-grant', rule: 'system.no-grant#default' }
export const notJudged: Citation = { clause: 'system.evaluation', rule: 'system.evaluation#error' }

export interface PreparedRule {
  readonly rule: Rule
  readonly citation: Citation
  readonly applies: Condition
}

/** An agreement ready to decide by. Made once per agreement; holds no state of any exchange. */
export interface Prepared {
  readonly agreement: Agreement
  readonly permits: readonly PreparedRule[]
  readonly forbids: readonly PreparedRule[]
  readonly read: SituationReader
}

const known = new WeakMap<Agreement, Prepared>()

/** Compiles the rules of an agreement to closures; the same agreement is compiled once. */
export function prepare(agreement: Agreement): Prepared {
  const earlier = known.get(agreement)
  if (earlier !== undefined) return earlier
  const rules = agreement.rules.map((rule): PreparedRule => ({
    rule,
    citation: { clause: rule.clause, rule: rule.id },
    applies: compileCondition(rule.test),
  }))
  const prepared: Prepared = {
    agreement,
    permits: rules.filter(({ rule }) => rule.effect === 'permit'),
    forbids: rules.filter(({ rule }) => rule.effect === 'forbid'),
    read: situationReader(agreement),
  }
  known.set(agreement, prepared)
  return prepared
}

/**
 * Decides one exchange. Denies, citing `system.evaluation`, whatever is not of its type, and never throws.
 * Findings of signals that the schedule does not list are passed over (docs/decisions/0011).
 */
export function decide(
  by: Prepared | Agreement,
  facts: Facts,
  findings: Signals,
  approvals: Approvals,
): Decision {
  try {
    return decideBy('permits' in by ? by : prepare(by), facts, findings, approvals)
  } catch {
    return deny([notJudged])
  }
}

function decideBy(prepared: Prepared, facts: Facts, findings: Signals, approvals: Approvals): Decision {
  const situation = prepared.read(facts, findings, approvals)
  const prohibited: Citation[] = []
  const held: PreparedRule[] = []
  for (const forbid of prepared.forbids) {
    if (!forbid.applies(situation)) continue
    const { liftedBy } = forbid.rule
    if (liftedBy.length === 0) prohibited.push(forbid.citation)
    else if (!liftedBy.every((level) => approvals.has(level))) held.push(forbid)
  }
  if (prohibited.length > 0) return deny(prohibited)
  const granted: Citation[] = []
  for (const permit of prepared.permits) if (permit.applies(situation)) granted.push(permit.citation)
  if (granted.length === 0) return deny([noGrant])
  if (held.length === 0) return { verdict: 'allow', citations: granted, asks: [] }
  return hold(held, approvals)
}

function hold(held: readonly PreparedRule[], approvals: Approvals): Decision {
  const asks = new Set<string>()
  for (const { rule } of held) for (const level of rule.liftedBy) if (!approvals.has(level)) asks.add(level)
  return { verdict: 'hold', citations: held.map(({ citation }) => citation), asks: [...asks].sort() }
}

/** Denials that rest on no rule of an agreement. */
export type SystemDenial =
  'system.no-agreement' | 'system.standing' | 'system.order' | 'system.holds' | 'system.gate'

export function denyBySystem(clause: SystemDenial): Decision {
  return deny([{ clause, rule: `${clause}#always` }])
}

/** How heavy a verdict is: the heaviest of several stands. */
export const weightOf = { allow: 0, hold: 1, deny: 2 } as const satisfies Record<Verdict, number>

/**
 * Both decisions over one exchange as one: the heavier stands, and of two equal ones both do, so that two holds
 * wait for all the levels that either asks.
 */
export function joinDecisions(a: Decision, b: Decision): Decision {
  if (weightOf[a.verdict] !== weightOf[b.verdict]) return weightOf[a.verdict] > weightOf[b.verdict] ? a : b
  const citations = [...a.citations, ...b.citations]
  return {
    verdict: a.verdict,
    citations: citations.filter(({ rule }, i) => citations.findIndex((other) => other.rule === rule) === i),
    asks: [...new Set([...a.asks, ...b.asks])].sort(),
  }
}

function deny(citations: readonly Citation[]): Decision {
  return { verdict: 'deny', citations, asks: [] }
}
