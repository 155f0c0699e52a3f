import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from './bytes.ts'
import { keyIdOf, parseEnvelope, preAuthEncoding, signEnvelope, signingKeys } from './dsse.ts'
import { newPrivateKey, signerFromKey } from './signer.ts'

const [one, two] = [signerFromKey(newPrivateKey()), signerFromKey(newPrivateKey())]
const rawOf = ({ publicKey }: { publicKey: Uint8Array }): string => Buffer.from(publicKey).toString('base64')

test('preAuthEncoding writes the example of the DSSE protocol', () => {
  const bytes = preAuthEncoding('http://example.com/HelloWorld', utf8('hello world'))
  assert.equal(bytes.toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('signingKeys counts each key once, and only what verifies', async () => {
  const envelope = await signEnvelope('application/x', utf8('{}'), [one, one])
  assert.deepEqual([...signingKeys(parseEnvelope(envelope), [rawOf(one), rawOf(two)])], [rawOf(one)])
  const [first] = envelope.signatures
  const passedOff = { ...envelope, signatures: [{ ...first!, keyid: keyIdOf(two.publicKey) }] }
  assert.equal(signingKeys(parseEnvelope(passedOff), [rawOf(one), rawOf(two)]).size, 0)
  const ofAnotherType = { ...envelope, payloadType: 'application/y' }
  assert.equal(signingKeys(parseEnvelope(ofAnotherType), [rawOf(one)]).size, 0)
})

test('parseEnvelope refuses what has not the form of an envelope', () => {
  const good = { payloadType: 'a', payload: 'e30=', signatures: [] }
  assert.equal(parseEnvelope(good).payload.length, 2)
  for (const bad of [
    null,
    [],
    { ...good, payloadType: 1 },
    { ...good, payload: '!' },
    { ...good, payload: 'A'.repeat(70_000) },
    { ...good, signatures: {} },
    { ...good, signatures: [{ keyid: 'a' }] },
  ]) {
    assert.throws(() => parseEnvelope(bad), { code: 'ENVELOPE_MALFORMED' })
  }
})
