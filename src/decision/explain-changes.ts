/**
 * What would change a decision: approvals, and single facts. Every change that is named was tried, so that it is true
 * by construction; what is tried are the words of the schedule and the constants of its rules.
 */
import { decide, notJudged, weightOf } from './decide.ts'
import type { Prepared } from './decide.ts'
import type { Citation, Decision, Verdict } from './decision.ts'
import { alterationsOf } from './explain-alterations.ts'
import type { Alteration, ChangedFact, Exchange } from './explain-alterations.ts'

/** Whether approvals make it an allow. */
export type Lift =
  /** It is allowed as it is. */
  | 'not-needed'
  /** The approval of all of `levels` lifts every hold. */
  | 'these'
  /** No approval lifts a prohibition, and none grants what nothing permits. */
  | 'none'

/** One fact that, changed alone, leads to another verdict; where several values lead to the same, all of them. */
export interface FactChange {
  readonly fact: ChangedFact
  /** Whether it would have to be one of `to`, or be with one of them more, or with one of them less. */
  readonly how: Alteration['how']
  /** In words: `seat`, `a tool call of class send`, `2030-01-01T00:00:00.000Z`, `2.5`. */
  readonly to: readonly string[]
  /** How many more values do the same. */
  readonly more: number
  readonly weight: 'lighter' | 'heavier'
  readonly verdict: Verdict
  readonly asks: readonly string[]
  readonly citations: readonly Citation[]
}

export interface Changes {
  readonly approvals: { readonly lift: Lift; readonly levels: readonly string[] }
  /** Lighter ones first, the lightest before the others; then in the order of the facts. */
  readonly facts: readonly FactChange[]
  /** False where there was more to try, or to tell, than the limits take. */
  readonly complete: boolean
}

const limits = { tries: 3_000, changes: 64, values: 16 } as const

/** Decides, so often and no oftener: an agreement may be long, and others wait. */
interface Trial {
  /** Null once the limit is reached. */
  decide(exchange: Exchange): Decision | null
  readonly ended: boolean
}

function trialOf(prepared: Prepared): Trial {
  let left: number = limits.tries
  return {
    decide(exchange) {
      if (left === 0) return null
      left--
      return decideExchange(prepared, exchange)
    },
    get ended() {
      return left === 0
    },
  }
}

/** For facts that the agreement can judge. */
export function changesOf(prepared: Prepared, exchange: Exchange, decision: Decision): Changes {
  const trial = trialOf(prepared)
  const turns = (other: Exchange): boolean => {
    const met = trial.decide(other)
    return met !== null && met.verdict !== decision.verdict
  }
  const tried: Tried[] = []
  for (const alteration of alterationsOf(prepared, exchange, turns)) {
    const other = trial.decide(alteration)
    if (other === null) break
    const judged = other.citations.every(({ rule }) => rule !== notJudged.rule)
    if (judged && other.verdict !== decision.verdict) tried.push({ alteration, decision: other })
  }
  const groups = groupsOf(tried, decision).sort(byLightness)
  return {
    approvals: liftOf(prepared, exchange, decision),
    facts: groups.slice(0, limits.changes),
    complete: !trial.ended && groups.length <= limits.changes,
  }
}

function decideExchange(prepared: Prepared, { facts, findings, approvals }: Exchange): Decision {
  return decide(prepared, facts, findings, approvals)
}

function liftOf(prepared: Prepared, exchange: Exchange, decision: Decision): Changes['approvals'] {
  if (decision.verdict === 'allow') return { lift: 'not-needed', levels: [] }
  const levels = decision.asks
  const lifted = decideExchange(prepared, {
    ...exchange,
    approvals: new Set([...exchange.approvals, ...levels]),
  })
  return lifted.verdict === 'allow' ? { lift: 'these', levels } : { lift: 'none', levels: [] }
}

interface Tried {
  readonly alteration: Alteration
  readonly decision: Decision
}

function groupsOf(tried: readonly Tried[], before: Decision): FactChange[] {
  const groups = new Map<string, Tried[]>()
  for (const one of tried) {
    const { verdict, citations, asks } = one.decision
    const { fact, how } = one.alteration
    const key = JSON.stringify([fact, how, verdict, citations.map(({ rule }) => rule), asks])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { verdict, asks, citations } = first.decision
    return {
      fact: first.alteration.fact,
      how: first.alteration.how,
      to: group.slice(0, limits.values).map(({ alteration }) => alteration.to),
      more: Math.max(0, group.length - limits.values),
      weight: weightOf[verdict] < weightOf[before.verdict] ? ('lighter' as const) : ('heavier' as const),
      ...{ verdict, asks, citations },
    }
  })
}

/** Sorting is stable: what is equal stays in the order in which it was tried. */
function byLightness(a: FactChange, b: FactChange): number {
  if (a.weight !== b.weight) return a.weight === 'lighter' ? -1 : 1
  return weightOf[a.verdict] - weightOf[b.verdict]
}
