/** The check at activation: the compiled rules decide as Cedar does, on requests searched for every rule. */
import { canonicalJson } from '../base/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { decide, prepare } from './decide.ts'
import { DecisionError } from './decision-error.ts'
import type { Decision } from './decision.ts'
import { createOracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'
import type { AimedRequest, Request } from './requests.ts'

export interface OracleAgreement {
  /** How many requests were decided both ways. */
  readonly requests: number
  /** Whether every rule was put to the proof: not so where the bound on policies judged was met first. */
  readonly complete: boolean
}

/**
 * Throws `DECISION_ORACLE_MISMATCH` on the first request on which verdict, citations or asks differ, and where the
 * compiled rules are not one for one the policies that Cedar reads. Deterministic; a second or two for an
 * agreement of fifty rules. What comes into force is asked without `policiesMax`.
 */
export function requireAgreesWithOracle(
  agreement: Agreement,
  { rounds = 1, seed = 1, policiesMax = Infinity } = {},
): OracleAgreement {
  requireSameRules(agreement)
  const oracle = createOracle(agreement)
  const prepared = prepare(agreement)
  const source = requestSource(agreement, randomFrom(seed))
  const judgementsMax = policiesMax / agreement.rules.length
  const seen = new Set<string>()
  for (const rule of agreement.rules) {
    for (const request of requestsFor(source, rule, rounds)) {
      if (oracle.judgements() > judgementsMax) return { requests: seen.size, complete: false }
      const key = requestKey(request)
      if (seen.has(key)) continue
      seen.add(key)
      const ours = decide(prepared, request.facts, request.findings, request.approvals)
      const theirs = oracle.decide(request)
      if (!sameDecision(ours, theirs)) throw mismatch(request, ours, theirs)
    }
  }
  return { requests: seen.size, complete: true }
}

function requireSameRules({ rules, cedar }: Agreement): void {
  const compiled = rules.map((rule) => rule.id).sort()
  const policies = Object.keys(cedar.policies).sort()
  if (canonicalJson(compiled) === canonicalJson(policies)) return
  throw new DecisionError(
    'DECISION_ORACLE_MISMATCH',
    'the compiled rules are not the policies that cedar reads',
  )
}

export function sameDecision(a: Decision, b: Decision): boolean {
  return canonicalJson(decisionJson(a)) === canonicalJson(decisionJson(b))
}

function decisionJson({ verdict, citations, asks }: Decision): {
  verdict: string
  rules: readonly string[]
  asks: readonly string[]
} {
  return { verdict, rules: citations.map(({ clause, rule }) => `${clause} ${rule}`), asks }
}

export function requestKey({ facts, findings, approvals }: Request): string {
  return JSON.stringify([facts, [...findings].sort(), [...approvals].sort()])
}

function mismatch(request: AimedRequest, ours: Decision, theirs: Decision): DecisionError {
  const said = (decision: Decision): string =>
    `${decision.verdict} by ${decision.citations.map((citation) => citation.rule).join(', ')}`
  const message = `rule \`${request.rule}\`: compiled ${said(ours)}, cedar ${said(theirs)}, on ${requestKey(request)}`
  return new DecisionError('DECISION_ORACLE_MISMATCH', message)
}
