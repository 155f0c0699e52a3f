/** Reads what a log has published, from a moment on: for whoever trusts the directory, and audits nothing. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrorCode } from '../base/index.ts'
import { readCheckpoint } from './checkpoint.ts'
import { parseLeaf } from './leaf-bytes.ts'
import type { Leaf } from './leaf.ts'
import { directoryTiles } from './tile-reader.ts'
import { parseBundle, tileWidth, tileWidthAt } from './tiles.ts'

export interface PublishedEntries {
  /** Entries that the newest checkpoint covered when this was opened. */
  readonly size: number
  /** Time of the last of them, in milliseconds since the epoch; 0 where there is none. */
  readonly lastTime: number
  /** In the order of the log from the first entry at `time` or later, in groups of at most 256. */
  since(time: number): AsyncIterable<readonly Leaf[]>
}

/** Throws `LEDGER_TILE_MISSING`, `LEDGER_TILE_FALSE`, `LEDGER_LEAF`, and what a malformed checkpoint throws. */
export async function openPublished(directory: string): Promise<PublishedEntries> {
  const size = await publishedSize(directory)
  const readTile = directoryTiles(directory)
  const bundles = Math.ceil(size / tileWidth)
  async function readBundle(index: number): Promise<readonly Leaf[]> {
    const tile = { level: 'entries', index, width: tileWidthAt(size, 0, index) } as const
    return parseBundle(await readTile(tile), tile).map(parseLeaf)
  }
  const last = bundles === 0 ? [] : await readBundle(bundles - 1)
  return {
    size,
    lastTime: last.at(-1)?.time ?? 0,
    async *since(time) {
      for (let index = await firstBundle(time); index < bundles; index++) {
        const leaves = (await readBundle(index)).filter((leaf) => leaf.time >= time)
        if (leaves.length > 0) yield leaves
      }
    },
  }

  /** The last bundle that begins before `time`: time never falls, so none before it holds anything later. */
  async function firstBundle(time: number): Promise<number> {
    let [low, high] = [0, bundles]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const begins = (await readBundle(middle))[0]?.time ?? 0
      if (begins < time) low = middle
      else high = middle
    }
    return low
  }
}

/** 0 before the first checkpoint. */
async function publishedSize(directory: string): Promise<number> {
  try {
    return readCheckpoint(await readFile(join(directory, 'checkpoint'), 'utf8')).size
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return 0
    throw error
  }
}
