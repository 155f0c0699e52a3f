/**
 * Evidence written here is accepted, and altered evidence rejected, by two verifiers that share no code with the
 * writer: a Go program over golang.org/x/mod, and one in TypeScript written from the specifications.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  directoryTiles,
  formatGrowth,
  formatProof,
  leafHash,
  parseVkey,
  proveEntry,
  signNote,
  tileHashes,
  tilePath,
  verifyLedger,
  verifyProof,
} from '../../src/ledger/index.ts'
import {
  plainEntries,
  sampleEntries,
  sampleOrigin,
  sampleSigner,
  sampleVkey,
  writeSampleLog,
} from '../../src/ledger/sample-log.ts'
import { messageOf } from '../../src/base/index.ts'
import { goVerifier, verifyWithGo, writeTemporary } from './go-verifier.ts'
import { treeHash, verifyBySpec } from './spec-verifier.ts'

const go = await goVerifier()
const skip = 'absent' in go ? go.absent : false
const sizes = [1, 2, 255, 256, 257, 300, 511, 512, 700]

function verifier() {
  if ('absent' in go) throw new Error(go.absent)
  return go.verify
}

async function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'servanda-evidence-'))
}

test('x/mod and the specification accept every published size, proofs and growth', { skip }, async () => {
  const directory = await newDirectory()
  const entries = sampleEntries(700)
  let before: string | undefined
  for (const [i, size] of sizes.entries()) {
    const [note = ''] = (await writeSampleLog(directory, sizes.slice(0, i + 1), entries)).slice(-1)
    const hashes = tileHashes(directoryTiles(directory), size)
    const proofs: string[] = []
    for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
      const proof = await proveEntry(index, note, hashes)
      verifyProof(proof, leafHash(entries[index]!), [parseVkey(sampleVkey)])
      proofs.push(await writeTemporary(`${index}.tlog-proof`, formatProof(proof)))
    }
    const grown = before === undefined ? {} : await growthFiles(before, sizes[i - 1]!, note, hashes)
    const verdict = await verifier()({ directory, proofs, ...grown })
    assert.ok(verdict.accepted, `size ${size}: ${verdict.output}`)
    const { head } = verifyBySpec(directory, sampleVkey)
    assert.deepEqual(head.root, treeHash(entries.slice(0, size)))
    before = note
  }
})

async function growthFiles(
  before: string,
  oldSize: number,
  note: string,
  hashes: ReturnType<typeof tileHashes>,
) {
  return {
    outside: await writeTemporary('outside', before),
    growth: await writeTemporary('growth', await formatGrowth(oldSize, note, hashes)),
  }
}

interface Auditor {
  readonly name: string
  readonly skip: string | false
  /** Null for acceptance, else the reason. */
  readonly objection: (directory: string) => Promise<string | null>
}

const auditors: readonly Auditor[] = [
  {
    name: 'x/mod',
    skip,
    async objection(directory) {
      const { accepted, output } = await verifyWithGo(directory)
      return accepted ? null : output
    },
  },
  {
    name: 'the verifier written from the specifications',
    skip: false,
    objection(directory) {
      try {
        verifyBySpec(directory, sampleVkey)
        return Promise.resolve(null)
      } catch (thrown) {
        return Promise.resolve(messageOf(thrown))
      }
    },
  },
]

for (const { name, skip, objection } of auditors) {
  for (const size of [0, 65_535, 65_536, 65_537]) {
    test(`${name} accepts a log of ${size} entries`, { skip }, async () => {
      const directory = await newDirectory()
      await writeSampleLog(directory, [size], plainEntries(size))
      assert.equal(await objection(directory), null)
    })
  }

  test(`${name} rejects a flipped bit in any file`, { skip }, async () => {
    const directory = await newDirectory()
    await writeSampleLog(directory, [600], sampleEntries(600))
    for (const file of [
      'checkpoint',
      tilePath({ level: 'entries', index: 0, width: 256 }),
      tilePath({ level: 'entries', index: 2, width: 88 }),
      tilePath({ level: 0, index: 1, width: 256 }),
      tilePath({ level: 0, index: 2, width: 88 }),
      tilePath({ level: 1, index: 0, width: 2 }),
    ]) {
      const path = join(directory, file)
      const bytes = await readFile(path)
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        await writeFile(path, flipped(bytes, at))
        assert.notEqual(await objection(directory), null, `${file} byte ${at}`)
      }
      await writeFile(path, bytes)
    }
    assert.equal(await objection(directory), null)
  })
}

