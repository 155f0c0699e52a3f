/** Tests of rules and the facts they read, as sentences for people. */
import { formatMicros } from '../agreement/index.ts'
import type { OrderedAttribute, Rule, Test } from '../agreement/index.ts'
import type { Situation } from './situation.ts'

type Comparison = Extract<Test, { op: 'compare' }>['comparison']

const timeWords: Readonly<Record<Comparison, string>> = {
  '==': 'at',
  '!=': 'not at',
  '<': 'before',
  '<=': 'at or before',
  '>': 'after',
  '>=': 'at or after',
}

const amountWords: Readonly<Record<Comparison, string>> = {
  '==': 'exactly',
  '!=': 'not',
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
}

const opposites: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

const orderedNames: Readonly<Record<OrderedAttribute, string>> = {
  time: 'the time',
  committed: 'the committed amount',
  persons: 'the number of persons',
}

const setNames = { chain: 'the chain', provenance: 'the provenance', findings: 'the findings' } as const

/** How a test is put: as what is asked for, or as what is so where it holds. */
interface Mood {
  readonly always: string
  readonly never: string
  readonly be: string
  readonly notBe: string
  readonly hold: string
  readonly notHold: string
  readonly belong: string
  readonly notBelong: string
}

const asked: Mood = {
  always: 'nothing is asked',
  never: 'nothing can meet this',
  be: 'must be',
  notBe: 'must not be',
  hold: 'must hold',
  notHold: 'must not hold',
  belong: 'must belong',
  notBelong: 'must not belong',
}

const stated: Mood = {
  always: 'this is always so',
  never: 'this is never so',
  be: 'is',
  notBe: 'is not',
  hold: 'hold',
  notHold: 'do not hold',
  belong: 'belongs',
  notBelong: 'does not belong',
}

/** What a test asks: `the purpose must be care or admin`. */
export function testInWords(test: Test): string {
  return inWords(test, true, asked)
}

/** What is so where it holds: `the purpose is care or admin`; where it does not hold, if it is not `wanted`. */
export function statedInWords(test: Test, wanted = true): string {
  return inWords(test, wanted, stated)
}

function inWords(test: Test, wanted: boolean, mood: Mood): string {
  const be = wanted ? mood.be : mood.notBe
  switch (test.op) {
    case 'true':
    case 'false':
      return (test.op === 'true') === wanted ? mood.always : mood.never
    case 'not':
      return inWords(test.test, !wanted, mood)
    case 'all':
    case 'any': {
      const joint = (test.op === 'all') === wanted ? ' and ' : ' or '
      return test.tests.map((part) => inWords(part, wanted, mood)).join(joint)
    }
    case 'unit-is':
      return `the unit ${be} ${test.unit} itself`
    case 'unit-in':
      return `the unit ${wanted ? mood.belong : mood.notBelong} to ${oneOfWords(test.units)}`
    case 'action-is':
      return `the action ${be} ${oneOfWords(test.actions)}`
    case 'model-is':
      return `the model ${be} ${test.model}`
    case 'provider-in':
      return `the provider ${be} ${oneOfWords(test.providers)}`
    case 'word-is':
      return `the ${test.attribute} ${be} ${oneOfWords(test.words)}`
    case 'set-has':
      return `${setNames[test.attribute]} ${holdIn(test.attribute, wanted, mood)} ${test.word}`
    case 'compare': {
      const comparison = wanted ? test.comparison : opposites[test.comparison]
      const words = test.attribute === 'time' ? timeWords : amountWords
      return `${orderedNames[test.attribute]} ${mood.be} ${words[comparison]} ${orderedInWords(test.attribute, test.value)}`
    }
  }
}

/** One chain holds, several findings hold. */
function holdIn(attribute: keyof typeof setNames, wanted: boolean, mood: Mood): string {
  if (mood === asked || attribute === 'findings') return wanted ? mood.hold : mood.notHold
  return wanted ? 'holds' : 'does not hold'
}

/** What the call brought for it: `it is policing`. */
export function factInWords(test: Test, situation: Situation): string {
  switch (test.op) {
    case 'true':
    case 'false':
      return 'no fact changes that'
    case 'not':
      return factInWords(test.test, situation)
    case 'all':
    case 'any':
      return [...new Set(test.tests.map((part) => factInWords(part, situation)))].join(', ')
    case 'unit-is':
    case 'unit-in':
      return `it is ${situation.unit}`
    case 'action-is':
      return `it is ${situation.action}`
    case 'model-is':
      return `it is ${situation.model}`
    case 'provider-in':
      return `it is ${situation.provider}`
    case 'word-is':
      return `it is ${situation[test.attribute]}`
    case 'set-has': {
      const words = [...situation[test.attribute]]
      if (test.attribute === 'findings')
        return words.length === 0 ? 'there are none' : `they hold ${words.join(', ')}`
      return words.length === 0 ? 'it holds nothing' : `it holds ${words.join(', ')}`
    }
    case 'compare':
      return `it is ${orderedInWords(test.attribute, situation[test.attribute])}`
  }
}

/** What a rule does where its condition holds. */
export function effectInWords({ effect, liftedBy }: Pick<Rule, 'effect' | 'liftedBy'>): string {
  if (effect === 'permit') return 'permits'
  return liftedBy.length === 0 ? 'prohibits' : `holds for ${liftedBy.join(' and ')}`
}

/** A time as ISO 8601, an amount in the currency, a count as it is. */
export function orderedInWords(attribute: OrderedAttribute, value: number): string {
  if (attribute === 'time') return new Date(value).toISOString()
  return attribute === 'committed' ? formatMicros(value) : String(value)
}

export function oneOfWords(words: readonly string[]): string {
  return words.length > 1
    ? `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
    : (words[0] ?? 'nothing')
}
