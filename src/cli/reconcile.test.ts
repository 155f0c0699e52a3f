import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  agencyKey,
  gateKey,
  intent,
  openSampleLog,
  outcome,
  sampleLogs,
  writeEvidence,
} from '../certificate/sample-logs.ts'
import type { SampleCall, SampleKey, SampleLog } from '../certificate/sample-logs.ts'
import { formatVkey } from '../ledger/index.ts'
import { reconcile } from './reconcile.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-reconcile-'))
after(() => rm(home, { recursive: true }))
let directories = 0

const good: SampleCall = { at: 10, outcome: 'completed', served: 'answered' }
const last: SampleCall = { ...good, at: 60 }

async function evidenceOf(log: SampleLog, key: SampleKey): Promise<string> {
  const directory = join(home, String(directories++))
  await writeEvidence(directory, key, log.entries())
  return directory
}

async function run(...args: readonly string[]) {
  let [out, err] = ['', '']
  const code = await reconcile(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  })
  return { code, out, err }
}

async function compare(agency: SampleLog, gate: SampleLog, ...args: readonly string[]) {
  return run(await evidenceOf(agency, agencyKey), await evidenceOf(gate, gateKey), ...args)
}

test('reconcile audits both logs and says that they agree, and what that does not show', async () => {
  const { agency, gate } = await sampleLogs([
    good,
    { ...good, at: 11, outcome: 'failed', served: 'failed' },
    last,
  ])
  const { code, out, err } = await compare(agency, gate)
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /^ok {7}the agency's log passes its audit: agency\.example\/ledger, 8 entries$/m)
  assert.match(out, /^ok {7}the gate's log passes its audit: provider\.example\/ledger, 8 entries$/m)
  assert.match(out, /^ok {7}3 calls stand in both and agree$/m)
  assert.match(out, /^note: a key was read from the evidence itself/m)
  assert.doesNotMatch(out, /FOUND|one key/)
})

test('reconcile names the calls of an hour that was cut off, with index, exchange and time', async () => {
  const { agency, gate } = await sampleLogs([good, { ...good, at: 20 }, last])
  const { code, out } = await compare(openSampleLog(agency.leaves.slice(0, 4)), gate)
  assert.equal(code, 1)
  const lines = out.split('\n').filter((line) => line.startsWith('FOUND'))
  assert.equal(lines.length, 2)
  assert.match(
    lines[0]!,
    /the agency's entry 4, the gate's entry 4, ex_1, 2026-01-05T08:20:00\.000Z: .* \(not-shown\)$/,
  )
})

test('reconcile --json is one object with every difference', async () => {
  const { agency, gate } = await sampleLogs([good, { ...good, served: false }, last])
  const { code, out } = await compare(agency, gate, '--json')
  assert.equal(code, 1)
  const { ok, matched, differences } = JSON.parse(out) as {
    ok: boolean
    matched: number
    differences: { kind: string; entry: number; served: number | null }[]
  }
  assert.deepEqual([ok, matched], [false, 2])
  assert.deepEqual(
    differences.map(({ kind, entry, served }) => [kind, entry, served]),
    [['answered-elsewhere', 4, null]],
  )
})

test('reconcile leaves young calls to newer evidence, unless it is told when the evidence was taken', async () => {
  const { agency, gate } = await sampleLogs([good, { ...good, at: 20, served: false }])
  const young = await compare(agency, gate)
  assert.equal(young.code, 0)
  assert.match(young.out, /^newer than the gate's evidence: the agency's entry 4, ex_1/m)
  assert.match(young.out, /^note: 1 calls, 1 of them answered, are too young/m)
  const told = await compare(agency, gate, '--gate-taken', '2026-01-05T09:00:00Z')
  assert.equal(told.code, 1)
  assert.match(told.out, /\(answered-elsewhere\)$/m)
})

test('reconcile lists what did not reach the gate, and ends that differ', async () => {
  const { agency, gate } = await sampleLogs([
    { ...good, outcome: 'failed', served: false },
    { ...good, served: 'interrupted' },
    last,
  ])
  const { code, out } = await compare(agency, gate)
  assert.equal(code, 0)
  assert.match(out, /^not served: the agency's entry 2, ex_0, .*, failed by the agency's account$/m)
  assert.match(
    out,
    /^ends differ: entry 4 is `completed` for the agency, entry 2 is `interrupted` for the gate$/m,
  )
})

test('reconcile --provider counts the calls of other gates, and accuses nobody of them', async () => {
  const { agency, gate } = await sampleLogs([{ ...good, outcome: 'client-gone' }, last])
  agency.add(60, outcome('ex_n', agency.add(60, intent('ex_n', 'nimbus'))))
  const taken = ['--gate-taken', '2026-01-05T10:00:00Z']
  const strict = await compare(agency, gate, ...taken)
  assert.equal(strict.code, 1)
  assert.match(strict.out, /by `nimbus`, .*--provider \(answered-elsewhere\)$/m)
  const { code, out } = await compare(agency, gate, ...taken, '--provider', 'cumulus')
  assert.equal(code, 0, out)
  assert.match(out, /^note: calls to providers that are behind other gates, .*: 1 to `nimbus`\./m)
  assert.match(out, /^ends differ: entry 2 is `client-gone` for the agency, entry 2 is `answered`/m)
  assert.match(out, /^note: 1 calls the gate answered in full/m)
})

test('reconcile says where one key signs both logs', async () => {
  const { agency, gate } = await sampleLogs([good])
  const same = { ...agencyKey, origin: gateKey.origin }
  const directory = await evidenceOf(gate, same)
  await writeFile(join(directory, 'log.vkey'), `${formatVkey(gateKey.origin, agencyKey.signer.publicKey)}\n`)
  const { code, out } = await run(await evidenceOf(agency, agencyKey), directory)
  assert.equal(code, 0, out)
  assert.match(out, /^note: both logs are signed by one key/m)
})

test('reconcile finds a log that does not pass its own audit, and says which', async () => {
  const { agency, gate } = await sampleLogs([good])
  const directory = await evidenceOf(gate, gateKey)
  await writeFile(join(directory, 'tile/0/000.p/4'), Buffer.alloc(128))
  const { code, out } = await run(await evidenceOf(agency, agencyKey), directory)
  assert.equal(code, 1)
  assert.match(out, /^FAILED {3}the gate's log does not pass its own audit: .*LEDGER_TILE_FALSE/)
})

test('reconcile exits with 2 for wrong usage, and where the two are given the wrong way round', async () => {
  const { agency, gate } = await sampleLogs([good])
  const [ofAgency, ofGate] = [await evidenceOf(agency, agencyKey), await evidenceOf(gate, gateKey)]
  for (const args of [
    [ofAgency],
    [ofAgency, join(home, 'no such directory')],
    [ofGate, ofAgency],
    [ofAgency, ofAgency],
    [ofAgency, ofGate, '--gate-taken', 'yesterday'],
    [ofAgency, ofGate, '--gate-taken', '2026-13-01'],
    [ofAgency, ofGate, '--agency-vkey', 'no such file'],
  ]) {
    assert.equal((await run(...args)).code, 2, args.join(' '))
  }
  assert.match(
    (await run(ofGate, ofAgency)).err,
    /is given as the gate's log, and is that of an agency's gate/,
  )
})
