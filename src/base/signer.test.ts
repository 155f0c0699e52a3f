import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  demoKey,
  keyFromSeed,
  newPrivateKey,
  publicKeyFromRaw,
  rawPublicKey,
  signerFromKey,
  utf8,
  verifyEd25519,
} from './index.ts'

/** RFC 8032 section 7.1, tests 1 to 3. */
const vectors = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
]

test('signerFromKey signs as RFC 8032 does', async () => {
  for (const { seed, publicKey, message, signature } of vectors) {
    const signer = signerFromKey(keyFromSeed(Buffer.from(seed, 'hex')))
    const signed = await signer.sign(Buffer.from(message, 'hex'))
    assert.equal(Buffer.from(signer.publicKey).toString('hex'), publicKey)
    assert.equal(Buffer.from(signed).toString('hex'), signature)
    assert.ok(verifyEd25519(publicKeyFromRaw(signer.publicKey), Buffer.from(message, 'hex'), signed))
  }
})

test('verifyEd25519 refuses another message, another key and any changed bit', async () => {
  const key = newPrivateKey()
  const signer = signerFromKey(key)
  const publicKey = publicKeyFromRaw(signer.publicKey)
  const message = utf8('as agreed')
  const signature = await signer.sign(message)
  assert.ok(verifyEd25519(publicKey, message, signature))
  assert.ok(!verifyEd25519(publicKey, utf8('as agreed.'), signature))
  assert.ok(!verifyEd25519(createPublicKey(newPrivateKey()), message, signature))
  fc.assert(
    fc.property(fc.nat({ max: 511 }), (bit) => {
      const changed = Buffer.from(signature)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      assert.ok(!verifyEd25519(publicKey, message, changed))
    }),
  )
})

test('verifyEd25519 refuses signatures of another length', () => {
  const publicKey = createPublicKey(newPrivateKey())
  for (const length of [0, 1, 63, 65, 128]) {
    assert.ok(!verifyEd25519(publicKey, utf8('x'), new Uint8Array(length)))
  }
})

test('rawPublicKey and publicKeyFromRaw are inverse', () => {
  const publicKey = createPublicKey(newPrivateKey())
  const raw = rawPublicKey(publicKey)
  assert.equal(raw.length, 32)
  assert.ok(publicKeyFromRaw(raw).equals(publicKey))
})

test('demoKey is the same for the same name and another for another', () => {
  assert.ok(demoKey('agency').equals(demoKey('agency')))
  assert.ok(!demoKey('agency').equals(demoKey('provider')))
})
