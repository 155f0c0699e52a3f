/** One field of a record, and no other, against the root in the leaf. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commit, committedFields } from './commitments.ts'
import { disclose, formatDisclosure, isDisclosed, parseDisclosure } from './disclosure.ts'
import { sampleFields } from './sample-intent.ts'

const fields = sampleFields({})
const { salts, hashes, root } = commit(fields)
const shown = disclose({ fields, salts, hashes }, committedFields)

test('disclose shows each field so that isDisclosed finds it, and as text too', () => {
  for (const disclosure of shown) {
    assert.ok(isDisclosed(disclosure, root), disclosure.field)
    assert.ok(disclosure.path.length <= 4)
    const read = parseDisclosure(formatDisclosure(disclosure))
    assert.ok(read && isDisclosed(read, root), disclosure.field)
  }
})

test('isDisclosed refuses another value, salt, field, path and root', () => {
  const [first, second] = shown
  assert.ok(first && second)
  const wrong = [
    { ...first, value: 'another' },
    { ...first, value: '' },
    { ...first, salt: second.salt },
    { ...first, field: second.field },
    { ...first, path: second.path },
    { ...first, path: first.path.slice(1) },
    { ...first, path: [...first.path, first.salt] },
    { ...first, path: [] },
  ]
  for (const disclosure of wrong) assert.equal(isDisclosed(disclosure, root), false)
  assert.equal(isDisclosed(first, commit(fields).root), false)
  assert.equal(isDisclosed(first, 'not hex'), false)
})

test('parseDisclosure refuses a field that is none, and salts and hashes of another length', () => {
  const [first] = shown.map(formatDisclosure)
  assert.ok(first)
  const wrong = [
    { ...first, field: 'nobody' },
    { ...first, salt: '' },
    { ...first, salt: first.salt.slice(4) },
    { ...first, path: [...first.path, 'AAAA'] },
    { ...first, path: ['?', ...first.path] },
  ]
  for (const text of wrong) assert.equal(parseDisclosure(text), null)
})
