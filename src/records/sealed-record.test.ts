/** Claims about sealed records: they open in their place, with their key, as they were logged, and not otherwise. */
import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../base/index.ts'
import { commit, committedFields } from './commitments.ts'
import type { FieldValues } from './commitments.ts'
import { openRecord, sealRecord, wrappingKey } from './sealed-record.ts'
import type { RecordPlace } from './sealed-record.ts'

const key = wrappingKey(Buffer.alloc(32, 1))
const place: RecordPlace = { origin: 'gateway.example/log', exchange: 'ex_1', step: 'intent' }
const fields = Object.fromEntries(committedFields.map((name) => [name, `the ${name}`])) as FieldValues
const record = { fields, content: { request: { messages: ['Summarise this.'] }, findings: [] } }
const { sealed, commitments } = sealRecord(record, place, key)

const unreadable = { name: 'RecordError', code: 'RECORD_UNREADABLE' }
const otherKey = { name: 'RecordError', code: 'RECORD_OTHER_KEY' }
const isFalse = { name: 'RecordError', code: 'RECORD_FALSE' }

test('openRecord gives back what was sealed', () => {
  assert.deepEqual(openRecord(sealed, place, key, commitments), record)
  // As a database gives it: a view into other bytes.
  const view = Buffer.concat([Buffer.alloc(5), sealed, Buffer.alloc(5)]).subarray(5, 5 + sealed.length)
  assert.deepEqual(openRecord(new Uint8Array(view), place, key, commitments), record)
  assert.deepEqual(openRecord(view, place, key, commitments), record)
})

test('openRecord gives back any content, however deep, and text that was cut within a character', () => {
  const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as Json
  const awkward: Json[] = [deep, 'cut \ud83d', null, { ['__proto__']: 'own' }, '', [1e300, -0.5]]
  for (const content of awkward) {
    const one = sealRecord({ fields: { ...fields, answer: 'cut \ud83d' }, content }, place, key)
    assert.deepEqual(openRecord(one.sealed, place, key, one.commitments).content, content)
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const content = JSON.parse(JSON.stringify(value)) as Json
      const one = sealRecord({ fields, content }, place, key)
      assert.deepEqual(openRecord(one.sealed, place, key, one.commitments).content, content)
    }),
    { numRuns: 50 },
  )
})

test('two seals of one record have nothing in common but their head', () => {
  const again = sealRecord(record, place, key)
  assert.notEqual(again.commitments, commitments)
  assert.deepEqual(again.sealed.subarray(0, 12), sealed.subarray(0, 12))
  assert.notDeepEqual(again.sealed.subarray(12, 60), sealed.subarray(12, 60))
})

test('the sealed bytes and the root show nothing of the fields', () => {
  const shown = Buffer.from(sealed).toString('latin1')
  for (const value of Object.values(fields)) assert.ok(!shown.includes(value))
})

test('openRecord refuses a flipped bit anywhere', () => {
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed)
    altered[at]! ^= 1 << (at % 8)
    const expected = at >= 4 && at < 12 ? otherKey : unreadable
    assert.throws(() => openRecord(altered, place, key, commitments), expected, `byte ${at}`)
  }
})

test('openRecord refuses a record that was cut or has grown', () => {
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(
      () => openRecord(sealed.subarray(0, length), place, key, commitments),
      length >= 4 && length < 12 ? otherKey : unreadable,
      `${length} bytes`,
    )
  }
  const grown = Buffer.concat([sealed, Buffer.alloc(1)])
  assert.throws(() => openRecord(grown, place, key, commitments), unreadable)
})

test('openRecord refuses a record in another place', () => {
  const places: RecordPlace[] = [
    { ...place, origin: 'gateway.example/other' },
    { ...place, exchange: 'ex_2' },
    { ...place, step: 'outcome' },
  ]
  for (const other of places) {
    assert.throws(() => openRecord(sealed, other, key, commitments), unreadable)
  }
})

test('openRecord refuses another key, also one that takes the id of the right one', () => {
  const other = wrappingKey(Buffer.alloc(32, 2))
  assert.throws(() => openRecord(sealed, place, other, commitments), otherKey)
  assert.throws(() => openRecord(sealed, place, { ...other, id: key.id }, commitments), unreadable)
})

test('openRecord refuses a record whose fields do not give the root in the leaf', () => {
  const other = sealRecord({ ...record, fields: { ...fields, caller: 'someone else' } }, place, key)
  assert.throws(() => openRecord(other.sealed, place, key, commitments), isFalse)
  assert.throws(() => openRecord(sealed, place, key, other.commitments), isFalse)
  assert.throws(() => openRecord(sealed, place, key, ''), isFalse)
})

test('openRecord refuses what the key sealed but is no record of version 1', () => {
  const { salts, root } = commit(fields)
  const good = { v: 1, fields, salts: Buffer.from(salts).toString('base64'), content: null }
  const fewer = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'caller'))
  const bad: readonly unknown[] = [
    'prose',
    null,
    [],
    { ...good, v: 2 },
    { ...good, salts: '' },
    { ...good, salts: `${good.salts.slice(0, -4)}!!!!` },
    { ...good, salts: Buffer.from(salts.subarray(1)).toString('base64') },
    { ...good, fields: null },
    { ...good, fields: fewer },
    { ...good, fields: { ...fields, caller: 7 } },
  ]
  assert.deepEqual(openRecord(sealText(JSON.stringify(good)), place, key, root), { fields, content: null })
  for (const one of bad) {
    assert.throws(() => openRecord(sealText(JSON.stringify(one)), place, key, root), unreadable)
  }
  assert.throws(() => openRecord(sealText('{"v":1'), place, key, root), unreadable)
})

/** The documented form, written by hand: whoever reads docs/evidence.md can do the same. */
function sealText(text: string): Buffer {
  const aad = Buffer.from(`servanda/record/v1\0${place.origin}\0${place.exchange}\0${place.step}`)
  const layer = (plain: Uint8Array, layerKey: Uint8Array): Buffer => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', layerKey, nonce).setAAD(aad)
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  const contentKey = randomBytes(32)
  return Buffer.concat([
    Buffer.from('SVR1'),
    key.id,
    layer(contentKey, key.bytes),
    layer(Buffer.from(text), contentKey),
  ])
}

test('wrappingKey refuses anything but 32 bytes, and its id does not show the key', () => {
  for (const length of [0, 16, 31, 33]) {
    assert.throws(() => wrappingKey(Buffer.alloc(length)), otherKey)
  }
  assert.equal(key.id.length, 8)
  assert.notDeepEqual(key.id, wrappingKey(Buffer.alloc(32, 2)).id)
})
