/**
 * Writes the tiles and bundles of a log from its entries, and the checkpoint once they are there.
 *
 * The entries are the truth and live elsewhere, durably; everything here can be derived again. Order of a
 * publication: entries durable, `writeTiles`, root compared with the writer's own, checkpoint signed, guard
 * advanced, `publishCheckpoint`. A crash at any point leaves whole files and the checkpoint of before; the next
 * start writes the tiles again, and publishes a checkpoint at least as large as the one in the guard.
 */
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { equalBytes, isErrorCode, utf8 } from '../base/index.ts'
import { syncDirectory, writeDurably } from './durable-file.ts'
import type { DurableFile } from './durable-file.ts'
import { LedgerError } from './ledger-error.ts'
import { leafHash, requireSize, rootAt, rootOfHashes } from './merkle.ts'
import { directoryTiles, parseTile, tileHashes } from './tile-reader.ts'
import { formatBundle, itemsAt, tilePath, tileWidth, tileWidthAt } from './tiles.ts'
import type { Tile } from './tiles.ts'

/** The exact bytes of the entries [start, end), at most 256 of them. */
export type ReadEntries = (
  start: number,
  end: number,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>

const filesPerBatch = 64

interface Batch {
  add(tile: Tile, bytes: Uint8Array): Promise<void>
  flush(): Promise<void>
}

/**
 * Writes what a tree of `toSize` entries has beyond one of `fromSize`, whose tiles are there already, and returns
 * the root that the tiles give: compare it with the signed one before publishing. All is durable on return. May be
 * repeated; with `fromSize` 0 it rebuilds everything. Partial tiles that a full one replaces are deleted, after
 * that is durable. Throws `LEDGER_TILE_CONFLICT` rather than change a stored tile, and `LEDGER_TILE_MISSING` where
 * a tile of `fromSize` is gone.
 */
export async function writeTiles(
  directory: string,
  fromSize: number,
  toSize: number,
  readEntries: ReadEntries,
): Promise<Uint8Array> {
  requireSize(toSize)
  if (fromSize > toSize)
    throw new LedgerError('LEDGER_TILE_CONFLICT', `the log has ${fromSize} entries already`)
  const batch = openBatch(directory)
  let hashes = await writeEntries(batch, fromSize, toSize, readEntries)
  for (let level = 1; hashes.length > 0; level++) {
    const first = itemsAt(fromSize, level)
    const head = await readHead(directory, level, first)
    hashes = await writeLevel(batch, level, first - head.length, [...head, ...hashes])
  }
  await batch.flush()
  await removePartials(directory, fromSize, toSize)
  return rootAt(toSize, tileHashes(directoryTiles(directory), toSize))
}

/** Bundles and level 0; returns the roots of the level-0 tiles that became full: the new items of level 1. */
async function writeEntries(
  batch: Batch,
  from: number,
  to: number,
  read: ReadEntries,
): Promise<Uint8Array[]> {
  const roots: Uint8Array[] = []
  if (from === to) return roots
  for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index++) {
    const start = index * tileWidth
    const width = tileWidthAt(to, 0, index)
    const entries = await read(start, start + width)
    if (entries.length !== width) {
      throw new LedgerError(
        'LEDGER_SEQUENCE',
        `${entries.length} entries were read from ${start}, not ${width}`,
      )
    }
    const hashes = entries.map(leafHash)
    await batch.add({ level: 'entries', index, width }, formatBundle(entries))
    await batch.add({ level: 0, index, width }, Buffer.concat(hashes))
    if (width === tileWidth) roots.push(rootOfHashes(hashes))
  }
  return roots
}

/** The items of `level` before the first new one, in the tile that the new ones continue. */
async function readHead(directory: string, level: number, first: number): Promise<Uint8Array[]> {
  const width = first % tileWidth
  if (width === 0) return []
  const tile = { level, index: Math.floor(first / tileWidth), width }
  return parseTile(await directoryTiles(directory)(tile), tile)
}

/** The tiles of one upper level, from the one that starts at item `start`; returns the roots of the full ones. */
async function writeLevel(
  batch: Batch,
  level: number,
  start: number,
  hashes: Uint8Array[],
): Promise<Uint8Array[]> {
  const roots: Uint8Array[] = []
  for (let at = 0; at < hashes.length; at += tileWidth) {
    const items = hashes.slice(at, at + tileWidth)
    await batch.add({ level, index: (start + at) / tileWidth, width: items.length }, Buffer.concat(items))
    if (items.length === tileWidth) roots.push(rootOfHashes(items))
  }
  return roots
}

function openBatch(directory: string): Batch {
  let files: DurableFile[] = []
  // A file of the same bytes was synced before it got its name, but a crash may have come before its directory was.
  let found = new Set<string>()
  async function flush(): Promise<void> {
    const [due, directories] = [files, found]
    files = []
    found = new Set()
    await writeDurably(due)
    for (const path of directories) await syncDirectory(path)
  }
  async function add(tile: Tile, bytes: Uint8Array): Promise<void> {
    const path = join(directory, tilePath(tile))
    if (await isStored(path, bytes)) found.add(dirname(path))
    else files.push({ path, bytes })
    if (files.length >= filesPerBatch) await flush()
  }
  return { add, flush }
}

async function isStored(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    if (equalBytes(await readFile(path), bytes)) return true
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return false
    throw error
  }
  throw new LedgerError('LEDGER_TILE_CONFLICT', `\`${path}\` holds other bytes than the entries give`)
}

/** A crash in here leaves partial tiles beside full ones, which hurts nobody; repeating the call removes them. */
async function removePartials(directory: string, fromSize: number, toSize: number): Promise<void> {
  for (let level = 0; itemsAt(toSize, level) >= tileWidth; level++) {
    const first = Math.floor(itemsAt(fromSize, level) / tileWidth)
    // Only the tile that was partial at `fromSize`, or one that a crash left, can have partial files.
    for (let index = first; index < Math.floor(itemsAt(toSize, level) / tileWidth); index++) {
      await removePartialsOf(directory, { level, index, width: tileWidth })
      if (level === 0) await removePartialsOf(directory, { level: 'entries', index, width: tileWidth })
    }
  }
}

async function removePartialsOf(directory: string, tile: Tile): Promise<void> {
  await rm(join(directory, `${tilePath(tile)}.p`), { recursive: true, force: true })
}

/** Makes a signed checkpoint the one that readers see. Durable on return; a crash leaves this one or that before. */
export async function publishCheckpoint(directory: string, note: string): Promise<void> {
  await writeDurably([{ path: join(directory, 'checkpoint'), bytes: utf8(note) }])
}
