/** Signing goes through one interface, so that a key may live in a file, a token or a remote service. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export interface Signer {
  /** The raw 32-byte Ed25519 public key (RFC 8032 §5.1.5). */
  readonly publicKey: Uint8Array
  /** A 64-byte Ed25519 signature over exactly these bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

export function signerFromKey(privateKey: KeyObject): Signer {
  const publicKey = rawPublicKey(createPublicKey(privateKey))
  return { publicKey, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)) }
}

/** An Ed25519 private key from its 32-byte seed. */
export function keyFromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
}

export function newPrivateKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

/**
 * A demonstration key that anyone can derive from its name. It signs the examples so that a newcomer sees the
 * whole product at work; it protects nothing, and whatever it signs says so.
 */
export function demoKey(name: string): KeyObject {
  return keyFromSeed(createHash('sha256').update(`servanda demo key, not a secret: ${name}`).digest())
}

export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
}

export function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)
}

export function verifyEd25519(publicKey: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, bytes, publicKey, signature)
}
