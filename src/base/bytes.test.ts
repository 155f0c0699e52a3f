import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digestOf, equalBytes, newId, parseBase64, sha256, utf8 } from './index.ts'

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

test('sha256 and digestOf give the FIPS 180-4 example, for text and for bytes', () => {
  assert.equal(sha256(utf8('abc')).toString('hex'), abc)
  assert.equal(digestOf('abc'), `sha256:${abc}`)
  assert.equal(digestOf(utf8('abc')), `sha256:${abc}`)
  assert.equal(digestOf('ü'), digestOf(utf8('ü')))
})

test('digestOf reads only the part of a buffer that a view shows', () => {
  assert.equal(digestOf(utf8('xabcx').subarray(1, 4)), `sha256:${abc}`)
})

test('equalBytes compares content and length', () => {
  assert.ok(equalBytes(utf8(''), utf8('')))
  assert.ok(equalBytes(utf8('abc'), new Uint8Array([97, 98, 99])))
  for (const other of ['', 'ab', 'abd', 'abcd']) assert.ok(!equalBytes(utf8('abc'), utf8(other)))
})

test('parseBase64 takes the canonical form of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const parsed = parseBase64(Buffer.from(bytes).toString('base64'))
      assert.ok(parsed && equalBytes(parsed, bytes))
    }),
  )
})

test('parseBase64 refuses every other form', () => {
  for (const text of [
    'YQ',
    'YQ=',
    'YR==',
    'YQ==\n',
    ' YQ==',
    'Y Q==',
    'YQ==YQ==',
    '-_-_',
    '!',
    'ü',
    'YQ==x',
  ]) {
    assert.equal(parseBase64(text), null)
  }
})

test('newId says what it names and never repeats', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newId('ex')))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.match(id, /^ex_[A-Za-z0-9_-]{22}$/)
})
