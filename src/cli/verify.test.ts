import assert from 'node:assert/strict'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sampleEntries, sampleRecord, sampleVkey, writeSampleLog } from '../ledger/sample-log.ts'
import { noChanges } from '../recorder/index.ts'
import { openSqliteRecorderStore } from '../store/index.ts'
import { verify } from './verify.ts'

const directory = await mkdtemp(join(tmpdir(), 'servanda-cli-verify-'))
const [earlier = ''] = await writeSampleLog(directory, [30, 300], sampleEntries(300))
const outsideFile = join(directory, 'earlier')
await writeFile(outsideFile, earlier)

/** A recorder's database with the sealed records of the sample log. */
async function writeRecords(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'servanda-cli-records-')), 'recorder.sqlite')
  await using store = await openSqliteRecorderStore(path)
  const entries = sampleEntries(300).map((leaf, seq) => ({ seq, time: seq, leaf, sealed: sampleRecord(seq) }))
  await store.commit({ ...noChanges, entries })
  return path
}

async function run(args: readonly string[]) {
  let [out, err] = ['', '']
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text) }
  const code = await verify(args, { out: (text) => void io.out(text), err: (text) => void io.err(text) })
  return { code, out, err }
}

test('verify prints every check and what it does not prove', async () => {
  const { code, out, err } = await run([directory])
  assert.equal(code, 0)
  assert.equal(err, '')
  assert.match(out, /^ok {7}the checkpoint is signed by the key of the log/m)
  assert.match(out, /^ok {7}every exchange has one intent at most/m)
  assert.match(out, /^not done the log continues the checkpoint that was kept outside/m)
  assert.match(out, /proves nothing against an operator/)
  assert.match(out, /the key was read from the evidence itself/)
  assert.match(out, /their digests are not checked/)
  assert.match(out, /^demonstration: an entry says /m)
  assert.match(out, /^not done the agreements in force are signed by their parties/m)
  assert.match(out, /^note: signatures were not checked, .*`department` version 2 \(entry 34, sha256:/m)
  assert.match(out, /^note: one party runs this gate/m)
  assert.match(out, /^rehearsal: a script and no model answered in 37 of 74 outcomes$/m)
})

test('verify with key, outside checkpoint and records says so', async () => {
  const given = ['--vkey', sampleVkey, '--outside', outsideFile, '--records', await writeRecords()]
  const { code, out } = await run([directory, ...given])
  assert.equal(code, 0)
  assert.match(out, /^ok {7}the log continues the checkpoint that was kept outside \(from size 30\)/m)
  assert.match(out, /^ok {7}every sealed record at hand/m)
  assert.match(out, /^not done the agreements in force are signed by their parties\n\n/m)
  assert.doesNotMatch(out, /proves nothing|was read from the evidence/)
})

test('verify --json is one object', async () => {
  const { code, out } = await run([directory, '--json'])
  const result = JSON.parse(out) as { ok: boolean; size: number; outsideChecked: boolean; notes: string[] }
  assert.deepEqual([code, result.ok, result.size, result.outsideChecked], [0, true, 300, false])
  assert.match(result.notes.join(' '), /one party runs this gate.*proves nothing against an operator/)
})

test('verify exits with 1 for a finding and names it', async () => {
  const path = join(directory, 'tile/0/001.p/44')
  const bytes = await readFile(path)
  await writeFile(path, Buffer.alloc(bytes.length))
  const [plain, json] = [await run([directory]), await run([directory, '--json'])]
  await writeFile(path, bytes)
  assert.deepEqual([plain.code, json.code], [1, 1])
  assert.match(plain.out, /^FAILED {3}every stored tile .*tile\/0\/001\.p\/44.*LEDGER_TILE_FALSE/m)
  assert.match(plain.out, /^not done the entries give the signed root/m)
  const { finding, ok } = JSON.parse(json.out) as { finding: { code: string }; ok: boolean }
  assert.deepEqual([finding.code, ok], ['LEDGER_TILE_FALSE', false])
})

test('verify exits with 2 for wrong usage and for what it cannot read', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'servanda-cli-verify-'))
  const cases = [
    [empty],
    [directory, 'another'],
    [directory, '--unknown'],
    [directory, '--vkey', 'no such file'],
    [directory, '--vkey', 'a+b+c'],
    [directory, '--outside', 'no such file'],
    [empty, '--vkey', sampleVkey],
    [directory, '--records', 'no such file'],
    [directory, '--agreements', 'no such file'],
    [join(empty, 'no such directory')],
  ]
  for (const args of cases) assert.equal((await run(args)).code, 2, args.join(' '))
  assert.match((await run(['--unknown'])).err, /^usage: servanda verify/m)
  assert.match((await run([empty, '--vkey', sampleVkey])).err, /LEDGER_UNREADABLE/)
})
