import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { pseudonym, wrappingKey } from './index.ts'

const bytes = Buffer.alloc(32, 7)
const key = wrappingKey(bytes)

test('pseudonym is the HMAC under a derived key that the doc comment says', () => {
  const derived = createHmac('sha256', bytes).update('servanda/pseudonym-key/v1').digest()
  const expected = createHmac('sha256', derived).update('caller\0medical-clerk').digest('hex')
  assert.equal(pseudonym(key, 'caller', 'medical-clerk'), expected)
})

test('pseudonym keeps kinds, ids and keys apart', () => {
  const other = wrappingKey(Buffer.alloc(32, 8))
  const all = [
    pseudonym(key, 'caller', 'a'),
    pseudonym(key, 'person', 'a'),
    pseudonym(key, 'call', 'a'),
    pseudonym(key, 'caller', 'b'),
    pseudonym(key, 'caller', ''),
    pseudonym(other, 'caller', 'a'),
  ]
  assert.equal(new Set(all).size, all.length)
  for (const one of all) assert.match(one, /^[0-9a-f]{64}$/)
})
