/** Reads tiles and bundles from an evidence directory, as any reader of the log would. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant, isErrorCode } from '../base/index.ts'
import { LedgerError } from './ledger-error.ts'
import { hashBytes, rootOfHashes } from './merkle.ts'
import type { HashReader } from './merkle.ts'
import { tilePath, tileWidth, tileWidthAt } from './tiles.ts'
import type { Tile } from './tiles.ts'

/** The bytes of one stored tile or bundle. Throws `LEDGER_TILE_MISSING`. */
export type TileReader = (tile: Tile) => Promise<Uint8Array>

/**
 * Reads from a directory. Where a partial tile was deleted because the full one exists, its first `width` items
 * are taken from that, as the specification asks of readers.
 */
export function directoryTiles(directory: string): TileReader {
  return async function readTile(tile) {
    const bytes = await readIfThere(join(directory, tilePath(tile)))
    if (bytes) return bytes
    const whole =
      tile.width < tileWidth
        ? await readIfThere(join(directory, tilePath({ ...tile, width: tileWidth })))
        : null
    if (whole)
      return tile.level === 'entries'
        ? firstEntries(whole, tile.width)
        : whole.subarray(0, tile.width * hashBytes)
    throw new LedgerError('LEDGER_TILE_MISSING', `\`${tilePath(tile)}\` is missing`)
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw new LedgerError('LEDGER_UNREADABLE', `\`${path}\` cannot be read`, { cause: error })
  }
}

function firstEntries(bundle: Uint8Array, width: number): Uint8Array {
  let end = 0
  for (let i = 0; i < width; i++) end += 2 + (bundle[end] ?? 0) * 256 + (bundle[end + 1] ?? 0)
  return bundle.subarray(0, end)
}

/** The hashes of a hash tile. Throws `LEDGER_TILE_FALSE` where its length is not that of its width. */
export function parseTile(bytes: Uint8Array, tile: Tile): Uint8Array[] {
  if (bytes.length !== tile.width * hashBytes) {
    throw new LedgerError('LEDGER_TILE_FALSE', `\`${tilePath(tile)}\` has ${bytes.length} bytes`)
  }
  return Array.from({ length: tile.width }, (_, i) => bytes.subarray(i * hashBytes, (i + 1) * hashBytes))
}

const cachedTilesMax = 64

/** Perfect subtrees of a tree of `size` entries, from its tiles; keeps the last few tiles at hand. */
export function tileHashes(readTile: TileReader, size: number): HashReader {
  const cached = new Map<string, Promise<Uint8Array[]>>()
  function load(tile: Tile): Promise<Uint8Array[]> {
    const path = tilePath(tile)
    const known = cached.get(path)
    if (known) return known
    const [oldest] = cached.keys()
    if (oldest !== undefined && cached.size >= cachedTilesMax) cached.delete(oldest)
    const loading = readTile(tile).then((bytes) => parseTile(bytes, tile))
    cached.set(path, loading)
    return loading
  }
  return async function readHash(level, index) {
    const tileLevel = Math.floor(level / 8)
    const count = 2 ** (level % 8)
    const first = index * count
    const tileIndex = Math.floor(first / tileWidth)
    const width = tileWidthAt(size, tileLevel, tileIndex)
    const offset = first - tileIndex * tileWidth
    invariant(offset + count <= width, 'a hash is asked only of a subtree inside the tree')
    const hashes = await load({ level: tileLevel, index: tileIndex, width })
    return rootOfHashes(hashes.slice(offset, offset + count))
  }
}
