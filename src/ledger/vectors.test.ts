/** The language-neutral vectors in vectors/ledger: what another implementation checks itself against. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { keyFromSeed, signerFromKey, utf8 } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import { formatLeaf, parseLeaf } from './leaf-bytes.ts'
import type { Leaf } from './leaf.ts'
import {
  leafHash,
  merkleRoot,
  proveConsistency,
  proveInclusion,
  rootOfHashes,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'
import type { HashReader } from './merkle.ts'
import { formatVkey, parseVkey } from './note.ts'
import { formatProof, parseProof, verifyProof } from './proof.ts'
import { formatReceipt, parseReceipt, signReceipt, verifyReceipt } from './receipt.ts'

function load(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../vectors/ledger/${name}.json`), 'utf8'))
}

const hashes = Array.from({ length: 300 }, (_, i) => leafHash(utf8(`entry ${i}`)))
const read: HashReader = (level, index) =>
  rootOfHashes(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level))
const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const fromBase64 = (texts: readonly string[]) => texts.map((text) => Buffer.from(text, 'base64'))

const leaves = load('leaves') as {
  readonly valid: readonly { readonly leaf: Leaf; readonly bytes: string; readonly leafHash: string }[]
  readonly invalid: readonly { readonly why: string; readonly bytes: string }[]
}

test('leaves have the canonical bytes and hashes of the vectors', () => {
  for (const { leaf, bytes, leafHash: hash } of leaves.valid) {
    assert.equal(Buffer.from(formatLeaf(leaf)).toString(), bytes)
    assert.deepEqual(parseLeaf(utf8(bytes)), leaf)
    assert.equal(Buffer.from(leafHash(utf8(bytes))).toString('hex'), hash)
  }
  for (const { why, bytes } of leaves.invalid)
    assert.throws(() => parseLeaf(utf8(bytes)), { code: 'LEDGER_LEAF' }, why)
})

const tree = load('tree') as {
  readonly roots: readonly { readonly size: number; readonly root: string }[]
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly hashes: string[] }[]
  readonly consistency: readonly {
    readonly size1: number
    readonly size2: number
    readonly hashes: string[]
  }[]
}

function rootOf(size: number): Uint8Array {
  const found = tree.roots.find((known) => known.size === size)
  assert.ok(found)
  return Buffer.from(found.root, 'base64')
}

test('roots and proofs are those of the vectors', async () => {
  for (const { size, root } of tree.roots) {
    assert.equal(toBase64(merkleRoot(Array.from({ length: size }, (_, i) => utf8(`entry ${i}`)))), root)
  }
  for (const { index, size, hashes: path } of tree.inclusion) {
    assert.deepEqual((await proveInclusion(index, size, read)).map(toBase64), path)
    verifyInclusion(fromBase64(path), { index, size, leafHash: hashes[index]!, root: rootOf(size) })
  }
  for (const { size1, size2, hashes: path } of tree.consistency) {
    assert.deepEqual((await proveConsistency(size1, size2, read)).map(toBase64), path)
    verifyConsistency(fromBase64(path), { size1, root1: rootOf(size1), size2, root2: rootOf(size2) })
  }
})

const notes = load('notes') as {
  readonly vkey: string
  readonly witness: string
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string }
  readonly valid: readonly { readonly why: string; readonly note: string; readonly witnessTime?: number }[]
  readonly invalid: readonly { readonly why: string; readonly note: string }[]
}
const signer = signerFromKey(keyFromSeed(Buffer.alloc(32, 7)))
const verifiers = [parseVkey(notes.vkey), parseVkey(notes.witness)]

test('checkpoints open, or are refused, as the vectors say', () => {
  assert.equal(formatVkey(notes.checkpoint.origin, signer.publicKey), notes.vkey)
  for (const { why, note, witnessTime } of notes.valid) {
    const { origin, size, root, signatures } = verifyCheckpoint(note, verifiers)
    assert.deepEqual({ origin, size, root: toBase64(root) }, notes.checkpoint, why)
    assert.equal(signatures[1]?.timeSeconds, witnessTime)
  }
  for (const { why, note } of notes.invalid) {
    assert.throws(() => verifyCheckpoint(note, verifiers), { name: 'LedgerError' }, why)
  }
})

test('proof files are those of the vectors', () => {
  const { proofs } = load('proofs') as {
    readonly proofs: readonly { readonly entry: string; readonly proof: string }[]
  }
  for (const { entry, proof } of proofs) {
    const parsed = parseProof(proof)
    assert.equal(formatProof(parsed), proof)
    assert.equal(verifyProof(parsed, leafHash(utf8(entry)), verifiers).size, 300)
  }
})

test('receipts are those of the vectors', async () => {
  const vectors = load('receipts') as {
    readonly receipt: {
      readonly origin: string
      readonly index: number
      readonly leafHash: string
      readonly time: number
    }
    readonly signed: string
    readonly text: string
    readonly invalid: readonly string[]
  }
  const receipt = { ...vectors.receipt, leafHash: Buffer.from(vectors.receipt.leafHash, 'base64') }
  assert.equal(formatReceipt(await signReceipt(receipt, signer)), vectors.text)
  const parsed = parseReceipt(vectors.text)
  verifyReceipt(parsed, parseVkey(notes.vkey))
  const signed: Json = { v: 1, ...vectors.receipt }
  assert.deepEqual(JSON.parse(vectors.signed.replace('servanda/receipt/v1\n', '')), signed)
  for (const text of vectors.invalid)
    assert.throws(() => parseReceipt(text), { code: 'LEDGER_RECEIPT' }, text)
})
