/** The commands that docs/evidence.md gives to strangers work on evidence as we write it, and fail on a changed one. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatReceipt, leafHash, signReceipt } from '../../src/ledger/index.ts'
import { sampleEntries, sampleOrigin, sampleSigner, writeSampleLog } from '../../src/ledger/sample-log.ts'

const document = await readFile(join(import.meta.dirname, '../../docs/evidence.md'), 'utf8')
const blocks = [...document.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
const entries = sampleEntries(300)

const openssl = run('openssl version', tmpdir(), '').status === 0
const skip = openssl ? false : 'openssl is not installed: the commands of docs/evidence.md are NOT CHECKED'
if (skip) process.stderr.write(`${skip}\n`)

async function newEvidence() {
  const home = await mkdtemp(join(tmpdir(), 'servanda-docs-'))
  const evidence = join(home, 'evidence')
  await mkdir(evidence)
  await writeSampleLog(evidence, [300], entries)
  const hash = leafHash(entries[0]!)
  const signed = await signReceipt({ origin: sampleOrigin, index: 0, leafHash: hash, time: 1 }, sampleSigner)
  return { home, receipt: formatReceipt(signed) }
}

function run(block: string, home: string, receipt: string) {
  const env = { ...process.env, receipt }
  return spawnSync('bash', ['-euo', 'pipefail', '-c', block], { cwd: home, env, encoding: 'utf8' })
}

test('every command of docs/evidence.md accepts what we write', { skip }, async () => {
  const { home, receipt } = await newEvidence()
  assert.equal(blocks.length, 3)
  for (const block of blocks) {
    const { status, stderr } = run(block, home, receipt)
    assert.equal(status, 0, `${block}\n${stderr}`)
  }
})

test('every command of docs/evidence.md fails on what was changed', { skip }, async () => {
  const { home, receipt } = await newEvidence()
  const note = await readFile(join(home, 'evidence/checkpoint'), 'utf8')
  await writeFile(join(home, 'evidence/checkpoint'), note.replace('\n300\n', '\n301\n'))
  const tile = join(home, 'evidence/tile/0/000')
  await writeFile(tile, (await readFile(tile)).fill(0, 5, 6))
  const changed = receipt.replace('.', 'A.')
  for (const block of blocks) assert.notEqual(run(block, home, changed).status, 0, block)
})
