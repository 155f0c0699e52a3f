/** What is noted of a log is what the recorder itself says of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLeaf } from '../../ledger/index.ts'
import type { Leaf } from '../../ledger/index.ts'
import { agencyStory, amendmentStory, gateStory } from '../../ledger/sample-stories.ts'
import { activatedTexts, readNoted } from './noted.ts'

async function noted(leaves: readonly Leaf[]) {
  const entries = leaves.map((leaf) => formatLeaf(leaf))
  const store = { readLeaves: (from: number) => Promise.resolve(entries.slice(from, from + 3)) }
  return readNoted(store, entries.length)
}

test('readNoted tells how agreements came into force, and what was ordered, disputed and made known', async () => {
  const read = await noted(amendmentStory)
  const [, first, , , known, disputed, , , , second] = amendmentStory
  assert.deepEqual(read.cameAbout.get(1), { time: first!.time, judgedBefore: false })
  assert.deepEqual(read.cameAbout.get(9), { time: second!.time, judgedBefore: true, announced: 4 })
  assert.deepEqual(read.announced, [known])
  assert.deepEqual([read.disputes.length, read.disputes[0]], [2, disputed])
  const agency = await noted(agencyStory)
  assert.deepEqual(
    agency.orders.map(({ seq }) => seq),
    [15, 18, 19],
  )
  assert.deepEqual(
    agency.reviewers.map(({ roles, unit }) => [roles, unit]),
    [[['counsel'], 'ward']],
  )
  assert.equal((await noted(gateStory)).role, 'gate')
})

test('a row of an activation that no entry tells of counts as one before which something was judged', async () => {
  const read = await noted(agencyStory)
  const rows = [1, 99].map((seq) => ({ seq, agreement: 'department', version: 1, text: '', envelope: null }))
  assert.deepEqual(
    activatedTexts(rows, read).map(({ judgedBefore }) => judgedBefore),
    [false, true],
  )
})
