import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningExchanges } from './running-exchanges.ts'

const scope = (exchange: string, agreement: string) => ({ exchange, agreement, unit: 'u', route: 'r' })

test('abortWhere ends those it matches, with its reason, and leaves the others', () => {
  const running = new RunningExchanges()
  const [one, two] = [running.start(scope('1', 'a')), running.start(scope('2', 'b'))]
  const reason = new Error('an order')
  assert.equal(
    running.abortWhere(({ agreement }) => agreement === 'a', reason),
    1,
  )
  assert.deepEqual([one.signal.reason, two.signal.aborted, running.size], [reason, false, 2])
  one[Symbol.dispose]()
  two[Symbol.dispose]()
  assert.equal(running.size, 0)
})
