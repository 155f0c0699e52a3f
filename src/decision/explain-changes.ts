/**
 * What would change a decision: approvals, and single facts. Every change that is named was tried, so that it is true
 * by construction; what is tried are the words of the schedule and the constants of its rules.
 */
import { generate, unlisted, vocabularyOf } from '../agreement/index.ts'
import type { OrderedAttribute, Test } from '../agreement/index.ts'
import { decide, notJudged, weightOf } from './decide.ts'
import type { Prepared } from './decide.ts'
import type { Approvals, Citation, Decision, Facts, Signals, Verdict } from './decision.ts'
import { orderedInWords } from './plain-words.ts'

/** Whether approvals make it an allow. */
export type Lift =
  /** It is allowed as it is. */
  | 'not-needed'
  /** The approval of all of `levels` lifts every hold. */
  | 'these'
  /** No approval lifts a prohibition, and none grants what nothing permits. */
  | 'none'

export type ChangedFact =
  | 'unit'
  | 'chain'
  | 'act'
  | 'model'
  | 'purpose'
  | 'surface'
  | 'consumer'
  | 'provenance'
  | 'findings'
  | OrderedAttribute

/** One fact that, changed alone, leads to another verdict; where several values lead to the same, all of them. */
export interface FactChange {
  readonly fact: ChangedFact
  /** Whether it would have to be one of `to`, or be with one of them more, or with one of them less. */
  readonly how: 'is' | 'with' | 'without'
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

const limits = { tries: 5_000, changes: 64, values: 16 } as const

interface Exchange {
  readonly facts: Facts
  readonly findings: Signals
  readonly approvals: Approvals
}

interface Alteration extends Exchange {
  readonly fact: ChangedFact
  readonly how: FactChange['how']
  readonly to: string
}

/** For facts that the agreement can judge. */
export function changesOf(prepared: Prepared, exchange: Exchange, decision: Decision): Changes {
  const tried: Tried[] = []
  let complete = true
  let tries = 0
  for (const alteration of alterationsOf(prepared, exchange)) {
    if (++tries > limits.tries) {
      complete = false
      break
    }
    const other = decideExchange(prepared, alteration)
    const judged = other.citations.every(({ rule }) => rule !== notJudged.rule)
    if (judged && other.verdict !== decision.verdict) tried.push({ alteration, decision: other })
  }
  const groups = groupsOf(tried, decision).sort(byLightness)
  return {
    approvals: liftOf(prepared, exchange, decision),
    facts: groups.slice(0, limits.changes),
    complete: complete && groups.length <= limits.changes,
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

/** Every exchange that differs in one fact; who is on the chain is one fact, and so is what is called. */
function* alterationsOf(prepared: Prepared, exchange: Exchange): Generator<Alteration> {
  const { schedule } = prepared.agreement
  const { listed, all } = vocabularyOf(schedule)
  const { facts } = exchange
  const withFacts = (fact: ChangedFact, to: string, changed: Partial<Facts>): Alteration => ({
    ...exchange,
    ...{ fact, how: 'is', to },
    facts: { ...facts, ...changed },
  })
  for (const unit of all.Unit) {
    const chain = facts.chain.map((member) => (member === facts.unit ? unit : member))
    if (unit !== facts.unit) yield withFacts('unit', wordFor(unit), { unit, chain })
  }
  for (const act of actsOf(listed.Action, facts)) yield withFacts('act', act.to, act.changed)
  const words = { model: all.Model, purpose: all.Purpose, surface: all.Surface, consumer: all.Consumer }
  for (const fact of ['model', 'purpose', 'surface', 'consumer'] as const) {
    for (const word of words[fact])
      if (word !== facts[fact]) yield withFacts(fact, wordFor(word), { [fact]: word })
  }
  for (const { how, to, set } of toggles(facts.chain, all.Unit, facts.unit))
    yield { ...withFacts('chain', to, { chain: set }), how }
  for (const { how, to, set } of toggles(facts.provenance, all.Provenance)) {
    yield { ...withFacts('provenance', to, { provenance: set }), how }
  }
  for (const { how, to, set } of toggles([...exchange.findings], all.Signal)) {
    yield { ...exchange, fact: 'findings', how, to, findings: new Set(set) }
  }
  for (const attribute of Object.keys(orderedFacts) as OrderedAttribute[]) {
    const fact = orderedFacts[attribute]
    for (const { to, value } of turnsOf(prepared, exchange, attribute)) {
      yield withFacts(attribute, to, { [fact]: value })
    }
  }
}

const orderedFacts = {
  time: 'time',
  committed: 'committedMicros',
  persons: 'persons',
} as const satisfies Readonly<Record<OrderedAttribute, keyof Facts>>

function wordFor(word: string): string {
  return word === unlisted ? 'anything the schedule does not list' : word
}

/** A model is called at the request and judged again at its answer; a tool call has a stage of its own. */
function actsOf(
  actions: readonly string[],
  { stage, action }: Facts,
): { to: string; changed: Pick<Facts, 'stage' | 'action'> }[] {
  const acts: { to: string; changed: Pick<Facts, 'stage' | 'action'> }[] = [
    { to: 'a model call', changed: { stage: 'request', action: generate } },
    { to: "a model's answer", changed: { stage: 'answer', action: generate } },
    ...[...actions.filter((each) => each !== generate), unlisted].map((each) => ({
      to: each === unlisted ? 'a tool that the schedule does not list' : `a tool call of class ${each}`,
      changed: { stage: 'tool' as const, action: each },
    })),
  ]
  return acts.filter(({ changed }) => changed.stage !== stage || changed.action !== action)
}

/** The set with one member less, or one more; `fixed` belongs to it whether listed or not. */
function* toggles(
  has: readonly string[],
  words: ReadonlySet<string>,
  fixed?: string,
): Generator<{ how: 'with' | 'without'; to: string; set: string[] }> {
  for (const word of has) {
    if (word !== fixed) yield { how: 'without', to: word, set: has.filter((each) => each !== word) }
  }
  for (const word of words) {
    if (word !== fixed && !has.includes(word)) yield { how: 'with', to: wordFor(word), set: [...has, word] }
  }
}

/** The nearest value below, and the nearest above, at which the verdict is another; between constants none turns. */
function turnsOf(
  prepared: Prepared,
  exchange: Exchange,
  attribute: OrderedAttribute,
): { to: string; value: number }[] {
  const fact = orderedFacts[attribute]
  const now = exchange.facts[fact]
  const constants = prepared.agreement.rules.flatMap(({ test }) => constantsOf(test, attribute))
  const values = [...new Set(constants.flatMap((value) => [value - 1, value, value + 1]))].sort(
    (a, b) => a - b,
  )
  const verdictAt = (value: number): Verdict =>
    decideExchange(prepared, { ...exchange, facts: { ...exchange.facts, [fact]: value } }).verdict
  const present = verdictAt(now)
  const turns = (value: number): boolean => value >= 0 && verdictAt(value) !== present
  const below = values.filter((value) => value < now).findLast(turns)
  const above = values.filter((value) => value > now).find(turns)
  const inWords = (value: number): string => orderedInWords(attribute, value)
  return [
    ...(below === undefined ? [] : [{ to: inWords(below), value: below }]),
    ...(above === undefined ? [] : [{ to: inWords(above), value: above }]),
  ]
}

function constantsOf(test: Test, attribute: OrderedAttribute): number[] {
  if (test.op === 'not') return constantsOf(test.test, attribute)
  if (test.op === 'all' || test.op === 'any') {
    return test.tests.flatMap((part) => constantsOf(part, attribute))
  }
  return test.op === 'compare' && test.attribute === attribute ? [test.value] : []
}
