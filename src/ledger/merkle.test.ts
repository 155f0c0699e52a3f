import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '../base/index.ts'
import {
  emptyRoot,
  leafHash,
  merkleRoot,
  nodeHash,
  openFrontier,
  proveConsistency,
  proveInclusion,
  restoreFrontier,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from './index.ts'
import { rootOfHashes } from './merkle.ts'
import type { HashReader } from './merkle.ts'
import { openTreeRebuilder } from './rebuild-tree.ts'

const hashes = Array.from({ length: 700 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)))
const proofError = { code: 'LEDGER_PROOF' }

/** Perfect subtrees straight from the leaf hashes. */
const read: HashReader = (level, index) =>
  rootOfHashes(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level))
const rootOf = (size: number) => rootOfHashes(hashes.slice(0, size))

/** The test vectors of RFC 6962 as certificate-transparency programs share them. */
const ctEntries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ctRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('merkleRoot gives the roots of the certificate-transparency vectors', () => {
  assert.deepEqual(merkleRoot([]), emptyRoot)
  assert.deepEqual(emptyRoot, sha256(Buffer.alloc(0)))
  const entries = ctEntries.map((hex) => Buffer.from(hex, 'hex'))
  for (const [i, root] of ctRoots.entries()) {
    assert.equal(Buffer.from(merkleRoot(entries.slice(0, i + 1))).toString('hex'), root)
  }
})

test('leafHash refuses an entry that no bundle can hold', () => {
  assert.equal(leafHash(Buffer.alloc(65_535)).length, 32)
  assert.throws(() => leafHash(Buffer.alloc(65_536)), { code: 'LEDGER_LEAF_TOO_LARGE' })
})

test('a frontier, its restored copy, the definition and the rebuilder agree at every size', async () => {
  const frontier = openFrontier()
  for (let size = 0; size <= 520; size++) {
    const root = rootOf(size)
    assert.equal(frontier.size, size)
    assert.deepEqual(frontier.root(), root)
    assert.deepEqual(openFrontier(size, frontier.peaks()).root(), root)
    if (size % 37 === 0 || size > 510) {
      assert.deepEqual((await restoreFrontier(size, read)).root(), root)
      assert.deepEqual(await rootAt(size, read), root)
      assert.deepEqual(await rebuilt(size), root)
    }
    frontier.append(hashes[size]!)
  }
})

async function rebuilt(size: number): Promise<Uint8Array> {
  const tree = openTreeRebuilder(() => Promise.resolve())
  for (let at = 0; at < size; at += 256) await tree.addLeaves(hashes.slice(at, Math.min(size, at + 256)))
  return tree.finish()
}

test('the frontier grows past 65,536 entries as the rebuilder does', async () => {
  const frontier = openFrontier()
  const tree = openTreeRebuilder(() => Promise.resolve())
  const many = Array.from({ length: 65_537 }, (_, i) => hashes[i % 700]!)
  for (const hash of many) frontier.append(hash)
  for (let at = 0; at < many.length; at += 256) await tree.addLeaves(many.slice(at, at + 256))
  assert.deepEqual(frontier.root(), await tree.finish())
  assert.deepEqual(frontier.root(), rootOfHashes(many))
})

const sizeAndIndex = fc
  .integer({ min: 1, max: 700 })
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))

test('every inclusion proof verifies, for its own index, size and leaf only', async () => {
  const property = fc.asyncProperty(sizeAndIndex, async ([size, index]) => {
    const path = await proveInclusion(index, size, read)
    const claim = { index, size, leafHash: hashes[index]!, root: rootOf(size) }
    verifyInclusion(path, claim)
    assert.throws(() => verifyInclusion([...path, emptyRoot], claim), proofError)
    assert.throws(() => verifyInclusion(path, { ...claim, leafHash: emptyRoot }), proofError)
    assert.throws(() => verifyInclusion(path, { ...claim, root: emptyRoot }), proofError)
    if (size > 1) {
      assert.throws(() => verifyInclusion(path.slice(1), claim), proofError)
      assert.throws(() => verifyInclusion(path, { ...claim, index: (index + 1) % size }), proofError)
    }
    for (const i of path.keys())
      assert.throws(() => verifyInclusion(path.with(i, emptyRoot), claim), proofError)
  })
  await fc.assert(property, { numRuns: 150 })
})

test('every consistency proof verifies, for its own sizes and roots only', async () => {
  const property = fc.asyncProperty(sizeAndIndex, async ([size2, before]) => {
    const size1 = before + 1
    const path = await proveConsistency(size1, size2, read)
    const claim = { size1, root1: rootOf(size1), size2, root2: rootOf(size2) }
    verifyConsistency(path, claim)
    assert.throws(() => verifyConsistency([...path, emptyRoot], claim), proofError)
    assert.throws(() => verifyConsistency(path, { ...claim, root1: emptyRoot }), proofError)
    assert.throws(() => verifyConsistency(path, { ...claim, root2: emptyRoot }), proofError)
    if (path.length > 0) assert.throws(() => verifyConsistency(path.slice(1), claim), proofError)
    for (const i of path.keys())
      assert.throws(() => verifyConsistency(path.with(i, emptyRoot), claim), proofError)
  })
  await fc.assert(property, { numRuns: 150 })
})

test('the empty tree is a prefix of every tree, by an empty proof', async () => {
  assert.deepEqual(await proveConsistency(0, 7, read), [])
  const claim = { size1: 0, root1: emptyRoot, size2: 7, root2: rootOf(7) }
  verifyConsistency([], claim)
  verifyConsistency([], { ...claim, size2: 0, root2: emptyRoot })
  assert.throws(() => verifyConsistency([emptyRoot], claim), proofError)
  assert.throws(() => verifyConsistency([], { ...claim, root1: rootOf(1) }), proofError)
})

test('proofs refuse what is outside the tree or no size at all', async () => {
  const root = rootOf(5)
  for (const index of [-1, 5, 1.5, Number.NaN]) {
    assert.throws(() => verifyInclusion([], { index, size: 5, leafHash: root, root }), proofError)
    await assert.rejects(proveInclusion(index, 5, read), proofError)
  }
  await assert.rejects(proveInclusion(0, 2 ** 53, read), proofError)
  await assert.rejects(proveConsistency(6, 5, read), proofError)
  assert.throws(() => verifyConsistency([], { size1: 6, root1: root, size2: 5, root2: root }), proofError)
  assert.throws(() => verifyConsistency([], { size1: 4, root1: root, size2: 5, root2: root }), proofError)
  assert.throws(
    () => verifyInclusion([root.subarray(1)], { index: 0, size: 2, leafHash: root, root }),
    proofError,
  )
})

test('proofs stay exact for sizes near 2^53', async () => {
  // Every subtree of 2^level equal leaves has the same hash, so a huge tree costs nothing.
  const levels = [leafHash(Buffer.from('same'))]
  for (let level = 1; level <= 53; level++) levels.push(nodeHash(levels[level - 1]!, levels[level - 1]!))
  const same: HashReader = (level) => levels[level]!
  const size = Number.MAX_SAFE_INTEGER
  const root = await rootAt(size, same)
  for (const index of [0, 2 ** 33 + 1, size - 1]) {
    verifyInclusion(await proveInclusion(index, size, same), { index, size, leafHash: levels[0]!, root })
  }
  for (const size1 of [1, 2 ** 52, 2 ** 52 + 1, size - 1]) {
    const root1 = await rootAt(size1, same)
    verifyConsistency(await proveConsistency(size1, size, same), { size1, root1, size2: size, root2: root })
  }
})
