import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvariantError, ServandaError, invariant, isErrorCode, messageOf } from './index.ts'

test('a ServandaError has its code, its message and its cause', () => {
  const cause = new Error('inner')
  const error = new ServandaError('SOME_CODE', 'outer', { cause })
  assert.deepEqual([error.code, error.message, error.cause], ['SOME_CODE', 'outer', cause])
  assert.ok(isErrorCode(error, 'SOME_CODE'))
  assert.ok(!isErrorCode(error, 'OTHER_CODE'))
})

test('isErrorCode answers for anything thrown', () => {
  for (const thrown of [null, undefined, 'SOME_CODE', { code: 'SOME_CODE' }, new Error('SOME_CODE')]) {
    assert.ok(!isErrorCode(thrown, 'SOME_CODE'))
  }
})

test('invariant stops with its message, and only when it does not hold', () => {
  invariant(1, 'never seen')
  assert.throws(() => invariant(0, 'one is one'), InvariantError)
})

test('messageOf finds words for anything thrown', () => {
  assert.deepEqual([messageOf(new Error('x')), messageOf('y'), messageOf(null)], ['x', 'y', 'null'])
})
