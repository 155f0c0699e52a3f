import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isErrorCode } from '../base/index.ts'
import { parseCertificate, verifyCertificateSignature } from './certificate.ts'
import { issueExclusion } from './issue.ts'
import type { Issuer } from './issue.ts'
import { agencyKey, certificateEntry, minute, sampleLogs, writeEvidence } from './sample-logs.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-issue-'))
after(() => rm(home, { recursive: true }))

const period = { supplier: 'nimbus', from: minute(10), to: minute(20) }
let directories = 0

/** A log that publishes the entry as soon as it is written, unless it is to stay silent. */
async function issuer({ silent = false } = {}): Promise<Issuer> {
  const directory = join(home, String(directories++))
  const { agency } = await sampleLogs([{ at: 12, outcome: 'completed', served: 'answered' }])
  await writeEvidence(directory, agencyKey, agency.entries())
  return {
    directory,
    vkey: agencyKey.vkey,
    signer: agencyKey.signer,
    clock: { now: () => minute(30) },
    patienceMs: 100,
    async note({ supplier }) {
      const seq = agency.add(30, certificateEntry(supplier, 10, 20))
      agency.add(31, { kind: 'gap', refusals: 1 })
      if (!silent) await writeEvidence(directory, agencyKey, agency.entries())
      return { seq }
    },
  }
}

test('issueExclusion signs with the key of the log what the published entries give', async () => {
  const certificate = parseCertificate(JSON.stringify(await issueExclusion(period, await issuer())))
  verifyCertificateSignature(certificate, [agencyKey.verifier])
  assert.deepEqual(certificate.query, { ...period, entry: 4 })
  assert.equal(certificate.claimed['size'], 5)
})

test('issueExclusion refuses where a call to the supplier stands in the period', async () => {
  const asked = issueExclusion({ ...period, supplier: 'cumulus' }, await issuer())
  await assert.rejects(asked, (error) => isErrorCode(error, 'CERTIFICATE_IMPOSSIBLE'))
})

test('issueExclusion writes nothing for a period that has not ended', async () => {
  const given = await issuer()
  const asked = issueExclusion(period, {
    ...given,
    clock: { now: () => minute(19) },
    note: () => Promise.reject(new Error('nothing is to be written')),
  })
  await assert.rejects(asked, (error) => isErrorCode(error, 'CERTIFICATE_PERIOD'))
})

test('issueExclusion signs nothing that no checkpoint covers', async () => {
  const asked = issueExclusion(period, await issuer({ silent: true }))
  await assert.rejects(asked, (error) => isErrorCode(error, 'CERTIFICATE_NOT_COVERED'))
})

test('issueExclusion signs nothing over files that do not pass the audit', async () => {
  const given = await issuer()
  const asked = issueExclusion(period, {
    ...given,
    async note(leaf) {
      const noted = await given.note(leaf)
      const path = join(given.directory, 'tile/entries/000.p/6')
      const text = await readFile(path, 'latin1')
      await writeFile(path, text.replace('cumulus', 'Cumulus'), 'latin1')
      return noted
    },
  })
  await assert.rejects(asked, (error) => isErrorCode(error, 'LEDGER_TILE_FALSE'))
})
