/**
 * Rebuilds the whole tree from leaf hashes, level by level, one open tile per level. A second way to the root, for
 * the verifier: it shares the two hash functions with the writer and nothing else.
 */
import { emptyRoot, nodeHash } from './merkle.ts'
import { tileWidth } from './tiles.ts'
import type { Tile } from './tiles.ts'

export interface TreeRebuilder {
  /** The leaf hashes of the next bundle; only the last may have fewer than 256. */
  addLeaves(hashes: readonly Uint8Array[]): Promise<void>
  /** Closes the open tiles and returns the root. */
  finish(): Promise<Uint8Array>
}

/** Calls `checkTile` with every tile of the tree, full or last of its level, as soon as its hashes are known. */
export function openTreeRebuilder(
  checkTile: (tile: Tile, hashes: readonly Uint8Array[]) => Promise<void>,
): TreeRebuilder {
  const levels: { closed: number; hashes: Uint8Array[] }[] = []

  async function add(level: number, hashes: readonly Uint8Array[]): Promise<void> {
    const open = (levels[level] ??= { closed: 0, hashes: [] })
    open.hashes.push(...hashes)
    if (open.hashes.length < tileWidth) return
    await checkTile({ level, index: open.closed, width: tileWidth }, open.hashes)
    const root = perfectRoot(open.hashes)
    open.closed++
    open.hashes = []
    await add(level + 1, [root])
  }

  async function finish(): Promise<Uint8Array> {
    let root: Uint8Array | null = null
    for (const [level, { closed, hashes }] of levels.entries()) {
      if (hashes.length > 0) await checkTile({ level, index: closed, width: hashes.length }, hashes)
      for (const subtree of perfectSubtrees(hashes).reverse()) root = root ? nodeHash(subtree, root) : subtree
    }
    return root ?? emptyRoot
  }
  return { addLeaves: (hashes) => add(0, hashes), finish }
}

/** Splits fewer than 256 hashes into runs of falling powers of two, and returns the root of each. */
function perfectSubtrees(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = []
  let at = 0
  for (let width = tileWidth / 2; width >= 1; width /= 2) {
    if ((hashes.length & width) === 0) continue
    roots.push(perfectRoot(hashes.slice(at, at + width)))
    at += width
  }
  return roots
}

/** Joins neighbours until one is left. INVARIANT: the count is a power of two. */
function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < row.length; i += 2) {
      above.push(nodeHash(row[i] ?? emptyRoot, row[i + 1] ?? emptyRoot))
    }
    row = above
  }
  return row[0] ?? emptyRoot
}
