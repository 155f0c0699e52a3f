import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  canonicalJson,
  isErrorCode,
  newPrivateKey,
  signEnvelope,
  signerFromKey,
  utf8,
} from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { formatLeaf, formatVkey, parseVkey } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import { parseCertificate, signCertificate } from './certificate.ts'
import { verifyCertificateSignature, verifyCertificateStatement } from './certificate.ts'
import { exclusionStatement } from './exclusion.ts'
import { agencyKey, certificateEntry, gateKey, minute, sampleLogs } from './sample-logs.ts'

const payloadType = 'application/vnd.servanda.certificate+json'
const { agency } = await sampleLogs([{ at: 12, outcome: 'completed', served: 'answered' }])
const entry = agency.add(30, certificateEntry('nimbus', 10, 20))
const statement = exclusionStatement(
  agency.leaves.map((leaf) => [leaf, formatLeaf(leaf)] as const),
  { entry, supplier: 'nimbus', from: minute(10), to: minute(20) },
)
const file = JSON.stringify(await signCertificate(statement, agencyKey.signer))

/** A statement that the log's key signed, whatever it says. */
async function signed(
  payload: string,
  signer: Signer = agencyKey.signer,
  type = payloadType,
): Promise<string> {
  return JSON.stringify(await signEnvelope(type, utf8(payload), [signer]))
}

const changed = (change: object): string => canonicalJson({ ...statement, ...change } as unknown as Json)

function check(text: string, verifiers = [agencyKey.verifier]): void {
  const certificate = parseCertificate(text)
  verifyCertificateSignature(certificate, verifiers)
  verifyCertificateStatement(certificate, statement)
}

test('a certificate is read back with all that it is recomputed from', () => {
  check(file)
  const { origin, query } = parseCertificate(file)
  assert.equal(origin, agencyKey.origin)
  assert.deepEqual(query, { entry, supplier: 'nimbus', from: minute(10), to: minute(20) })
})

test('verifyCertificateStatement names the first member that the entries do not give', async () => {
  const { counts, range, predicate, limits } = statement
  const table: readonly [change: object, member: string][] = [
    [{ counts: { ...counts, calls: 0 } }, 'counts.calls'],
    [{ counts: { ...counts, toSupplier: 1 } }, 'counts.toSupplier'],
    [{ range: { ...range, end: range.end + 1 } }, 'range.end'],
    [{ range: { ...range, before: null } }, 'range.before'],
    [{ root: Buffer.alloc(32).toString('base64') }, 'root'],
    [{ size: statement.size + 1 }, 'size'],
    [{ predicate: { ...predicate, hash: 'sha256:0' } }, 'predicate.hash'],
    [{ limits: limits.slice(1) }, 'limits'],
    [{ oneParty: false }, 'oneParty'],
    [{ accredited: true }, 'accredited'],
    [{ callsByProvider: { cumulus: 1, 'a.b': 0 } }, 'callsByProvider.a.b'],
  ]
  for (const [change, member] of table) {
    const text = await signed(changed(change))
    assert.throws(
      () => check(text),
      (error) =>
        error instanceof CertificateError && error.code === 'CERTIFICATE_FALSE' && error.member === member,
      member,
    )
  }
  const spaced = await signed(JSON.stringify(statement))
  assert.throws(() => check(spaced), /not canonical JSON/)
})

test('verifyCertificateSignature counts the key of the named log alone', async () => {
  const other = signerFromKey(newPrivateKey())
  const another = parseVkey(formatVkey(agencyKey.origin, other.publicKey))
  for (const [text, verifiers] of [
    [file, []],
    [file, [gateKey.verifier]],
    [file, [another]],
    [await signed(changed({}), other), [agencyKey.verifier]],
    [await signed(changed({}), gateKey.signer), [agencyKey.verifier, gateKey.verifier]],
    [await signed(changed({ origin: gateKey.origin })), [agencyKey.verifier, gateKey.verifier]],
  ] as const) {
    assert.throws(
      () => verifyCertificateSignature(parseCertificate(text), verifiers),
      (error) => isErrorCode(error, 'CERTIFICATE_SIGNATURE'),
    )
  }
})

test('parseCertificate refuses every other form', async () => {
  const texts = [
    '',
    '[]',
    '{}',
    file.replace('"payload":', '"payload":"","payload":'),
    await signed(changed({}), agencyKey.signer, 'application/vnd.servanda.order+json'),
    await signed('not JSON'),
    await signed('[]'),
    await signed(changed({ v: 2 })),
    await signed(changed({ certificate: 'transparency' })),
    await signed(changed({ origin: 1 })),
    await signed(changed({ supplier: '' })),
    await signed(changed({ entry: -1 })),
    await signed(changed({ entry: 1.5 })),
    await signed(changed({ from: '2026-01-05' })),
    await signed(changed({ to: '2026-02-30T00:00:00.000Z' })),
    await signed(changed({ to: null })),
  ]
  for (const text of texts) {
    assert.throws(
      () => parseCertificate(text),
      (error) => isErrorCode(error, 'CERTIFICATE_MALFORMED'),
      text,
    )
  }
})
