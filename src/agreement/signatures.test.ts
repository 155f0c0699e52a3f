import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EnvelopeError, demoKey, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Signer } from '../base/index.ts'
import { AgreementError } from './agreement-error.ts'
import type { AgreementErrorCode } from './agreement-error.ts'
import type { Agreement } from './agreement.ts'
import { compileAgreement } from './compile.ts'
import { demoKeyName, joinEnvelopes, signStatement, verifyEnvelope } from './signatures.ts'
import { statementOf } from './statement.ts'
import { requireSuccessor } from './successor.ts'
import { requireAgreement, sampleText } from './sample-agreement.ts'

const effective = Date.parse('2026-03-01T00:00:00Z')
const agencyA = signerFromKey(newPrivateKey())
const agencyB = signerFromKey(newPrivateKey())
const provider = signerFromKey(newPrivateKey())
const stranger = signerFromKey(newPrivateKey())

function base64(signer: Signer): string {
  return Buffer.from(signer.publicKey).toString('base64')
}

function agreementOf(
  options: { agency?: Signer[]; provider?: Signer[]; threshold?: number; previous?: Agreement } = {},
): Agreement {
  const { agency = [agencyA, agencyB], threshold = 2, previous } = options
  return requireAgreement(
    sampleText({
      agencyKeys: agency.map(base64),
      agencyThreshold: threshold,
      providerKeys: (options.provider ?? [provider]).map(base64),
      ...(previous === undefined ? {} : { version: previous.schedule.version + 1, previous: previous.hash }),
    }),
  )
}

function sign(agreement: Agreement, signers: Signer[]): Promise<Envelope> {
  return signStatement(statementOf(agreement, effective), signers)
}

function refuses(
  code: AgreementErrorCode | 'ENVELOPE_MALFORMED',
  run: () => unknown,
): Pick<AgreementError, 'lacking'> {
  try {
    run()
  } catch (thrown) {
    assert.ok(thrown instanceof AgreementError || thrown instanceof EnvelopeError)
    assert.equal(thrown.code, code)
    return { lacking: thrown instanceof AgreementError ? thrown.lacking : [] }
  }
  assert.fail(`expected ${code}`)
}

test('verifyEnvelope accepts exactly the thresholds of every party', async () => {
  const agreement = agreementOf()
  const verified = verifyEnvelope(agreement, await sign(agreement, [agencyA, agencyB, provider]))
  assert.equal(verified.effective, effective)
  assert.equal(verified.statement.text, agreement.hash)
  assert.deepEqual(verified.demoParties, [])
})

test('verifyEnvelope names the party that lacks signatures', async () => {
  const agreement = agreementOf()
  const envelope = await sign(agreement, [agencyA, provider, stranger])
  const error = refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(agreement, envelope))
  assert.deepEqual(error.lacking, [{ party: 'agency', version: 1, needed: 2, found: 1 }])
})

test('verifyEnvelope counts key material: one key twice, or under another key id, is one', async () => {
  const agreement = agreementOf()
  const envelope = await sign(agreement, [agencyA, agencyA, provider])
  refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(agreement, envelope))
  const other = await sign(agreement, [agencyB])
  const [first] = envelope.signatures
  const borrowed = { keyid: other.signatures[0]!.keyid, sig: first!.sig }
  const forged = { ...envelope, signatures: [...envelope.signatures, borrowed] }
  refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(agreement, forged))
})

test('verifyEnvelope refuses a statement of another text, rule or time', async () => {
  const agreement = agreementOf()
  const other = agreementOf({ threshold: 1 })
  const all = [agencyA, agencyB, provider]
  const foreign = await sign(other, all)
  refuses('ENVELOPE_STATEMENT', () => verifyEnvelope(agreement, foreign))
  const statement = { ...statementOf(agreement, effective), compiler: 'another' }
  const recompiled = await signStatement(statement, all)
  refuses('ENVELOPE_STATEMENT', () => verifyEnvelope(agreement, recompiled))
  const late = await signStatement(
    { ...statementOf(agreement, effective), effective: '2199-01-01T00:00:00.000Z' },
    all,
  )
  refuses('ENVELOPE_EFFECTIVE', () => verifyEnvelope(agreement, late))
})

