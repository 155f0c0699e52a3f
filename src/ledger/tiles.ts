/**
 * Tiles and entry bundles (C2SP tlog-tiles): which files a tree of a given size consists of, and their bytes.
 * A tile of level L lists up to 256 hashes of perfect subtrees over 256^L entries; a bundle lists the entries.
 */
import { LedgerError } from './ledger-error.ts'
import { entryBytesMax, requireSize } from './merkle.ts'

export const tileWidth = 256

export interface Tile {
  /** 0 lists leaf hashes, `entries` the entries themselves. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 … 256; less than 256 is a partial tile. */
  readonly width: number
}

/** Such as `tile/0/x001/x234/067` or `tile/entries/000.p/5`, relative to the evidence directory. */
export function tilePath({ level, index, width }: Tile): string {
  const groups: string[] = []
  let rest = index
  do {
    groups.unshift(`${groups.length > 0 ? 'x' : ''}${String(rest % 1000).padStart(3, '0')}`)
    rest = Math.floor(rest / 1000)
  } while (rest > 0)
  return `tile/${level}/${groups.join('/')}${width < tileWidth ? `.p/${width}` : ''}`
}

/** How many hashes of `level` a tree of `size` entries has. */
export function itemsAt(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level)
}

/** The width of one tile in a tree of `size` entries; 0 where the tree does not reach it. */
export function tileWidthAt(size: number, level: number, index: number): number {
  return Math.max(0, Math.min(tileWidth, itemsAt(size, level) - index * tileWidth))
}

/**
 * The tiles and bundles that a tree of `newSize` entries has and one of `oldSize` has not, lower levels first.
 * Of partial tiles only those that belong to `newSize` itself: each checkpoint has its own.
 */
export function newTiles(oldSize: number, newSize: number): Tile[] {
  requireSize(oldSize)
  requireSize(newSize)
  const tiles: Tile[] = []
  for (let level = 0; itemsAt(newSize, level) > 0; level++) {
    const [oldItems, newItems] = [itemsAt(oldSize, level), itemsAt(newSize, level)]
    if (oldItems >= newItems) continue
    for (let index = Math.floor(oldItems / tileWidth); index * tileWidth < newItems; index++) {
      const width = tileWidthAt(newSize, level, index)
      if (level === 0) tiles.push({ level: 'entries', index, width })
      tiles.push({ level, index, width })
    }
  }
  return tiles
}

/** A bundle: each entry after its length in two bytes, big-endian. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    if (entry.length > entryBytesMax) {
      throw new LedgerError('LEDGER_LEAF_TOO_LARGE', `an entry has ${entry.length} bytes`)
    }
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry)
  }
  return Buffer.concat(parts)
}

/** The entries of a bundle, which must be exactly as many as its width says. Throws `LEDGER_TILE_FALSE`. */
export function parseBundle(bytes: Uint8Array, tile: Tile): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bytes.length && entries.length < tile.width;) {
    const start = at + 2
    const end = start + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    if (start > bytes.length || end > bytes.length) throw falseBundle(tile, 'ends inside an entry')
    entries.push(bytes.subarray(start, end))
    at = end
  }
  const used = entries.reduce((sum, entry) => sum + 2 + entry.length, 0)
  if (entries.length < tile.width) throw falseBundle(tile, `holds ${entries.length} entries`)
  if (used < bytes.length) throw falseBundle(tile, `holds more than ${tile.width} entries`)
  return entries
}

function falseBundle(tile: Tile, message: string): LedgerError {
  return new LedgerError('LEDGER_TILE_FALSE', `\`${tilePath(tile)}\` ${message}`)
}
