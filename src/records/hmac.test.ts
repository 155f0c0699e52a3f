import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hmacSha256 } from './hmac.ts'

test('hmacSha256 gives what node:crypto gives, for any message in any pieces', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(bytes, { maxLength: 4 }),
      (key, pieces) => {
        const expected = createHmac('sha256', key).update(Buffer.concat(pieces)).digest()
        assert.deepEqual(hmacSha256(key, ...pieces), expected)
      },
    ),
  )
})

test('hmacSha256 refuses a key of another length', () => {
  for (const length of [0, 31, 33, 64]) assert.throws(() => hmacSha256(randomBytes(length)), RangeError)
})
