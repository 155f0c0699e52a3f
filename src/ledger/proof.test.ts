import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKey, signerFromKey, utf8 } from '../base/index.ts'
import {
  formatGrowth,
  formatProof,
  formatVkey,
  leafHash,
  parseProof,
  parseVkey,
  proveConsistency,
  proveEntry,
  signCheckpoint,
  verifyProof,
} from './index.ts'
import { rootOfHashes } from './merkle.ts'
import type { HashReader } from './merkle.ts'

const origin = 'log.example/one'
const signer = signerFromKey(demoKey('proof test'))
const verifiers = [parseVkey(formatVkey(origin, signer.publicKey))]
const hashes = Array.from({ length: 13 }, (_, i) => leafHash(utf8(`entry ${i}`)))
const read: HashReader = (level, index) =>
  rootOfHashes(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level))
const checkpoint = await signCheckpoint({ origin, size: 13, root: rootOfHashes(hashes) }, signer)

test('a proof survives its text form and verifies', async () => {
  for (const index of hashes.keys()) {
    const proof = await proveEntry(index, checkpoint, read)
    const text = formatProof({ ...proof, extra: utf8('a hint') })
    const parsed = parseProof(text)
    assert.equal(formatProof(parsed), text)
    assert.equal(verifyProof(parsed, hashes[index]!, verifiers).size, 13)
    assert.throws(() => verifyProof(parsed, hashes[(index + 1) % 13]!, verifiers), { code: 'LEDGER_PROOF' })
  }
})

test('a proof begins with the lines of the specification', async () => {
  const text = formatProof(await proveEntry(12, checkpoint, read))
  const lines = text.split('\n')
  assert.deepEqual(lines.slice(0, 2), ['c2sp.org/tlog-proof@v1', 'index 12'])
  assert.ok(text.endsWith(`\n\n${checkpoint}`))
})

test('no byte of a proof can be changed unnoticed', async () => {
  const text = formatProof(await proveEntry(5, checkpoint, read))
  for (let at = 0; at < text.length; at++) {
    const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    assert.throws(
      () => verifyProof(parseProof(changed), hashes[5]!, verifiers),
      /proof|entry|key|note|sign|checkpoint|path/,
    )
  }
})

test('parseProof refuses malformed files', async () => {
  const text = formatProof(await proveEntry(5, checkpoint, read))
  const bad = [
    '',
    'c2sp.org/tlog-proof@v1',
    text.replace('@v1', '@v2'),
    text.replace('index 5', 'index 05'),
    text.replace('index 5', 'index -5'),
    text.replace('index 5', 'index'),
    text.replace('index 5\n', ''),
    text.replace('index 5', 'extra !!\nindex 5'),
    text.replace('index 5', 'index 5\nAAAA'),
    text.replace('\n', '\r\n'),
    text.replace('index 5\n', `index 5\n${'A'.repeat(43)}=\n`.repeat(64)),
  ]
  for (const changed of bad)
    assert.throws(() => parseProof(changed), { code: 'LEDGER_PROOF' }, changed.slice(0, 60))
})

test('formatGrowth writes what a witness is asked with', async () => {
  const text = await formatGrowth(5, checkpoint, read)
  const path = await proveConsistency(5, 13, read)
  const lines = path.map((hash) => Buffer.from(hash).toString('base64')).join('\n')
  assert.equal(text, `old 5\n${lines}\n\n${checkpoint}`)
  assert.equal(await formatGrowth(0, checkpoint, read), `old 0\n\n${checkpoint}`)
})
