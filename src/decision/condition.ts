/** Compiles the test of a rule to a closure; sets are made once, at preparation. */
import type { Comparator, Test } from '../agreement/index.ts'
import type { Situation } from './situation.ts'

export type Condition = (situation: Situation) => boolean

export function compileCondition(test: Test): Condition {
  switch (test.op) {
    case 'true':
      return () => true
    case 'false':
      return () => false
    case 'all':
      return allOf(test.tests.map(compileCondition))
    case 'any':
      return anyOf(test.tests.map(compileCondition))
    case 'not': {
      const condition = compileCondition(test.test)
      return (situation) => !condition(situation)
    }
    case 'unit-is':
      return (situation) => situation.unit === test.unit
    case 'unit-in':
      return anyOf(
        test.units.map(
          (unit): Condition =>
            (situation) =>
              situation.units.has(unit),
        ),
      )
    case 'action-is':
      return wordIn((situation) => situation.action, test.actions)
    case 'model-is':
      return (situation) => situation.model === test.model
    case 'provider-in':
      return wordIn((situation) => situation.provider, test.providers)
    case 'word-is': {
      const { attribute } = test
      return wordIn((situation) => situation[attribute], test.words)
    }
    case 'set-has': {
      const { attribute, word } = test
      return (situation) => situation[attribute].has(word)
    }
    case 'compare': {
      const { attribute, value } = test
      return comparisons[test.comparison]((situation) => situation[attribute], value)
    }
  }
}

type Read<T> = (situation: Situation) => T

const comparisons: Readonly<Record<Comparator, (read: Read<number>, value: number) => Condition>> = {
  '==': (read, value) => (situation) => read(situation) === value,
  '!=': (read, value) => (situation) => read(situation) !== value,
  '<': (read, value) => (situation) => read(situation) < value,
  '<=': (read, value) => (situation) => read(situation) <= value,
  '>': (read, value) => (situation) => read(situation) > value,
  '>=': (read, value) => (situation) => read(situation) >= value,
}

function wordIn(read: Read<string>, words: readonly string[]): Condition {
  const [only] = words
  if (words.length === 1) return (situation) => read(situation) === only
  const set = new Set(words)
  return (situation) => set.has(read(situation))
}

function allOf(conditions: readonly Condition[]): Condition {
  return (situation) => {
    for (const condition of conditions) if (!condition(situation)) return false
    return true
  }
}

function anyOf(conditions: readonly Condition[]): Condition {
  return (situation) => {
    for (const condition of conditions) if (condition(situation)) return true
    return false
  }
}
