/** Partial tiles of earlier checkpoints, which stay beside the newest until the full tile replaces them all. */
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { equalBytes } from '../base/index.ts'
import { LedgerError, newTiles, tilePath } from '../ledger/index.ts'
import type { Tile } from '../ledger/index.ts'

const hashBytes = 32

/**
 * Compares each with the beginning of the one that a tree of `size` entries has, whose tiles are there and checked.
 * Throws `LEDGER_TILE_CONFLICT` where one holds other bytes: a stored tile never changes.
 */
export async function requireEarlierPartials(directory: string, size: number): Promise<void> {
  for (const tile of newTiles(0, size)) {
    const path = join(directory, tilePath(tile))
    // Full tiles stand alone: partial ones beside them were deleted as they were written.
    if (dirname(path).endsWith('.p')) await requireBeginnings(path, tile)
  }
}

async function requireBeginnings(path: string, tile: Tile): Promise<void> {
  const newest = await readFile(path)
  for (const name of await readdir(dirname(path))) {
    const width = Number(name)
    if (!/^[1-9][0-9]*$/.test(name) || width >= tile.width) continue
    const earlier = join(dirname(path), name)
    const beginning = newest.subarray(0, tile.level === 'entries' ? endOf(newest, width) : width * hashBytes)
    if (!equalBytes(await readFile(earlier), beginning)) {
      throw new LedgerError(
        'LEDGER_TILE_CONFLICT',
        `\`${earlier}\` holds other bytes than the entries give: delete it once it is known why`,
      )
    }
  }
}

/** Where the first `width` entries of a bundle end; each stands after its length in two bytes. */
function endOf(bundle: Buffer, width: number): number {
  let end = 0
  for (let i = 0; i < width; i++) end += 2 + bundle.readUInt16BE(end)
  return end
}
