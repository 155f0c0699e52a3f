import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createControl, listenOnSocket } from '../api/index.ts'
import { systemClock } from '../base/index.ts'
import { issueExclusion } from '../certificate/index.ts'
import { agencyKey, certificateEntry, minute, sampleLogs, writeEvidence } from '../certificate/sample-logs.ts'
import { certify } from './certify.ts'
import { verify } from './verify.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-certify-'))
const directory = join(home, 'evidence')
const socket = join(home, 'control.sock')
const { agency } = await sampleLogs([{ at: 12, outcome: 'completed', served: 'answered' }])

const unused = () => Promise.reject(new Error('certificates need nothing else of the recorder'))
const app = createControl({
  recorder: {
    ...{ standing: unused, holds: unused, sealed: unused },
    ...{ decideHold: unused, note: unused, activate: unused, reserve: unused },
    release: () => undefined,
  },
  activation: { examine: unused, examineReading: unused, accept: () => undefined },
  clock: systemClock,
  checkpoint: unused,
  fault: (error) => assert.fail(String(error)),
  certify: (period) =>
    issueExclusion(period, {
      directory,
      vkey: agencyKey.vkey,
      signer: agencyKey.signer,
      clock: { now: () => minute(30) },
      async note({ supplier, from, to }) {
        const seq = agency.add(30, { ...certificateEntry(supplier, 0, 0), from, to } as Parameters<
          typeof agency.add
        >[1])
        await writeEvidence(directory, agencyKey, agency.entries())
        return { seq }
      },
    }),
})
await listenOnSocket(app, socket)
after(async () => {
  await app.close()
  await rm(home, { recursive: true })
})

async function run(command: typeof certify, ...args: readonly string[]) {
  let [out, err] = ['', '']
  const code = await command(args, { out: (text) => void (out += text), err: (text) => void (err += text) })
  return { code, out, err }
}

const at = (count: number) => new Date(minute(count)).toISOString()
const asked = (supplier: string) => {
  return ['exclusion', '--supplier', supplier, '--from', at(10), '--to', at(20), '--socket', socket]
}

test('certify writes a certificate that verify recomputes', async () => {
  const file = join(home, 'certificate.json')
  const { code, out, err } = await run(certify, ...asked('nimbus'), '--out', file)
  assert.equal(code, 0, err)
  assert.match(out, /^no call to `nimbus` from 2026-01-05T08:10:00\.000Z to/)
  assert.match(out, /^ {2}but: no entry names `nimbus` as a provider: look whether the code is right$/m)
  assert.match(out, /^ {2}limit: It records staff\.$/m)
  assert.equal((await run(verify, directory, '--certificate', file)).code, 0)
  const printed = await run(certify, ...asked('nimbus'))
  assert.equal(printed.code, 0)
  assert.deepEqual(Object.keys(JSON.parse(printed.out) as object), ['payloadType', 'payload', 'signatures'])
  const json = JSON.parse((await run(certify, ...asked('nimbus'), '--json')).out) as {
    ok: boolean
    statement: object
  }
  assert.equal(json.ok, true)
  assert.match(await readFile(file, 'utf8'), /vnd\.servanda\.certificate\+json/)
})

test('certify exits with 1 where a call to the supplier stands in the period, and names its entry', async () => {
  const { code, out, err } = await run(certify, ...asked('cumulus'))
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^servanda: CERTIFICATE_IMPOSSIBLE: entry 2 is a call to `cumulus`/)
  assert.equal(err.match(/CERTIFICATE_IMPOSSIBLE/g)?.length, 1)
  const json = await run(certify, ...asked('cumulus'), '--json')
  const { ok, finding } = JSON.parse(json.out) as { ok: boolean; finding: { code: string; message: string } }
  assert.deepEqual([json.code, ok, finding.code], [1, false, 'CERTIFICATE_IMPOSSIBLE'])
  assert.match(finding.message, /^entry 2 is a call/)
})

test('certify exits with 1 where the gate refuses the period or the supplier', async () => {
  for (const [args, reason] of [
    [asked('nimbus').map((word) => (word === at(20) ? at(31) : word)), /CERTIFICATE_PERIOD/],
    [asked('nimbus').map((word) => (word === at(20) ? at(10) : word)), /CERTIFICATE_PERIOD/],
    [asked('Not A Code'), /CONTROL_REQUEST/],
  ] as const) {
    const { code, out, err } = await run(certify, ...args)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, reason)
    const json = await run(certify, ...args, '--json')
    const { ok, error } = JSON.parse(json.out) as { ok: boolean; error: { code: string } }
    assert.deepEqual([json.code, ok], [1, false])
    assert.match(error.code, reason)
  }
})

test('certify exits with 2 for wrong usage, and where no gate runs', async () => {
  const table: readonly (readonly string[])[] = [
    ['inclusion', ...asked('nimbus').slice(1)],
    ['exclusion'],
    asked('nimbus').slice(0, 3),
    asked('nimbus').map((word) => (word === at(10) ? 'yesterday' : word)),
    asked('nimbus').map((word) => (word === socket ? join(home, 'none.sock') : word)),
  ]
  for (const args of table) {
    const { code, out } = await run(certify, ...args)
    assert.deepEqual([code, out], [2, ''], args.join(' '))
  }
})
