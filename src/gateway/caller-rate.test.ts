import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallerRate } from './caller-rate.ts'

test('CallerRate lets so many through in a second, for each caller alone, and anew in the next', () => {
  let now = 5000
  const rate = new CallerRate({ now: () => now }, 2)
  assert.deepEqual(
    [rate.take('a'), rate.take('a'), rate.take('a'), rate.take('b')],
    [true, true, false, true],
  )
  now = 5999
  assert.equal(rate.take('a'), false)
  now = 6000
  assert.equal(rate.take('a'), true)
  now = 1000
  assert.equal(rate.take('a'), true, 'a clock that is set back locks nobody out')
})
