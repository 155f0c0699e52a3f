import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { newPrivateKey, publicKeyFault, rawPublicKey } from './index.ts'

test('publicKeyFault finds none in keys that were generated', () => {
  for (let count = 0; count < 50; count++) {
    assert.equal(publicKeyFault(rawPublicKey(createPublicKey(newPrivateKey()))), null)
  }
  // RFC 8032 §7.1, the public key of test 1.
  const key = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
  assert.equal(publicKeyFault(key), null)
})

test('publicKeyFault names what is no key, or anyone’s', () => {
  const rows: readonly [string, string | null][] = [
    ['length', null],
    ['length', '01'.repeat(31)],
    ['length', '01'.repeat(33)],
    ['small-order', '00'.repeat(32)],
    ['small-order', `01${'00'.repeat(31)}`],
    // The same point with the sign bit set, and as a number beyond the prime.
    ['small-order', `01${'00'.repeat(30)}80`],
    ['small-order', `ee${'ff'.repeat(31)}`],
    ['small-order', `ec${'ff'.repeat(30)}7f`],
    ['small-order', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    // y = 2 has no x; y = 3 has one, and 3 + the prime is another spelling of it.
    ['not-a-point', `02${'00'.repeat(31)}`],
    ['not-a-point', `f0${'ff'.repeat(30)}7f`],
    ['not-a-point', `ff${'ff'.repeat(31)}`],
  ]
  for (const [fault, hex] of rows) {
    assert.equal(publicKeyFault(hex === null ? null : Buffer.from(hex, 'hex')), fault, String(hex))
  }
  assert.equal(publicKeyFault(Buffer.from(`03${'00'.repeat(31)}`, 'hex')), null)
})