test(
  'x/mod rejects a flipped bit in a proof, in a proof of growth and in the outside checkpoint',
  { skip },
  async () => {
    const directory = await newDirectory()
    const [before = '', note = ''] = await writeSampleLog(directory, [300, 600], sampleEntries(600))
    const hashes = tileHashes(directoryTiles(directory), 600)
    const texts = {
      proof: formatProof(await proveEntry(123, note, hashes)),
      growth: await formatGrowth(300, note, hashes),
      outside: before,
    }
    const paths = {
      proof: await writeTemporary('proof', texts.proof),
      growth: await writeTemporary('growth', texts.growth),
      outside: await writeTemporary('outside', texts.outside),
    }
    const run = () =>
      verifier()({ directory, proofs: [paths.proof], growth: paths.growth, outside: paths.outside })
    assert.ok((await run()).accepted)
    for (const name of ['proof', 'growth', 'outside'] as const) {
      const bytes = Buffer.from(texts[name])
      for (let at = 3; at < bytes.length; at += 41) {
        await writeFile(paths[name], flipped(bytes, at))
        const { accepted, output } = await run()
        assert.equal(accepted, false, `${name} byte ${at}: ${output}`)
      }
      await writeFile(paths[name], bytes)
    }
  },
)

test('x/mod refuses a log that does not continue the outside checkpoint', { skip }, async () => {
  const [directory, other] = [await newDirectory(), await newDirectory()]
  await writeSampleLog(directory, [300], sampleEntries(300))
  const [forked = ''] = await writeSampleLog(other, [100], plainEntries(100))
  const outside = await writeTemporary('outside', forked)
  assert.equal((await verifier()({ directory, outside })).accepted, false)
})

test('whatever checkpoint is accepted here, x/mod accepts too', { skip }, async () => {
  const directory = await newDirectory()
  const [note = ''] = await writeSampleLog(directory, [0], [])
  const [body = '', signature = ''] = note.split('\n\n')
  const unknown = '— unknown.example AAAAAHNvbWV0aGluZw=='
  const signed = (text: string) => signNote(text, [{ name: sampleOrigin, signer: sampleSigner }])
  const notes: readonly [note: string, accepted: boolean][] = [
    [note, true],
    [`${note}${unknown}\n`, true],
    [`${body}\n\n${unknown}\n${signature}`, true],
    [`${note}${signature}`, true],
    [`${note}\n`, false],
    [note.slice(0, -1), false],
    [`\n${note}`, false],
    [note.replaceAll('\n', '\r\n'), false],
    [note.replace('=\n\n', '\n\n'), false],
    [note.replace(/=*\n$/, '\n'), false],
    [note.replace(/\n$/, '=\n'), false],
    [note.replace('— ', '-- '), false],
    [note.replace('— ', '—  '), false],
    [note.replace(`— ${sampleOrigin}`, `— ${sampleOrigin}+`), false],
    [await signed(`${body}\nextension\n`), false],
    [await signed(`${body}\n\n`), false],
    [await signed(`${body.replace('\n0\n', '\n00\n')}\n`), false],
    [await signed(`${body.replace('\n0\n', '\n-0\n')}\n`), false],
    [await signed(`${body.replace('\n0\n', '\n+0\n')}\n`), false],
    [await signed(`${body.replace('\n0\n', '\n 0\n')}\n`), false],
    [await signed(`${body.replace('\n0\n', '\n9007199254740993\n')}\n`), false],
    [await signed(`${body.replace('\n0\n', '\n18446744073709551616\n')}\n`), false],
    [await signed(`${body.replace(sampleOrigin, 'other.example')}\n`), false],
  ]
  for (const [changed, accepted] of notes) {
    await writeFile(join(directory, 'checkpoint'), changed)
    const ours = await verifyLedger({ directory, verifiers: [sampleVkey] }).then(
      () => true,
      () => false,
    )
    assert.equal(ours, accepted, JSON.stringify(changed))
    assert.equal((await verifyWithGo(directory)).accepted, accepted, JSON.stringify(changed))
  }
})

/** One bit changed, and a different one at each place. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 1 << (at % 8)
  return copy
}
