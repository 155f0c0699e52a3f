import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newTiles, tilePath } from './index.ts'
import { formatBundle, parseBundle } from './tiles.ts'
import type { Tile } from './tiles.ts'

test('tilePath groups digits by three', () => {
  const table: [Tile, string][] = [
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 273, width: 112 }, 'tile/0/273.p/112'],
    [{ level: 2, index: 999, width: 256 }, 'tile/2/999'],
    [{ level: 1, index: 1000, width: 1 }, 'tile/1/x001/000.p/1'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 'entries', index: 1_234_067, width: 5 }, 'tile/entries/x001/x234/067.p/5'],
  ]
  for (const [tile, path] of table) assert.equal(tilePath(tile), path)
})

test('newTiles lists the examples of the specification', () => {
  const paths = (from: number, to: number) => newTiles(from, to).map(tilePath)
  assert.deepEqual(paths(0, 0), [])
  assert.deepEqual(paths(5, 5), [])
  assert.deepEqual(paths(0, 1), ['tile/entries/000.p/1', 'tile/0/000.p/1'])
  assert.deepEqual(paths(255, 256), ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1'])
  assert.deepEqual(paths(256, 257), ['tile/entries/001.p/1', 'tile/0/001.p/1'])
  const all = paths(0, 70_000)
  assert.equal(all.filter((path) => path.startsWith('tile/0/')).length, 274)
  for (const path of ['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])
    assert.ok(all.includes(path), path)
  assert.deepEqual(paths(65_536, 65_537), ['tile/entries/256.p/1', 'tile/0/256.p/1'])
  assert.deepEqual(
    paths(65_535, 65_536).filter((path) => !path.includes('entries')),
    ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1'],
  )
})

test('formatBundle and parseBundle are inverse', () => {
  const entry = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 256 }), (entries) => {
      const tile: Tile = { level: 'entries', index: 0, width: entries.length }
      assert.deepEqual(parseBundle(Uint8Array.from(formatBundle(entries)), tile), entries)
    }),
  )
  const longest = [new Uint8Array(65_535)]
  assert.deepEqual(
    parseBundle(new Uint8Array(formatBundle(longest)), { level: 'entries', index: 0, width: 1 }),
    longest,
  )
  assert.throws(() => formatBundle([new Uint8Array(65_536)]), { code: 'LEDGER_LEAF_TOO_LARGE' })
})

test('parseBundle refuses what is cut, too long or too short', () => {
  const bytes = formatBundle([Buffer.from('one'), Buffer.from('two')])
  const wide = (width: number): Tile => ({ level: 'entries', index: 0, width })
  for (const width of [1, 3])
    assert.throws(() => parseBundle(bytes, wide(width)), { code: 'LEDGER_TILE_FALSE' })
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(() => parseBundle(bytes.subarray(0, end), wide(2)), { code: 'LEDGER_TILE_FALSE' })
  }
})
