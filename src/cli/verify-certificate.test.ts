import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { certificateFile, certifiedLog, forgeries } from '../certificate/sample-certificates.ts'
import { agencyKey, gateKey, sampleLogs, writeEvidence } from '../certificate/sample-logs.ts'
import { verify } from './verify.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-verify-certificate-'))
after(() => rm(home, { recursive: true }))
let files = 0

async function written(certificate: string): Promise<string> {
  const path = join(home, `${files++}.json`)
  await writeFile(path, certificate)
  return path
}

async function evidenceOf(entries: readonly Uint8Array[], key = agencyKey): Promise<string> {
  const directory = join(home, `evidence-${files++}`)
  await writeEvidence(directory, key, entries)
  return directory
}

async function run(directory: string, certificates: readonly string[], ...args: readonly string[]) {
  let [out, err] = ['', '']
  const given = certificates.flatMap((path) => ['--certificate', path])
  const code = await verify([directory, ...given, ...args], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  })
  return { code, out, err }
}

const { log, statement } = certifiedLog()

test('verify recomputes a certificate from the entries, and says what it does not show', async () => {
  const directory = await evidenceOf(log.entries())
  const path = await written(await certificateFile(statement))
  const { code, out } = await run(directory, [path, path])
  assert.equal(code, 0, out)
  assert.match(out, /^ok {7}the certificate says what the entries give \(.*\.json\)$/m)
  assert.match(out, /^no call to `nimbus` from 2026-01-05T08:10:00\.000Z to 2026-01-05T08:20:00\.000Z/m)
  assert.match(out, /^ {2}2 calls: 2 to `cumulus`; 2 refused to `nimbus`$/m)
  assert.match(out, /^ {2}limit: A breach that does not say so may pass\.$/m)
  const json = await run(directory, [path], '--json')
  const { ok, certificates } = JSON.parse(json.out) as { ok: boolean; certificates: { statement: object }[] }
  assert.equal(ok, true)
  assert.deepEqual(certificates[0]?.statement, JSON.parse(JSON.stringify(statement)))
})

test('verify recomputes a certificate from a log that has grown since', async () => {
  const grown = certifiedLog().log
  grown.add(40, { kind: 'gap', refusals: 1 })
  const path = await written(await certificateFile(statement))
  assert.equal((await run(await evidenceOf(grown.entries()), [path])).code, 0)
})

for (const { claim, log: shown, certificate, code, member, ledger } of await forgeries()) {
  test(`verify finds ${claim}`, async () => {
    const directory = await evidenceOf(shown.entries())
    const result = await run(directory, [await written(certificate)], '--json')
    assert.equal(result.code, 1, result.out + result.err)
    const { finding } = JSON.parse(result.out) as { finding: { code: string; member?: string } }
    assert.deepEqual([finding.code, finding.member], [ledger ?? code, member])
  })
}

test('verify does not look at a certificate of a log that does not pass its audit', async () => {
  const directory = await evidenceOf(log.entries())
  const path = await written(await certificateFile(statement))
  await writeFile(join(directory, `tile/0/000.p/${log.leaves.length}`), Buffer.alloc(32 * log.leaves.length))
  const { code, out } = await run(directory, [path])
  assert.equal(code, 1)
  assert.match(out, /^FAILED {3}every stored tile/m)
  assert.match(out, /^not done the certificate says what the entries give \(.*\.json\)$/m)
})

test('verify exits with 2 for a file that holds no certificate', async () => {
  const directory = await evidenceOf(log.entries())
  for (const path of [await written('{}'), join(home, 'no such file')]) {
    const { code, err } = await run(directory, [path])
    assert.equal(code, 2)
    assert.match(err, /CERTIFICATE_MALFORMED|CLI_FILE/)
  }
})

test("verify counts what a provider's gate served and turned away", async () => {
  const { gate } = await sampleLogs([
    { at: 10, outcome: 'completed', served: 'answered' },
    { at: 11, outcome: 'failed', served: 'failed' },
  ])
  gate.add(12, { kind: 'turned-away', reason: 'missing', count: 3, intents: [] })
  gate.add(13, { kind: 'turned-away', reason: 'missing', count: 2, intents: [] })
  const { code, out } = await run(await evidenceOf(gate.entries(), gateKey), [])
  assert.equal(code, 0, out)
  assert.match(out, /^this is the log of a provider's gate/m)
  assert.match(out, /^served, by their end: 1 answered, 1 failed$/m)
  assert.match(out, /^turned away: 5 missing$/m)
})
