import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdSet } from './id-set.ts'

test('add says whether an id is new, and has finds it again through every growth', () => {
  const ids = new IdSet()
  const added = Array.from({ length: 20_000 }, (_, i) => `ex_${i}`)
  for (const id of added) assert.ok(!ids.has(id) && ids.add(id))
  for (const id of added) assert.ok(ids.has(id) && !ids.add(id))
  assert.ok(!ids.has('ex_20000') && !ids.has(''))
  assert.equal(ids.size, 20_000)
})