test('verifyEnvelope refuses what is no envelope', async () => {
  const agreement = agreementOf()
  const envelope = await sign(agreement, [agencyA, agencyB, provider])
  const table: [unknown, AgreementErrorCode | 'ENVELOPE_MALFORMED'][] = [
    [null, 'ENVELOPE_MALFORMED'],
    [[], 'ENVELOPE_MALFORMED'],
    [{ ...envelope, payload: 'not base64!' }, 'ENVELOPE_MALFORMED'],
    [{ ...envelope, payload: '' }, 'ENVELOPE_MALFORMED'],
    [{ ...envelope, payload: Buffer.from('{}').toString('base64') }, 'ENVELOPE_EFFECTIVE'],
    [{ ...envelope, signatures: undefined }, 'ENVELOPE_MALFORMED'],
    [{ ...envelope, signatures: [{ sig: 'AA==' }] }, 'ENVELOPE_MALFORMED'],
    [{ ...envelope, signatures: [] }, 'ENVELOPE_SIGNATURES'],
    [{ ...envelope, payloadType: 'text/plain' }, 'ENVELOPE_TYPE'],
  ]
  for (const [value, code] of table) refuses(code, () => verifyEnvelope(agreement, value))
})

test('an amendment needs the signers of the old and of the new version', async () => {
  const old = agreementOf({ agency: [agencyA], threshold: 1 })
  const next = agreementOf({ agency: [agencyB], threshold: 1, previous: old })
  const onlyNew = await sign(next, [agencyB, provider])
  refuses('ENVELOPE_PREVIOUS', () => verifyEnvelope(next, onlyNew))
  const error = refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(next, onlyNew, old))
  assert.deepEqual(error.lacking, [{ party: 'agency', version: 1, needed: 1, found: 0 }])
  const both = joinEnvelopes(onlyNew, await sign(next, [agencyA]))
  assert.equal(verifyEnvelope(next, both, old).statement.version, 2)
})

test('joinEnvelopes refuses envelopes over different statements', async () => {
  const one = await sign(agreementOf(), [agencyA])
  const two = await sign(agreementOf({ threshold: 1 }), [provider])
  refuses('ENVELOPE_STATEMENT', () => joinEnvelopes(one, two))
})

test('requireSuccessor refuses another agreement, a gap, a repetition and another text', () => {
  const first = agreementOf()
  const second = agreementOf({ previous: first })
  requireSuccessor(first, second)
  refuses('SUCCESSOR_VERSION', () => requireSuccessor(first, first))
  refuses('SUCCESSOR_VERSION', () => requireSuccessor(second, first))
  refuses('SUCCESSOR_PREVIOUS', () => requireSuccessor(agreementOf({ threshold: 1 }), second))
  const foreign = requireAgreement(sampleText({ id: 'another' }))
  refuses('SUCCESSOR_ID', () => requireSuccessor(foreign, second))
})

test('verifyEnvelope says which parties signed with demonstration keys', async () => {
  const demo = signerFromKey(demoKey(demoKeyName('sample', 'agency')))
  const agreement = agreementOf({ agency: [demo], threshold: 1 })
  const verified = verifyEnvelope(agreement, await sign(agreement, [demo, provider]))
  assert.deepEqual(verified.demoParties, ['agency'])
})

test('compileAgreement refuses a key of which anyone can sign, and one key for two parties', () => {
  const weak = Buffer.alloc(32).toString('base64')
  const codes = (agencyKeys: string[]): string[] =>
    compileAgreement(sampleText({ agencyKeys, providerKeys: [base64(provider)] })).diagnostics.map(
      (each) => each.code,
    )
  assert.ok(codes([weak]).includes('AGREEMENT_KEY'))
  assert.deepEqual(codes([base64(provider)]), ['AGREEMENT_KEY'])
})
