/** A script of eighty lines, written from docs/evidence.md, tells true certificates from false ones as the product does. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { certificateLimits, exclusionPredicate } from '../../src/certificate/index.ts'
import { certificateFile, certifiedLog, forgeries } from '../../src/certificate/sample-certificates.ts'
import { agencyKey, certificateEntry, gateKey, intent, minute } from '../../src/certificate/sample-logs.ts'
import { openSampleLog, outcome, sampleLogs, writeEvidence } from '../../src/certificate/sample-logs.ts'
import type { SampleLog } from '../../src/certificate/sample-logs.ts'
import { exclusionStatement } from '../../src/certificate/index.ts'
import { digestOf } from '../../src/base/index.ts'
import { formatLeaf } from '../../src/ledger/index.ts'
import type { Leaf } from '../../src/ledger/index.ts'

const script = join(import.meta.dirname, 'verify-exclusion.mjs')
const home = await mkdtemp(join(tmpdir(), 'servanda-exclusion-'))
after(() => rm(home, { recursive: true }))
let directories = 0

async function verdict(log: SampleLog, certificate: string, key = agencyKey) {
  const directory = join(home, String(directories++))
  await writeEvidence(directory, key, log.entries())
  const file = join(directory, 'certificate.json')
  await writeFile(file, certificate)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, file, directory, join(directory, 'log.vkey')],
    { encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

function stated(log: SampleLog, supplier: string, [from, to]: readonly [number, number]) {
  const entry = log.add(9_000, certificateEntry(supplier, from, to))
  const entries = log.leaves.map((leaf) => [leaf, formatLeaf(leaf)] as const)
  return exclusionStatement(entries, { entry, supplier, from: minute(from), to: minute(to) })
}

test('the script has at most eighty lines and uses Node alone', async () => {
  const lines = (await readFile(script, 'utf8')).trimEnd().split('\n')
  assert.ok(lines.length <= 80, `${lines.length} lines`)
  const imports = lines.flatMap((line) => /^import .* from '(.*)'$/.exec(line)?.[1] ?? [])
  assert.deepEqual(imports, ['node:crypto', 'node:fs'])
})

test('the script accepts a true certificate', async () => {
  const { log, statement } = certifiedLog()
  const { status, stdout, stderr } = await verdict(log, await certificateFile(statement))
  assert.equal(status, 0, stdout + stderr)
  assert.match(
    stdout,
    /^accepted: no call to nimbus from 2026-01-05T08:10:00\.000Z to 2026-01-05T08:20:00\.000Z/,
  )
})

test('the script accepts certificates over logs of every shape', async () => {
  const long = openSampleLog()
  long.add(0, { kind: 'opened', origin: agencyKey.origin })
  for (let i = 1; long.leaves.length < 800; i++) {
    const of = long.add(i, intent(`ex_${i}`, i % 3 === 0 ? 'cirrus' : 'cumulus'))
    if (i % 7 > 0) long.add(i, outcome(`ex_${i}`, of))
    if (i % 5 === 0) long.add(i, { kind: 'gap', refusals: i })
    if (i % 7 === 0) long.add(i, { kind: 'outcome', exchange: `ex_${i}`, intent: of, status: 'interrupted' })
  }
  const certified = await certificateFile(stated(long, 'nimbus', [100, 300]))
  long.add(9_001, { kind: 'gap', refusals: 1 })
  const { gate } = await sampleLogs([
    { at: 1, outcome: 'completed', served: null },
    { at: 12, outcome: 'completed', served: 'answered' },
  ])
  gate.add(13, { kind: 'turned-away', reason: 'missing', count: 7, intents: [] })
  const early = openSampleLog()
  early.add(50, { kind: 'opened', origin: agencyKey.origin })
  for (const [log, certificate, key] of [
    [long, certified, agencyKey],
    [gate, await certificateFile(stated(gate, 'nimbus', [10, 20]), gateKey.signer), gateKey],
    [early, await certificateFile(stated(early, 'nimbus', [10, 60])), agencyKey],
  ] as const) {
    const { status, stdout, stderr } = await verdict(log, certificate, key)
    assert.equal(status, 0, stdout + stderr)
  }
})

const reasons: Readonly<Record<string, RegExp>> = {
  CERTIFICATE_SIGNATURE: /the signature/,
  CERTIFICATE_NOT_COVERED: /the evidence ends before/,
  CERTIFICATE_IMPOSSIBLE: /entry 8 is a call to nimbus/,
}

for (const { claim, log, certificate, code, member } of await forgeries()) {
  test(`the script rejects ${claim}`, async () => {
    const { status, stdout, stderr } = await verdict(log, certificate)
    assert.equal(status, 1, stdout + stderr)
    assert.match(stdout, /^rejected: /)
    const named = member?.split('.')[0]
    if (named === undefined) assert.match(stdout, reasons[code]!)
    else assert.ok(stdout.includes(named), `${stdout} does not name ${named}`)
  })
}

test('the script rejects a certificate when an entry was altered or exchanged under it', async () => {
  const { log, statement } = certifiedLog()
  const certificate = await certificateFile(statement)
  const altered = log.leaves.map((leaf): Leaf =>
    leaf.kind === 'intent' ? { ...leaf, exchange: 'ex' } : leaf,
  )
  const { status, stdout } = await verdict(openSampleLog(altered), certificate)
  assert.equal(status, 1)
  assert.match(stdout, /^rejected: root is false/)
})

test('the documents hold predicate and limits word for word, and the script their digests', async () => {
  const document = await readFile(join(import.meta.dirname, '../../docs/evidence.md'), 'utf8')
  const text = await readFile(script, 'utf8')
  assert.ok(document.includes(`\`\`\`\n${exclusionPredicate.text}\`\`\`\n`), 'the predicate')
  assert.ok(document.includes(exclusionPredicate.hash), 'the digest of the predicate')
  assert.ok(text.includes(exclusionPredicate.hash))
  const limits = await readFile(join(import.meta.dirname, '../../docs/limits.md'), 'utf8')
  for (const limit of certificateLimits) {
    assert.ok(document.includes(`- ${limit}\n`), limit)
    assert.ok(limits.includes(`- ${limit}\n`), limit)
  }
  assert.ok(text.includes(digestOf(JSON.stringify(certificateLimits)).slice('sha256:'.length)))
})
