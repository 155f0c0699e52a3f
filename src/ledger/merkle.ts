/**
 * The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes, the growing tree's frontier, proofs and their checks.
 *
 * Sizes and indexes are safe integers (below 2^53): at 100,000 entries a second that lasts 2,800 years. All
 * arithmetic is by division, never by 32-bit shifts.
 */
import { equalBytes, invariant, sha256 } from '../base/index.ts'
import { LedgerError } from './ledger-error.ts'

export const hashBytes = 32
/** An entry is written with a two-byte length (C2SP tlog-tiles, "log entries"). */
export const entryBytesMax = 65_535

/**
 * The hash of the perfect subtree over entries [index·2^level, (index+1)·2^level). Asked only for subtrees that
 * lie wholly inside the tree the reader serves.
 */
export type HashReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>

export const emptyRoot: Uint8Array = sha256(new Uint8Array(0))

// Scratch space spares an allocation per hash. Hashing is synchronous, so nobody else sees it half filled.
const leafScratch = Buffer.alloc(1 + entryBytesMax)
const nodeScratch = Buffer.alloc(1 + 2 * hashBytes, 1)

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  if (entry.length > entryBytesMax) {
    throw new LedgerError(
      'LEDGER_LEAF_TOO_LARGE',
      `an entry has ${entry.length} bytes, the most is ${entryBytesMax}`,
    )
  }
  leafScratch.set(entry, 1)
  return sha256(leafScratch.subarray(0, 1 + entry.length))
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  invariant(left.length === hashBytes && right.length === hashBytes, 'a node joins two hashes of 32 bytes')
  nodeScratch.set(left, 1)
  nodeScratch.set(right, 1 + hashBytes)
  return sha256(nodeScratch)
}

/** MTH(entries), by its recursive definition. For a handful of entries: it holds all of them. */
export function merkleRoot(entries: readonly Uint8Array[]): Uint8Array {
  return rootOfHashes(entries.map(leafHash))
}

/** The root over given leaf hashes, or over the hashes of equally high perfect subtrees. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? emptyRoot : rootBetween(hashes, 0, hashes.length)
}

/** `end` is past `start`. */
function rootBetween(hashes: readonly Uint8Array[], start: number, end: number): Uint8Array {
  const only = end - start === 1 ? hashes[start] : undefined
  if (only) return only
  const middle = start + splitOf(end - start)
  return nodeHash(rootBetween(hashes, start, middle), rootBetween(hashes, middle, end))
}

/** A growing tree that keeps only the roots of its perfect subtrees, at most 53 of them. */
export interface Frontier {
  readonly size: number
  append(leafHash: Uint8Array): void
  root(): Uint8Array
  /** The roots of the perfect subtrees, the largest first: with `size` all that `openFrontier` needs. */
  peaks(): readonly Uint8Array[]
}

/** A frontier of `size` entries with these peaks; without arguments that of the empty tree. */
export function openFrontier(size = 0, peaks: readonly Uint8Array[] = []): Frontier {
  requireSize(size)
  invariant(peaks.length === peakSizes(size).length, `a tree of ${size} entries has other peaks`)
  const stack = [...peaks]
  let count = size
  return {
    get size() {
      return count
    },
    append(hash) {
      let right = hash
      for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) {
        const left = stack.pop()
        invariant(left, 'a peak stands for every bit of the size')
        right = nodeHash(left, right)
      }
      stack.push(right)
      count++
    },
    root: () => stack.reduceRight<Uint8Array | null>(joinLeft, null) ?? emptyRoot,
    peaks: () => [...stack],
  }
}

function joinLeft(right: Uint8Array | null, left: Uint8Array): Uint8Array {
  return right === null ? left : nodeHash(left, right)
}

/** The frontier of the first `size` entries, from stored hashes: how a writer starts again. */
export async function restoreFrontier(size: number, read: HashReader): Promise<Frontier> {
  requireSize(size)
  const peaks: Uint8Array[] = []
  let start = 0
  for (const width of peakSizes(size)) {
    peaks.push(await subtreeHash(start, start + width, read))
    start += width
  }
  return openFrontier(size, peaks)
}

/** The root of the first `size` entries. */
export async function rootAt(size: number, read: HashReader): Promise<Uint8Array> {
  requireSize(size)
  return size === 0 ? emptyRoot : subtreeHash(0, size, read)
}

/** PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling upward. */
export async function proveInclusion(index: number, size: number, read: HashReader): Promise<Uint8Array[]> {
  requireInside(index, size)
  const path: Uint8Array[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      path.push(await subtreeHash(middle, end, read))
      end = middle
    } else {
      path.push(await subtreeHash(start, middle, read))
      start = middle
    }
  }
  return path.reverse()
}

/**
 * PROOF(size1, D[size2]) of RFC 6962 §2.1.2. Empty where nothing needs proof: size1 = 0 (the empty tree is a
 * prefix of every tree) and size1 = size2.
 */
