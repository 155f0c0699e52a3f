import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../base/index.ts'
import { decide, sampleAgreement, sampleHold, sampleOrigin, sampleReviewer } from './sample-hold.fixture.ts'
import { nextState, openState, requireTransition } from './index.ts'
import type { HoldEvent, HoldState } from './index.ts'

const states: readonly HoldState[] = ['waiting', 'approved', 'denied', 'expired', 'used']
const events: readonly HoldEvent[] = ['approve', 'complete', 'deny', 'expire', 'redeem']

test('a hold is used only out of being approved, and nothing happens to one that is over', () => {
  for (const state of states) {
    assert.equal(nextState(state, 'redeem'), state === 'approved' ? 'used' : null, state)
    if (state === 'waiting' || state === 'approved') continue
    for (const event of events) assert.equal(nextState(state, event), null, `${event} of ${state}`)
  }
})

test('a denial and the end of its time close a hold that waits, approved or not', () => {
  for (const state of ['waiting', 'approved'] as const) {
    assert.equal(nextState(state, 'deny'), 'denied')
    assert.equal(nextState(state, 'expire'), 'expired')
  }
})

test('requireTransition throws where the table has no such line', () => {
  assert.equal(requireTransition('waiting', 'approve'), 'waiting')
  assert.throws(() => requireTransition('used', 'redeem'), { code: 'HOLD_OVER' })
  assert.throws(() => requireTransition('waiting', 'redeem'), { code: 'HOLD_OVER' })
})

test('openState is approved when every level that is asked is, and expired from its time on', async () => {
  const [ada, ben] = [sampleReviewer('ada'), sampleReviewer('ben')]
  const reviewers = [ada.enrolled, ben.enrolled]
  const context = { origin: sampleOrigin, reviewers, agreement: sampleAgreement }
  const both = ['official', 'two-person']
  const [first, second] = [await decide(ada, { levels: both }), await decide(ben, { levels: both })]
  const stateOf = (approvals: readonly object[], { asks = both, now = 0 } = {}) =>
    openState({ ...sampleHold, asks, expiresAt: 10, approvals: approvals as Json[] }, context, now)
  assert.equal(stateOf([]), 'waiting')
  assert.equal(stateOf([first]), 'waiting')
  assert.equal(stateOf([first, second]), 'approved')
  assert.equal(stateOf([first, second], { now: 9 }), 'approved')
  assert.equal(stateOf([first, second], { now: 10 }), 'expired')
  assert.equal(stateOf([], { asks: [] }), 'waiting')
})
