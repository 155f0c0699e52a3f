/**
 * DSSE envelopes: one payload, many signatures (https://github.com/secure-systems-lab/dsse, protocol v1.0.2). What
 * a payload means, and how many signatures it needs, is for whoever verifies it to say.
 */
import type { KeyObject } from 'node:crypto'
import { digestOf, parseBase64, utf8 } from './bytes.ts'
import { ServandaError } from './errors.ts'
import { publicKeyFromRaw, verifyEd25519 } from './signer.ts'
import type { Signer } from './signer.ts'

export type EnvelopeErrorCode = 'ENVELOPE_MALFORMED'

export class EnvelopeError extends ServandaError<EnvelopeErrorCode> {
  override readonly name = 'EnvelopeError'
}

export interface Envelope {
  readonly payloadType: string
  /** Base64 of the payload's bytes. */
  readonly payload: string
  readonly signatures: readonly EnvelopeSignature[]
}

export interface EnvelopeSignature {
  /** `sha256:<hex>` of the raw public key: a hint for finding the key, never a reason to count it. */
  readonly keyid: string
  readonly sig: string
}

/** An envelope whose form was checked; nobody has said yet that a signature is good. */
export interface ParsedEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signatures: readonly EnvelopeSignature[]
}

const signaturesMax = 1_000
const payloadCharsMax = 65_536

/** DSSE's pre-authentication encoding: `DSSEv1 SP len(type) SP type SP len(body) SP body`, lengths in bytes. */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([utf8(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body])
}

export async function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signers: readonly Signer[],
): Promise<Envelope> {
  const message = preAuthEncoding(payloadType, payload)
  const signatures: EnvelopeSignature[] = []
  for (const signer of signers) {
    const sig = await signer.sign(message)
    signatures.push({ keyid: keyIdOf(signer.publicKey), sig: Buffer.from(sig).toString('base64') })
  }
  return { payloadType, payload: Buffer.from(payload).toString('base64'), signatures }
}

/** The name of a raw public key. */
export function keyIdOf(raw: Uint8Array): string {
  return digestOf(raw)
}

/** Throws `ENVELOPE_MALFORMED`. */
export function parseEnvelope(value: unknown): ParsedEnvelope {
  // untrusted: an envelope comes from a file or from the network.
  if (!isRecord(value)) throw malformed('the envelope is not an object')
  const { payloadType, payload, signatures } = value
  if (typeof payloadType !== 'string') throw malformed('the envelope has no payload type')
  const bytes = typeof payload === 'string' && payload.length <= payloadCharsMax ? parseBase64(payload) : null
  if (bytes === null) throw malformed('the payload is not base64')
  if (!Array.isArray(signatures) || signatures.length > signaturesMax) {
    throw malformed(`the envelope has no list of at most ${signaturesMax} signatures`)
  }
  if (!signatures.every(isSignature)) throw malformed('a signature has no `keyid` and `sig`')
  return { payloadType, payload: bytes, signatures }
}

/**
 * Those of `keys` (raw public keys in base64) of which some signature verifies. Unknown signers and broken
 * signatures are passed over, never counted; key material is what is counted, so that one key is one.
 */
export function signingKeys(envelope: ParsedEnvelope, keys: Iterable<string>): ReadonlySet<string> {
  return new Set(goodSignatures(envelope, keys).keys())
}

/** The first good signature of each of `keys` that signed, by key, in the order of the envelope. */
export function goodSignatures(
  envelope: ParsedEnvelope,
  keys: Iterable<string>,
): ReadonlyMap<string, EnvelopeSignature> {
  const message = preAuthEncoding(envelope.payloadType, envelope.payload)
  const byId = new Map([...new Set(keys)].flatMap(keyOf).map((key) => [key.keyid, key]))
  const signed = new Map<string, EnvelopeSignature>()
  for (const { keyid, sig } of envelope.signatures) {
    const bytes = parseBase64(sig)
    const key = byId.get(keyid)
    if (key === undefined || bytes === null || signed.has(key.raw)) continue
    if (verifyEd25519(key.key, message, bytes)) signed.set(key.raw, { keyid, sig })
  }
  return signed
}

function keyOf(raw: string): { raw: string; keyid: string; key: KeyObject }[] {
  const bytes = parseBase64(raw)
  return bytes?.length === 32 ? [{ raw, keyid: keyIdOf(bytes), key: publicKeyFromRaw(bytes) }] : []
}

function isSignature(value: unknown): value is EnvelopeSignature {
  return isRecord(value) && typeof value.keyid === 'string' && typeof value.sig === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(message: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_MALFORMED', message)
}
