/** The conditions that rules are made of, each as what it says of every value that may come in. */
import type { Test } from '../rule.ts'
import type { Family, RawValues } from './raw-values.ts'
import type { VersionWords, Word } from './version-words.ts'

export type Leaf = Exclude<Test, { readonly op: 'true' | 'false' | 'all' | 'any' | 'not' }>

/** Of a set: whether some member is one of those. Of all else: whether the value is one of those. */
export interface Atom {
  readonly family: Family
  /** By place among the values that may come in. */
  readonly accepts: readonly boolean[]
}

/** A leaf is true where one of its atoms is. */
export function atomsOf(leaf: Leaf, words: VersionWords, values: RawValues): Atom[] {
  const of = (family: keyof RawValues['words'], accepts: (word: Word) => boolean): Atom => ({
    family,
    accepts: values.words[family].map(accepts),
  })
  switch (leaf.op) {
    case 'unit-is':
      return [of('unit', (unit) => words.unitOf(unit) === leaf.unit)]
    case 'unit-in':
      return [of('unit', (unit) => words.familyOf(unit).some((each) => leaf.units.includes(each)))]
    case 'action-is': {
      const accepts = values.acts.map(({ act }) => leaf.actions.includes(words.actionOf(act)))
      return [{ family: 'act', accepts }]
    }
    case 'model-is':
      return [of('model', (model) => words.modelOf(model) === leaf.model)]
    case 'provider-in':
      return [of('model', (model) => leaf.providers.includes(words.providerOf(model)))]
    case 'word-is': {
      const { attribute } = leaf
      if (attribute !== 'stage')
        return [of(attribute, (word) => leaf.words.includes(words.wordOf(attribute, word)))]
      return [{ family: 'act', accepts: values.acts.map(({ stage }) => leaf.words.includes(stage)) }]
    }
    case 'set-has':
      return memberAtoms(leaf, words, of)
    case 'compare':
      return [{ family: leaf.attribute, accepts: values.starts[leaf.attribute].map(comparison(leaf)) }]
  }
}

function memberAtoms(
  { attribute, word }: Extract<Leaf, { op: 'set-has' }>,
  words: VersionWords,
  of: (family: 'unit' | 'chain' | 'provenance' | 'findings', accepts: (word: Word) => boolean) => Atom,
): Atom[] {
  switch (attribute) {
    case 'chain': {
      // Who makes the call is of the chain, with all ancestors, as every other member is.
      const reaches = (unit: Word): boolean => words.familyOf(unit).includes(word)
      return [of('unit', reaches), of('chain', reaches)]
    }
    case 'provenance':
      return [of('provenance', (origin) => words.wordOf('provenance', origin) === word)]
    case 'findings':
      return [of('findings', (signal) => signal === word)]
  }
}

/** Constants are first numbers of intervals, so that a whole interval compares as its first number does. */
function comparison({ comparison, value }: Extract<Leaf, { op: 'compare' }>): (start: number) => boolean {
  switch (comparison) {
    case '==':
      return (start) => start === value
    case '!=':
      return (start) => start !== value
    case '<':
      return (start) => start < value
    case '<=':
      return (start) => start <= value
    case '>':
      return (start) => start > value
    case '>=':
      return (start) => start >= value
  }
}
