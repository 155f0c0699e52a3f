import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { leafHash, openFrontier, rootOfHashes } from './merkle.ts'
import { plainEntries } from './sample-log.ts'
import { directoryTiles, tileHashes } from './tile-reader.ts'
import { publishCheckpoint, writeTiles } from './tile-writer.ts'
import { newTiles, tilePath } from './tiles.ts'

const entries = plainEntries(65_537)
const read = (start: number, end: number) => entries.slice(start, end)
const newDirectory = () => mkdtemp(join(tmpdir(), 'servanda-tiles-'))

test('tiles grown over every boundary are those built at once, and give the root of the frontier', async () => {
  const [grown, whole] = [await newDirectory(), await newDirectory()]
  const frontier = openFrontier()
  let from = 0
  for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]) {
    for (let i = from; i < size; i++) frontier.append(leafHash(entries[i]!))
    assert.deepEqual(await writeTiles(grown, from, size, read), frontier.root(), `size ${size}`)
    from = size
  }
  await writeTiles(whole, 0, 65_537, read)
  for (const tile of newTiles(0, 65_537)) {
    assert.deepEqual(await directoryTiles(grown)(tile), await directoryTiles(whole)(tile), tilePath(tile))
  }
})

test('every partial tile of 1 to 256 entries can be read while the next ones are written', async () => {
  const directory = await newDirectory()
  const hashes = entries.slice(0, 256).map(leafHash)
  for (let size = 1; size <= 256; size++) {
    const root = await writeTiles(directory, size - 1, size, read)
    assert.deepEqual(root, rootOfHashes(hashes.slice(0, size)))
  }
  // The full tile is there, so the partial ones are gone, and readers take their part of the full one.
  assert.deepEqual((await readdir(join(directory, 'tile/0'))).sort(), ['000'])
  assert.deepEqual((await readdir(join(directory, 'tile/entries'))).sort(), ['000'])
  const partial = await directoryTiles(directory)({ level: 0, index: 0, width: 100 })
  assert.deepEqual(partial, Buffer.concat(hashes.slice(0, 100)))
})

test('partial tiles of earlier checkpoints stay until the full tile exists', async () => {
  const directory = await newDirectory()
  await writeTiles(directory, 0, 100, read)
  await writeTiles(directory, 100, 200, read)
  assert.deepEqual((await readdir(join(directory, 'tile/0/000.p'))).sort(), ['100', '200'])
  await writeTiles(directory, 200, 300, read)
  assert.equal(existsSync(join(directory, 'tile/0/000.p')), false)
  assert.ok(existsSync(join(directory, 'tile/0/001.p/44')))
})

test('any way of growing gives the same root', async () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(steps, async (grows) => {
      const directory = await newDirectory()
      let size = 0
      for (const grow of grows) {
        const root = await writeTiles(directory, size, size + grow, read)
        size += grow
        assert.deepEqual(root, rootOfHashes(entries.slice(0, size).map(leafHash)))
      }
      await rm(directory, { recursive: true })
    }),
    { numRuns: 15 },
  )
})

test('writing again changes nothing, and repairs what a crash left out', async () => {
  const directory = await newDirectory()
  await writeTiles(directory, 0, 300, read)
  const root = await writeTiles(directory, 300, 600, read)
  for (const tile of newTiles(300, 600)) {
    const path = join(directory, tilePath(tile))
    const bytes = await readFile(path)
    await rm(path)
    await writeFile(`${path}.tmp`, 'what a crash left')
    assert.deepEqual(await writeTiles(directory, 300, 600, read), root)
    assert.deepEqual(await readFile(path), bytes)
    assert.equal(existsSync(`${path}.tmp`), false)
  }
  assert.deepEqual(await writeTiles(directory, 0, 600, read), root)
})

test('writeTiles refuses to change a stored tile', async () => {
  const directory = await newDirectory()
  await writeTiles(directory, 0, 300, read)
  const other = (start: number, end: number) =>
    read(start, end).map((entry) => Buffer.concat([entry, Buffer.from('!')]))
  await assert.rejects(writeTiles(directory, 0, 300, other), { code: 'LEDGER_TILE_CONFLICT' })
})

test('writeTiles refuses to shrink, and entries that are not there', async () => {
  const directory = await newDirectory()
  await assert.rejects(writeTiles(directory, 2, 1, read), { code: 'LEDGER_TILE_CONFLICT' })
  await assert.rejects(
    writeTiles(directory, 0, 2, () => [Buffer.from('one')]),
    { code: 'LEDGER_SEQUENCE' },
  )
  await assert.rejects(writeTiles(directory, 256, 65_536, read), { code: 'LEDGER_TILE_MISSING' })
})

test('a hash reader refuses a tile of the wrong length', async () => {
  const directory = await newDirectory()
  await writeTiles(directory, 0, 2, read)
  await writeFile(join(directory, 'tile/0/000.p/2'), Buffer.alloc(63))
  const hashes = tileHashes(directoryTiles(directory), 2)
  await assert.rejects(Promise.resolve(hashes(0, 0)), { code: 'LEDGER_TILE_FALSE' })
})

test('publishCheckpoint replaces the checkpoint whole', async () => {
  const directory = await newDirectory()
  await publishCheckpoint(directory, 'first\n')
  await publishCheckpoint(directory, 'second\n')
  assert.equal(await readFile(join(directory, 'checkpoint'), 'utf8'), 'second\n')
  assert.deepEqual(await readdir(directory), ['checkpoint'])
})
