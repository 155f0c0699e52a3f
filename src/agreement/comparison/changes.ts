/** Where two versions decide differently, parted by the clauses that decide. */
import { invariant } from '../../base/index.ts'
import type { Rule } from '../rule.ts'
import type { Side } from './comparison.ts'
import { always, never } from './diagrams.ts'
import type { Diagrams, Node, Operation } from './diagrams.ts'
import { Numbering } from './numbering.ts'
import { changeOf, denied, isAsHeavy, numberOutcomes, outcomeDiagram, verdictOf } from './outcomes.ts'
import type { Outcome, Outcomes } from './outcomes.ts'
import type { RuleDiagram, RuleDiagrams } from './rule-diagrams.ts'

/** A side of a region without its rules, which may be others at another place. */
export type ClauseSide = Omit<Side, 'rule' | 'waiting'>

export interface Change {
  readonly before: ClauseSide
  readonly after: ClauseSide
  /** 1 where exactly these two sides meet. */
  readonly where: Node
  /** 1 where the lighter side decides, be it of this change or not. */
  readonly decides: Node
  /**
   * 0 where the lighter side decides and the other version either does not decide as heavily as the other side or
   * does not do so by its clause, be that the first to be cited or not.
   */
  readonly alike: Node
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

const implies: Operation = {
  of: (a, b) => (a === 0 ? 1 : b),
  known: (f, g) => (f === never || g === always || f === g ? always : f === always ? g : null),
}

type Which = 'before' | 'after'

const unchanged = 0
const noGrant = 'system.no-grant'

export function changesOf({ diagrams, before, after }: RuleDiagrams): Changes {
  const tables: Tables = { diagrams, outcomes: numberOutcomes(), sides: numberSides() }
  const decided = {
    before: outcomeDiagram(before, tables.outcomes, diagrams),
    after: outcomeDiagram(after, tables.outcomes, diagrams),
  }
  const changed = diagrams.apply(decided.before, decided.after, {
    of: (a, b) => (a === b ? 0 : 1),
    known: (f, g) => (f === g ? never : null),
  })
  const sides = {
    before: sidesWhere(changed, decided.before, before, tables),
    after: sidesWhere(changed, decided.after, after, tables),
  }
  const pairs = new Numbering<Pair>((pair) => `${pair.before} ${pair.after}`, { before: 0, after: 0 })
  const first = diagrams.apply(changed, sides.before, {
    of: (is, side) => (is === 0 ? unchanged : side),
    known: (f) => (f === never ? ~unchanged : null),
  })
  const whole = diagrams.apply(first, sides.after, {
    of: (a, b) => (a === unchanged ? unchanged : pairs.numberOf({ before: a, after: b })),
    known: (f) => (f === ~unchanged ? never : null),
  })
  const rules = { before, after }
  const decides = kept((which: Which, side: number) =>
    diagrams.map(sides[which], (each) => Number(each === side)),
  )
  const answers = kept((which: Which, side: number) => {
    const told = clauseSide(tables.sides.thing(side))
    return diagrams.and(
      diagrams.map(decided[which], (each) => Number(isAsHeavy(tables.outcomes.thing(each), told))),
      saysSo(told, rules[which], diagrams),
    )
  })
  const where = partsOf(whole, 1, pairs.size, diagrams)
  const list = where.map((part, place): Change => {
    const pair = pairs.thing(place + 1)
    const told = {
      before: clauseSide(tables.sides.thing(pair.before)),
      after: clauseSide(tables.sides.thing(pair.after)),
    }
    const lighter = changeOf(told.before, told.after) === 'weaker' ? 'after' : 'before'
    const other = lighter === 'before' ? 'after' : 'before'
    const decidesHere = decides(lighter, pair[lighter])
    return {
      ...told,
      where: part,
      decides: decidesHere,
      alike: diagrams.apply(decidesHere, answers(other, pair[other]), implies),
    }
  })
  return { list, whole, possible: diagrams.or(notDenied(decided.before), notDenied(decided.after)) }

  function notDenied(node: Node): Node {
    return diagrams.map(node, (outcome) => Math.min(outcome, 1))
  }
}

/** For each number from `from` on and below `to`: 1 where the function gives it. By halves, which are ever smaller. */
function partsOf(node: Node, from: number, to: number, diagrams: Diagrams): Node[] {
  if (to - from < 1) return []
  if (to - from === 1) return [diagrams.map(node, (each) => Number(each === from))]
  const middle = Math.floor((from + to) / 2)
  const low = diagrams.map(node, (each) => (each < middle ? each : 0))
  const high = diagrams.map(node, (each) => (each < middle ? 0 : each))
  return [...partsOf(low, from, middle, diagrams), ...partsOf(high, middle, to, diagrams)]
}

/** The same function, which works out each answer once. */
function kept(of: (which: Which, side: number) => Node): (which: Which, side: number) => Node {
  const known = new Map<string, Node>()
  return function keptOf(which, side) {
    const node = known.get(`${which} ${side}`) ?? of(which, side)
    known.set(`${which} ${side}`, node)
    return node
  }
}

/** 1 where the clause of a side has a rule that brings about its verdict. */
function saysSo({ clause, verdict }: ClauseSide, rules: readonly RuleDiagram[], diagrams: Diagrams): Node {
  const anyOf = (some: (rule: Rule) => boolean): Node =>
    diagrams.anyOf(rules.filter(({ rule }) => some(rule)).map(({ applies }) => applies))
  if (clause === noGrant) return diagrams.not(anyOf((rule) => verdictOf(rule) === 'allow'))
  return anyOf((rule) => rule.clause === clause && verdictOf(rule) === verdict)
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

/** The side of a version wherever it does not deny or something changed. Rules stand in the order of citation. */
function sidesWhere(
  changed: Node,
  decided: Node,
  rules: readonly RuleDiagram[],
  { diagrams, outcomes, sides }: Tables,
): Node {
  let node = diagrams.apply(changed, decided, {
    of: (is, outcome) =>
      is === 0 && outcome === denied
        ? unchanged
        : sides.numberOf({ ...outcomes.thing(outcome), clause: null }),
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
    if (side === unchanged || sought.clause !== null) return side
    invariant(sought.verdict === 'deny', 'what is allowed or waits has a rule that says so')
    return sides.numberOf({ ...sought, clause: noGrant })
  })
}

function clauseSide({ verdict, asks, clause }: SoughtSide): ClauseSide {
  return { verdict, asks, clause: clause ?? '' }
}
