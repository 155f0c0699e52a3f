/** What a version decides in every situation, as one diagram. */
import type { Rule } from '../rule.ts'
import type { ChangedRegion, Side } from './comparison.ts'
import { never } from './diagrams.ts'
import type { Diagrams, Node } from './diagrams.ts'
import { Numbering } from './numbering.ts'
import type { RuleDiagram } from './rule-diagrams.ts'

/** A decision without who causes it. */
export type Outcome = Pick<Side, 'verdict' | 'asks'>

/** The numbers of two outcomes; of conditions too, whose 1 is what is granted and not prohibited. */
export const denied = 0
const allowed = 1

export type Outcomes = Numbering<Outcome>

export function numberOutcomes(): Outcomes {
  return new Numbering<Outcome>(
    ({ verdict, asks }) => JSON.stringify([verdict, asks]),
    { verdict: 'deny', asks: [] },
    { verdict: 'allow', asks: [] },
  )
}

/** The verdict that a rule brings about where it applies and no other has the last word. */
export function verdictOf({ effect, liftedBy }: Rule): Side['verdict'] {
  if (effect === 'permit') return 'allow'
  return liftedBy.length === 0 ? 'deny' : 'hold'
}

/** The lattice of `decide`: a forbid that nothing lifts, else no permit, else the levels of all that hold. */
export function outcomeDiagram(rules: readonly RuleDiagram[], outcomes: Outcomes, diagrams: Diagrams): Node {
  const anyOf = (some: readonly RuleDiagram[] = []): Node =>
    diagrams.anyOf(some.map(({ applies }) => applies))
  const by = Map.groupBy(rules, ({ rule }) => verdictOf(rule))
  let node = diagrams.butNot(anyOf(by.get('allow')), anyOf(by.get('deny')))
  const holds = Map.groupBy(by.get('hold') ?? [], ({ rule }) => JSON.stringify([...rule.liftedBy].sort()))
  for (const some of holds.values()) {
    const levels = some[0]?.rule.liftedBy ?? []
    node = diagrams.apply(node, anyOf(some), {
      of: (outcome, holding) =>
        outcome === denied || holding === 0 ? outcome : withLevels(outcome, levels, outcomes),
      known: (f, g) => (f === ~denied || g === never ? f : null),
    })
  }
  return node
}

function withLevels(outcome: number, levels: readonly string[], outcomes: Outcomes): number {
  const asks = outcome === allowed ? [] : outcomes.thing(outcome).asks
  return outcomes.numberOf({ verdict: 'hold', asks: [...new Set([...asks, ...levels])].sort() })
}

/** Whether the second allows less or more than the first, which differs from it. */
export function changeOf(before: Outcome, after: Outcome): ChangedRegion['change'] {
  const stronger = isAsHeavy(after, before)
  const weaker = isAsHeavy(before, after)
  return stronger ? 'stronger' : weaker ? 'weaker' : 'both'
}

/** Whether all that the other stops or asks for, this one does too. */
export function isAsHeavy(heavier: Outcome, lighter: Outcome): boolean {
  if (heavier.verdict === 'deny' || lighter.verdict === 'deny') return heavier.verdict === 'deny'
  return lighter.asks.every((level) => heavier.asks.includes(level))
}
