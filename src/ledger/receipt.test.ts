import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKey, signerFromKey, utf8 } from '../base/index.ts'
import {
  formatReceipt,
  formatVkey,
  issueReceipt,
  leafHash,
  parseReceipt,
  parseVkey,
  signReceipt,
  verifyReceipt,
} from './index.ts'

const signer = signerFromKey(demoKey('receipt test'))
const receipt = {
  origin: 'log.example/one',
  index: 7,
  leafHash: leafHash(utf8('entry')),
  time: 1_767_600_000_000,
}
const verifier = parseVkey(formatVkey(receipt.origin, signer.publicKey))

test('a receipt survives its text form, which fits a header, and verifies', async () => {
  const signed = await signReceipt(receipt, signer)
  const text = formatReceipt(signed)
  assert.match(text, /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/)
  const read = parseReceipt(text)
  assert.deepEqual(
    { ...read, leafHash: Buffer.from(read.leafHash) },
    { ...signed, leafHash: Buffer.from(signed.leafHash) },
  )
  verifyReceipt(read, verifier)
})

test('issueReceipt gives what signReceipt and formatReceipt give', async () => {
  assert.equal(await issueReceipt(receipt, signer), formatReceipt(await signReceipt(receipt, signer)))
})

test('no changed member and no other key passes', async () => {
  const signed = await signReceipt(receipt, signer)
  const changes = [
    { index: 8 },
    { time: 1 },
    { leafHash: leafHash(utf8('other')) },
    { signature: Buffer.alloc(64) },
  ]
  for (const change of changes) {
    assert.throws(() => verifyReceipt({ ...signed, ...change }, verifier), { code: 'LEDGER_SIGNATURE' })
  }
  const renamed = parseVkey(formatVkey('log.example/two', signer.publicKey))
  assert.throws(() => verifyReceipt(signed, renamed), { code: 'LEDGER_SIGNATURE' })
  assert.throws(() => verifyReceipt({ ...signed, origin: 'log.example/two' }, renamed), {
    code: 'LEDGER_SIGNATURE',
  })
  const cosigner = parseVkey(formatVkey(receipt.origin, signer.publicKey, 'cosignature'))
  assert.throws(() => verifyReceipt(signed, cosigner), { code: 'LEDGER_SIGNATURE' })
})

test('parseReceipt refuses every changed character or finds another signature', async () => {
  const text = formatReceipt(await signReceipt(receipt, signer))
  for (let at = 0; at < text.length; at++) {
    const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    assert.throws(() => verifyReceipt(parseReceipt(changed), verifier), /receipt/, `character ${at}`)
  }
})

test('parseReceipt refuses what is not canonical', async () => {
  const signed = await signReceipt(receipt, signer)
  const [body = '', signature = ''] = formatReceipt(signed).split('.')
  const json = Buffer.from(body, 'base64url').toString()
  const encode = (changed: string) => `${utf8(changed).toString('base64url')}.${signature}`
  const texts = [
    '',
    '.',
    body,
    `${body}.`,
    `${body}.${signature}.`,
    `${body}=.${signature}`,
    `${body}.${signature.slice(1)}`,
    encode(`${json} `),
    encode(json.replace('"v":1', '"v":2')),
    encode(json.replace('"index":7', '"index":07')),
    encode(json.replace('"index":7', '"index":-7')),
    encode(json.replace('"index":7', '"index":7,"more":1')),
    encode(json.replace('"time"', '"time":1,"time"')),
    encode('null'),
    encode('[]'),
    `${'A'.repeat(3000)}.${signature}`,
  ]
  for (const text of texts) assert.throws(() => parseReceipt(text), { code: 'LEDGER_RECEIPT' }, text)
})
