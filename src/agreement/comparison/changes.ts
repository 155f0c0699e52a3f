/** Where two versions decide differently, parted by the clauses that decide. */
import { invariant } from '../../base/index.ts'
import type { Side } from './comparison.ts'
import { never } from './diagrams.ts'
import type { Diagrams, Node } from './diagrams.ts'
import { Numbering } from './numbering.ts'
import { numberOutcomes, outcomeDiagram, verdictOf } from './outcomes.ts'
import type { Outcome, Outcomes } from './outcomes.ts'
import type { RuleDiagram, RuleDiagrams } from './rule-diagrams.ts'

/** A side of a region without the rule, which may be another one at another place. */
export type ClauseSide = Omit<Side, 'rule'>

export interface Change {
  readonly before: ClauseSide
  readonly after: ClauseSide
  /** 1 where exactly these two sides meet. */
  readonly where: Node
}

export interface Changes {
  readonly list: readonly Change[]
  /** Gives the place of the change in the list, plus one; 0 where both versions decide alike. */
  readonly whole: Node
  /** 1 where at least one version does not deny. */
  readonly possible: Node
}

interface Pair {
  readonly before: number
  readonly after: number
}

const unchanged = 0

export function changesOf({ diagrams, before, after }: RuleDiagrams): Changes {
  const outcomes = numberOutcomes()
  const decided = [before, after].map((rules) => outcomeDiagram(rules, outcomes, diagrams))
  const [ofBefore = never, ofAfter = never] = decided
  const changed = diagrams.apply(ofBefore, ofAfter, {
    of: (a, b) => (a === b ? 0 : 1),
    known: (f, g) => (f === g ? never : null),
  })
  const sides = numberSides()
  const first = sidesWhere(changed, ofBefore, before, { diagrams, outcomes, sides })
  const second = sidesWhere(changed, ofAfter, after, { diagrams, outcomes, sides })
  const pairs = new Numbering<Pair>((pair) => `${pair.before} ${pair.after}`, { before: 0, after: 0 })
  const whole = diagrams.apply(first, second, {
    of: (a, b) => (a === unchanged ? unchanged : pairs.numberOf({ before: a, after: b })),
    known: (f) => (f === ~unchanged ? never : null),
  })
  const list = [...Array(pairs.size).keys()].slice(1).map((number): Change => {
    const pair = pairs.thing(number)
    return {
      before: clauseSide(sides.thing(pair.before)),
      after: clauseSide(sides.thing(pair.after)),
      where: diagrams.map(whole, (each) => Number(each === number)),
    }
  })
  const possible = diagrams.or(
    diagrams.map(ofBefore, (outcome) => Math.min(outcome, 1)),
    diagrams.map(ofAfter, (outcome) => Math.min(outcome, 1)),
  )
  return { list, whole, possible }
}

/** A side while its clause is sought; null until it is found. */
interface SoughtSide extends Outcome {
  readonly clause: string | null
}

type Sides = Numbering<SoughtSide>

function numberSides(): Sides {
  const nothing: SoughtSide = { verdict: 'deny', asks: [], clause: '' }
  return new Numbering(({ verdict, asks, clause }) => JSON.stringify([verdict, asks, clause]), nothing)
}

interface Tables {
  readonly diagrams: Diagrams
  readonly outcomes: Outcomes
  readonly sides: Sides
}

/** The side of a version where something changed. Rules stand in the order in which they are named. */
function sidesWhere(
  changed: Node,
  decided: Node,
  rules: readonly RuleDiagram[],
  { diagrams, outcomes, sides }: Tables,
): Node {
  let node = diagrams.apply(changed, decided, {
    of: (is, outcome) =>
      is === 0 ? unchanged : sides.numberOf({ ...outcomes.thing(outcome), clause: null }),
    known: (f) => (f === never ? ~unchanged : null),
  })
  for (const { rule, applies } of rules) {
    const verdict = verdictOf(rule)
    const isSought = (side: number): boolean => {
      const { clause, verdict: found } = sides.thing(side)
      return clause === null && found === verdict
    }
    node = diagrams.apply(node, applies, {
      of: (side, is) =>
        is === 1 && isSought(side) ? sides.numberOf({ ...sides.thing(side), clause: rule.clause }) : side,
      known: (f, g) => (g === never || (f < 0 && !isSought(~f)) ? f : null),
    })
  }
  return diagrams.map(node, (side) => {
    const sought = sides.thing(side)
    if (sought.clause !== null) return side
    invariant(sought.verdict === 'deny', 'what is allowed or waits has a rule that says so')
    return sides.numberOf({ ...sought, clause: 'system.no-grant' })
  })
}

function clauseSide({ verdict, asks, clause }: SoughtSide): ClauseSide {
  return { verdict, asks, clause: clause ?? '' }
}
