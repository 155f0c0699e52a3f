/** Wrong versions of an agreement's compiled rules, each by one small change, to see whether the checks notice. */
import type { Agreement, Comparator, Rule, Test, Vocabulary } from '../agreement/index.ts'
import { vocabularyOf } from '../agreement/index.ts'

export interface Mutant {
  readonly what: string
  readonly agreement: Agreement
  /** The rule that was changed, before and after; after is null where it was dropped. */
  readonly before: Rule
  readonly after: Rule | null
}

const comparisons: readonly Comparator[] = ['==', '!=', '<', '<=', '>', '>=']

/** Every single change of every rule that this file knows. The Cedar policies stay as they are. */
export function mutantsOf(agreement: Agreement): Mutant[] {
  const vocabulary = vocabularyOf(agreement.schedule)
  return agreement.rules.flatMap((rule, i) => {
    const changes = ruleChanges(rule, vocabulary).map(([what, after]): Mutant => {
      const rules = agreement.rules.with(i, after)
      return { what: `${rule.id}: ${what}`, agreement: { ...agreement, rules }, before: rule, after }
    })
    const rules = agreement.rules.toSpliced(i, 1)
    return [
      ...changes,
      { what: `${rule.id}: dropped`, agreement: { ...agreement, rules }, before: rule, after: null },
    ]
  })
}

type Change<T> = readonly [what: string, changed: T]

function ruleChanges(rule: Rule, vocabulary: Vocabulary): Change<Rule>[] {
  const changes: Change<Rule>[] = testChanges(rule.test, vocabulary).map(([what, test]) => [
    what,
    { ...rule, test },
  ])
  for (const level of vocabulary.listed.Level) {
    const lifts = rule.liftedBy.includes(level)
    const liftedBy = lifts ? rule.liftedBy.filter((each) => each !== level) : [...rule.liftedBy, level]
    if (rule.effect === 'forbid')
      changes.push([`${lifts ? 'not lifted' : 'lifted'} by ${level}`, { ...rule, liftedBy }])
  }
  const effect = rule.effect === 'permit' ? 'forbid' : 'permit'
  return [...changes, [`effect ${effect}`, { ...rule, effect, liftedBy: [] }]]
}

function testChanges(test: Test, vocabulary: Vocabulary): Change<Test>[] {
  const here: Change<Test>[] = [['negated', { op: 'not', test }]]
  if (test.op !== 'true') here.push(['always true', { op: 'true' }])
  if (test.op !== 'false') here.push(['always false', { op: 'false' }])
  if (test.op === 'true' || test.op === 'false') return here
  if (test.op === 'all' || test.op === 'any') return [...here, ...listChanges(test, vocabulary)]
  if (test.op !== 'not') return [...here, ...leafChanges(test, vocabulary)]
  const inner = testChanges(test.test, vocabulary)
  return [...here, ...inner.map(([what, changed]): Change<Test> => [what, { ...test, test: changed }])]
}

function listChanges(test: Extract<Test, { op: 'all' | 'any' }>, vocabulary: Vocabulary): Change<Test>[] {
  const changes: Change<Test>[] = [
    ['all ↔ any', { op: test.op === 'all' ? 'any' : 'all', tests: test.tests }],
  ]
  for (const [i, part] of test.tests.entries()) {
    changes.push([`part ${i} dropped`, { op: test.op, tests: test.tests.toSpliced(i, 1) }])
    for (const [what, inner] of testChanges(part, vocabulary)) {
      changes.push([what, { op: test.op, tests: test.tests.with(i, inner) }])
    }
  }
  return changes
}

type Leaf = Exclude<Test, { readonly op: 'true' | 'false' | 'not' | 'all' | 'any' }>

function leafChanges(test: Leaf, vocabulary: Vocabulary): Change<Test>[] {
  const { listed } = vocabulary
  switch (test.op) {
    case 'unit-is':
      return [
        ['unit-in', { op: 'unit-in', units: [test.unit] }],
        ...swaps(test.unit, listed.Unit, (unit) => ({ op: 'unit-is', unit })),
      ]
    case 'unit-in':
      return [
        ['unit-is', { op: 'any', tests: test.units.map((unit) => ({ op: 'unit-is', unit })) }],
        ...wordChanges(test.units, listed.Unit, (units) => ({ op: 'unit-in', units })),
      ]
    case 'action-is':
      return wordChanges(test.actions, listed.Action, (actions) => ({ op: 'action-is', actions }))
    case 'model-is':
      return swaps(test.model, listed.Model, (model) => ({ op: 'model-is', model }))
    case 'provider-in':
      return wordChanges(test.providers, listed.Provider, (providers) => ({ op: 'provider-in', providers }))
    case 'word-is':
      return wordChanges(test.words, listed[typeOf(test.attribute)], (words) => ({ ...test, words }))
    case 'set-has':
      return swaps(test.word, listed[typeOf(test.attribute)], (word) => ({ ...test, word }))
    case 'compare':
      return [
        ...comparisons
          .filter((comparison) => comparison !== test.comparison)
          .map((comparison): Change<Test> => [`${test.comparison} → ${comparison}`, { ...test, comparison }]),
        ['constant − 1', { ...test, value: test.value - 1 }],
        ['constant + 1', { ...test, value: test.value + 1 }],
      ]
  }
}

const types = {
  purpose: 'Purpose',
  surface: 'Surface',
  consumer: 'Consumer',
  stage: 'Stage',
  chain: 'Unit',
  provenance: 'Provenance',
  findings: 'Signal',
} as const

function typeOf<Attribute extends keyof typeof types>(attribute: Attribute): (typeof types)[Attribute] {
  return types[attribute]
}

/** The word swapped for the next one, and for the last. */
function swaps(word: string, words: readonly string[], testOf: (word: string) => Test): Change<Test>[] {
  const others = words.filter((each) => each !== word)
  return [...new Set([others[0], others.at(-1)])]
    .filter((other) => other !== undefined)
    .map((other) => [`${word} → ${other}`, testOf(other)])
}

function wordChanges(
  list: readonly string[],
  words: readonly string[],
  testOf: (list: readonly string[]) => Test,
): Change<Test>[] {
  const changes: Change<Test>[] = []
  for (const [i, word] of list.entries()) {
    if (list.length > 1) changes.push([`${word} dropped`, testOf(list.toSpliced(i, 1))])
    changes.push(...swaps(word, words, (other) => testOf(list.with(i, other))))
  }
  const more = words.find((word) => !list.includes(word))
  if (more !== undefined) changes.push([`${more} added`, testOf([...list, more])])
  return changes
}
