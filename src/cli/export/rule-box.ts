/** A rule in plain words, as nested lists: a sentence with `and` and `or` could be read in two ways. */
import type { Rule, Test } from '../../agreement/index.ts'
import { effectInWords, statedInWords } from '../../decision/index.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export function ruleMarkup(rule: Rule): Markup {
  return markup`<div class="rule-words"><b>Rule ${rule.id}</b> ${wordsOf(rule)}</div>`
}

function wordsOf(rule: Rule): Markup {
  const effect = effectInWords(rule)
  if (rule.test.op === 'true') return markup`${effect} in every case.`
  if (isJoint(rule.test)) return markup`${effect} where ${conditionMarkup(rule.test, true)}`
  return markup`${effect} where ${statedInWords(rule.test)}.`
}

function isJoint(test: Test): boolean {
  return test.op === 'not' ? isJoint(test.test) : test.op === 'all' || test.op === 'any'
}

/** What holds where the test has the wanted outcome; a negation is carried to the leaves. */
function conditionMarkup(test: Test, wanted: boolean): Markup {
  if (test.op === 'not') return conditionMarkup(test.test, !wanted)
  if (test.op !== 'all' && test.op !== 'any') return markup`${statedInWords(test, wanted)}`
  const allOf = (test.op === 'all') === wanted
  const items = parts(test, wanted, allOf).map(
    (part) => markup`<li>${conditionMarkup(part.test, part.wanted)}</li>`,
  )
  return markup`${allOf ? 'all of this is so:' : 'one or more of this is so:'}<ul>${items}</ul>`
}

interface Part {
  readonly test: Test
  readonly wanted: boolean
}

/** A list within a list of its own kind is one list. */
function parts(test: Test, wanted: boolean, allOf: boolean): Part[] {
  if (test.op === 'not') return parts(test.test, !wanted, allOf)
  const isSame = (test.op === 'all' || test.op === 'any') && ((test.op === 'all') === wanted) === allOf
  return isSame ? test.tests.flatMap((part) => parts(part, wanted, allOf)) : [{ test, wanted }]
}
