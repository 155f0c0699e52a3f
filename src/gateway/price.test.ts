import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { settledMicros, worstCaseMicros } from './price.ts'

const price = { inputMicros: 3_000_000, outputMicros: 500_000 }

test('worstCaseMicros counts a byte as a token and every choice as full, rounded up', () => {
  assert.equal(worstCaseMicros(price, { requestBytes: 10, choices: 2, outputTokensMax: 3 }), 30 + 2 * 2)
  assert.equal(
    worstCaseMicros({ inputMicros: 1, outputMicros: 1 }, { requestBytes: 1, choices: 1, outputTokensMax: 1 }),
    2,
  )
})

test('settledMicros is the worst case without a count', () =>
  assert.equal(settledMicros(price, null, 42), 42))

test('settledMicros is never more than the worst case, nor less than nothing', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(), (inputTokens, outputTokens, worst) => {
      const settled = settledMicros(price, { inputTokens, outputTokens }, worst)
      assert.ok(Number.isSafeInteger(settled) && settled >= 0 && settled <= worst)
    }),
  )
})