export async function proveConsistency(
  size1: number,
  size2: number,
  read: HashReader,
): Promise<Uint8Array[]> {
  requireGrowth(size1, size2)
  if (size1 === 0) return []
  const path: Uint8Array[] = []
  let start = 0
  let end = size2
  while (end !== size1) {
    const middle = start + splitOf(end - start)
    if (size1 <= middle) {
      path.push(await subtreeHash(middle, end, read))
      end = middle
    } else {
      path.push(await subtreeHash(start, middle, read))
      start = middle
    }
  }
  // Where the old tree is itself a subtree of the new one, the verifier has its hash already.
  if (start > 0) path.push(await subtreeHash(start, end, read))
  return path.reverse()
}

export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
}

/** RFC 9162 §2.1.3.2. Throws `LEDGER_PROOF` unless the path leads from the leaf to the root. */
export function verifyInclusion(path: readonly Uint8Array[], claim: InclusionClaim): void {
  requireInside(claim.index, claim.size)
  requireHashes([...path, claim.leafHash, claim.root])
  let node = claim.index
  let last = claim.size - 1
  let hash = claim.leafHash
  for (const sibling of path) {
    if (last === 0) throw falseProof('the inclusion path is too long')
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash)
      ;[node, last] = skipMissingSiblings(node, last)
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) throw falseProof('the inclusion path is too short')
  if (!equalBytes(hash, claim.root))
    throw falseProof(`entry ${claim.index} is not in the tree with this root`)
}

export interface ConsistencyClaim {
  readonly size1: number
  readonly root1: Uint8Array
  readonly size2: number
  readonly root2: Uint8Array
}

/**
 * RFC 9162 §2.1.4.2. Throws `LEDGER_PROOF` unless the tree of `size1` entries is a prefix of that of `size2`.
 * Decided here, for sources differ: with size1 = 0 the path must be empty and root1 that of the empty tree.
 */
export function verifyConsistency(path: readonly Uint8Array[], claim: ConsistencyClaim): void {
  const { size1, root1, size2, root2 } = claim
  requireGrowth(size1, size2)
  requireHashes([...path, root1, root2])
  if (size1 === 0 || size1 === size2) {
    if (path.length > 0) throw falseProof('the consistency path is too long')
    if (!equalBytes(root1, size1 === 0 ? emptyRoot : root2))
      throw falseProof(`the roots at size ${size1} differ`)
    return
  }
  const [first, ...rest] = peakSizes(size1).length === 1 ? [root1, ...path] : path
  if (first === undefined) throw falseProof('the consistency path is too short')
  let node = size1 - 1
  let last = size2 - 1
  for (; isOdd(node); node = half(node)) last = half(last)
  let hash1 = first
  let hash2 = first
  for (const sibling of rest) {
    if (last === 0) throw falseProof('the consistency path is too long')
    if (isOdd(node) || node === last) {
      hash1 = nodeHash(sibling, hash1)
      hash2 = nodeHash(sibling, hash2)
      ;[node, last] = skipMissingSiblings(node, last)
    } else {
      hash2 = nodeHash(hash2, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) throw falseProof('the consistency path is too short')
  if (!equalBytes(hash1, root1)) throw falseProof(`the path does not give the root at size ${size1}`)
  if (!equalBytes(hash2, root2)) throw falseProof(`the path does not give the root at size ${size2}`)
}

/** On the right edge of the tree, levels at which the node has no sibling have no hash in the path. */
function skipMissingSiblings(node: number, last: number): [number, number] {
  let [n, l] = [node, last]
  for (; !isOdd(n) && n !== 0; n = half(n)) l = half(l)
  return [n, l]
}

/** MTH(D[start:end]) from stored perfect subtrees. INVARIANT: the RFC's splits keep `start` aligned. */
async function subtreeHash(start: number, end: number, read: HashReader): Promise<Uint8Array> {
  const width = end - start
  const split = splitOf(width)
  if (width === 1 || split * 2 === width) return read(Math.round(Math.log2(width)), start / width)
  const left = await subtreeHash(start, start + split, read)
  return nodeHash(left, await subtreeHash(start + split, end, read))
}

/** The largest power of two below `width`; 1 for 1. */
function splitOf(width: number): number {
  let split = 1
  while (split * 2 < width) split *= 2
  return split
}

/** The sizes of the perfect subtrees that a tree of `size` entries consists of, the largest first. */
function peakSizes(size: number): number[] {
  const sizes: number[] = []
  let bit = 1
  for (let rest = size; rest > 0; rest = half(rest)) {
    if (isOdd(rest)) sizes.unshift(bit)
    bit *= 2
  }
  return sizes
}

function isOdd(n: number): boolean {
  return n % 2 === 1
}

function half(n: number): number {
  return Math.floor(n / 2)
}

export function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw falseProof(`${size} is not the size of a tree`)
}

function requireInside(index: number, size: number): void {
  requireSize(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw falseProof(`entry ${index} is outside a tree of ${size} entries`)
  }
}

function requireGrowth(size1: number, size2: number): void {
  requireSize(size1)
  requireSize(size2)
  if (size1 > size2) throw falseProof(`a tree of ${size2} entries does not continue one of ${size1}`)
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== hashBytes)) throw falseProof('a hash has 32 bytes')
}

function falseProof(message: string): LedgerError {
  return new LedgerError('LEDGER_PROOF', message)
}
