import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lackingLevels } from './index.ts'
import { sampleAgreement } from './sample-hold.fixture.ts'

/** Asks one `official`, and two persons for `two-person`. */
const { schedule } = sampleAgreement
const ada = { agreement: 'sample', levels: ['official', 'two-person'], person: 'ada' }
const tellsTwoPerson = [
  'level `two-person` of `sample` asks 2 and 1 are enrolled: what it holds cannot be approved',
]

test('lackingLevels names each level that too few persons may approve', () => {
  assert.equal(lackingLevels(schedule, []).length, 2)
  assert.deepEqual(lackingLevels(schedule, [ada]), tellsTwoPerson)
  assert.deepEqual(lackingLevels(schedule, [ada, { ...ada, person: 'ben' }]), [])
})

test('lackingLevels counts no second key of a person, no other agreement and no other level', () => {
  const ben = { ...ada, person: 'ben' }
  for (const second of [ada, { ...ben, agreement: 'other' }, { ...ben, levels: ['official'] }]) {
    assert.deepEqual(lackingLevels(schedule, [ada, second]), tellsTwoPerson)
  }
})
