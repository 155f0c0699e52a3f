import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amendmentOf } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { confirmedAmendment } from './confirmed-amendment.ts'

const whole = requireAgreement(sampleText())
const bare = requireAgreement(sampleText({ body: '' }))

test('confirmedAmendment answers what amendmentOf answers, in either direction', () => {
  assert.equal(confirmedAmendment(whole, bare).loosens, true)
  for (const [before, after] of [
    [whole, bare],
    [bare, whole],
    [whole, whole],
  ] as const) {
    assert.deepEqual(confirmedAmendment(before, after), amendmentOf(before, after))
  }
})

test('confirmedAmendment refuses a comparison that rests on rules other than those that cedar reads', () => {
  const rules = whole.rules.map((rule) =>
    rule.liftedBy.includes('two-person') ? { ...rule, liftedBy: ['official'] } : rule,
  )
  assert.throws(() => confirmedAmendment({ ...whole, rules }, bare), { code: 'DECISION_COMPARISON' })
})
