import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Leaf } from './leaf.ts'
import { openPublished } from './read-entries.ts'
import { sampleEntries, sampleLeaf, writeSampleLog } from './sample-log.ts'

async function logOf(t: TestContext, sizes: readonly number[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-entries-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeSampleLog(directory, sizes, sampleEntries(sizes.at(-1) ?? 0))
  return directory
}

async function read(directory: string, time: number): Promise<number[]> {
  const seqs: number[] = []
  for await (const leaves of (await openPublished(directory)).since(time)) {
    assert.ok(leaves.length > 0 && leaves.length <= 256)
    seqs.push(...leaves.map(({ seq }: Leaf) => seq))
  }
  return seqs
}

test('openPublished gives every entry from a moment on, wherever it falls in the log', async (t) => {
  const size = 1_100
  const directory = await logOf(t, [3, 256, 700, size])
  for (const from of [0, 1, 255, 256, 257, 511, 512, 700, 1_023, 1_024, size - 1]) {
    const seqs = await read(directory, sampleLeaf(from).time)
    assert.deepEqual([seqs[0], seqs.at(-1), seqs.length], [from, size - 1, size - from])
    assert.equal((await read(directory, sampleLeaf(from).time - 1)).length, size - from)
  }
  assert.deepEqual(await read(directory, sampleLeaf(size).time), [])
})

test('openPublished says how far the log reached, and ends there though more is written meanwhile', async (t) => {
  const directory = await logOf(t, [300])
  const published = await openPublished(directory)
  assert.deepEqual([published.size, published.lastTime], [300, sampleLeaf(299).time])
  await writeSampleLog(directory, [300, 600], sampleEntries(600))
  let count = 0
  for await (const leaves of published.since(0)) count += leaves.length
  assert.equal(count, 300)
})

test('openPublished of a directory without a checkpoint has nothing, and refuses a bundle that is gone', async (t) => {
  const empty = await mkdtemp(join(tmpdir(), 'servanda-entries-'))
  t.after(() => rm(empty, { recursive: true }))
  assert.deepEqual([(await openPublished(empty)).size, await read(empty, 0)], [0, []])
  const directory = await logOf(t, [600])
  await rm(join(directory, 'tile/entries/001'))
  await assert.rejects(read(directory, 0), { code: 'LEDGER_TILE_MISSING' })
})
