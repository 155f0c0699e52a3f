/** Tests of rules and the facts they read, as sentences for people. */
import { formatMicros } from '../agreement/index.ts'
import type { Comparison, Test } from '../agreement/index.ts'
import type { Situation } from './situation.ts'

const comparisons: Readonly<Record<'time' | 'committed', Readonly<Record<Comparison, string>>>> = {
  time: {
    '==': 'at',
    '!=': 'not at',
    '<': 'before',
    '<=': 'at or before',
    '>': 'after',
    '>=': 'at or after',
  },
  committed: { '==': 'exactly', '!=': 'not', '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' },
}

const opposites: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

/** What a test asks: `the purpose must be care or admin`. */
export function testInWords(test: Test, wanted = true): string {
  const must = wanted ? 'must' : 'must not'
  switch (test.op) {
    case 'true':
    case 'false':
      return (test.op === 'true') === wanted ? 'nothing is asked' : 'nothing can meet this'
    case 'not':
      return testInWords(test.test, !wanted)
    case 'all':
    case 'any': {
      const joint = (test.op === 'all') === wanted ? ' and ' : ' or '
      return test.tests.map((part) => testInWords(part, wanted)).join(joint)
    }
    case 'unit-is':
      return `the unit ${must} be ${test.unit} itself`
    case 'unit-in':
      return `the unit ${must} belong to ${oneOfWords(test.units)}`
    case 'action-is':
      return `the action ${must} be ${oneOfWords(test.actions)}`
    case 'model-is':
      return `the model ${must} be ${test.model}`
    case 'provider-in':
      return `the provider ${must} be ${oneOfWords(test.providers)}`
    case 'word-is':
      return `the ${test.attribute} ${must} be ${oneOfWords(test.words)}`
    case 'set-has':
      return `${setNames[test.attribute]} ${must} hold ${test.word}`
    case 'compare': {
      const comparison = wanted ? test.comparison : opposites[test.comparison]
      const name = test.attribute === 'time' ? 'the time' : 'the committed amount'
      return `${name} must be ${comparisons[test.attribute][comparison]} ${amountInWords(test.attribute, test.value)}`
    }
  }
}

const setNames = { chain: 'the chain', provenance: 'the provenance', findings: 'the findings' } as const

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
      return words.length === 0 ? 'it holds nothing' : `it holds ${words.join(', ')}`
    }
    case 'compare':
      return `it is ${amountInWords(test.attribute, situation[test.attribute])}`
  }
}

function amountInWords(attribute: 'time' | 'committed', value: number): string {
  return attribute === 'time' ? new Date(value).toISOString() : formatMicros(value)
}

function oneOfWords(words: readonly string[]): string {
  return words.length > 1
    ? `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
    : (words[0] ?? 'nothing')
}
