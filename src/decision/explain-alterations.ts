/** Exchanges that differ from a given one in a single fact, over the words and constants of an agreement. */
import { generate, orderedAttributes, unlisted, vocabularyOf } from '../agreement/index.ts'
import type { OrderedAttribute, Test } from '../agreement/index.ts'
import type { Prepared } from './decide.ts'
import type { Approvals, Facts, Signals } from './decision.ts'
import { orderedInWords } from './plain-words.ts'

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

export interface Exchange {
  readonly facts: Facts
  readonly findings: Signals
  readonly approvals: Approvals
}

export interface Alteration extends Exchange {
  readonly fact: ChangedFact
  /** Whether the fact is to be `to`, or be with it, or without it. */
  readonly how: 'is' | 'with' | 'without'
  /** In words. */
  readonly to: string
}

/**
 * Every exchange that differs in one fact; who is on the chain is one fact, and so is what is called. Of times and
 * amounts, which are many, only the nearest that `turns` the verdict.
 */
export function* alterationsOf(
  prepared: Prepared,
  exchange: Exchange,
  turns: (exchange: Exchange) => boolean,
): Generator<Alteration> {
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
  for (const attribute of orderedAttributes) {
    const fact = orderedFacts[attribute]
    const at = (value: number): Exchange => ({ ...exchange, facts: { ...facts, [fact]: value } })
    const constants = constantsOf(prepared, attribute)
    for (const value of nearest(constants, facts[fact], (each) => turns(at(each)))) {
      yield { ...at(value), fact: attribute, how: 'is', to: orderedInWords(attribute, value) }
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

/** The nearest value below, and the nearest above, at which the verdict turns; between constants it never does. */
function nearest(
  constants: readonly number[],
  now: number,
  turns: (value: number) => boolean,
): readonly number[] {
  const around = constants.flatMap((value) => [value - 1, value, value + 1])
  const values = [...new Set(around)].filter((value) => value >= 0).sort((a, b) => a - b)
  const below = values.filter((value) => value < now).findLast(turns)
  const above = values.filter((value) => value > now).find(turns)
  return [below, above].filter((value) => value !== undefined)
}

/** All that an agreement compares an attribute with. */
function constantsOf({ agreement }: Prepared, attribute: OrderedAttribute): number[] {
  return agreement.rules.flatMap(({ test }) => constantsIn(test, attribute))
}

function constantsIn(test: Test, attribute: OrderedAttribute): number[] {
  if (test.op === 'not') return constantsIn(test.test, attribute)
  if (test.op === 'all' || test.op === 'any') {
    return test.tests.flatMap((part) => constantsIn(part, attribute))
  }
  return test.op === 'compare' && test.attribute === attribute ? [test.value] : []
}
