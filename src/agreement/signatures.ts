/**
 * Signatures of the parties over an agreement: a DSSE envelope with many signatures
 * (https://github.com/secure-systems-lab/dsse, protocol v1.0.2) and a threshold for each party.
 */
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  demoKey,
  digestOf,
  equalBytes,
  parseBase64,
  parseJson,
  publicKeyFromRaw,
  rawPublicKey,
  utf8,
  verifyEd25519,
} from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { LackingParty } from './agreement-error.ts'
import type { Party, Schedule } from './schedule.ts'
import { effectiveOf, statementBytes, statementOf } from './statement.ts'
import type { AgreementStatement } from './statement.ts'
import { requireSuccessor } from './successor.ts'

export const agreementPayloadType = 'application/vnd.servanda.agreement+json'

const signaturesMax = 1_000
const payloadCharsMax = 65_536

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

export interface VerifiedAgreement {
  readonly statement: AgreementStatement
  /** Milliseconds since the epoch. */
  readonly effective: number
  /** Parties of which some signing key can be derived by anyone: the signatures show how it works, no more. */
  readonly demoParties: readonly string[]
}

/** DSSE's pre-authentication encoding: `DSSEv1 SP len(type) SP type SP len(body) SP body`, lengths in bytes. */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([utf8(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body])
}

/** Signs with every signer; envelopes of several parties are joined by `joinEnvelopes`. */
export async function signStatement(
  statement: AgreementStatement,
  signers: readonly Signer[],
): Promise<Envelope> {
  const body = statementBytes(statement)
  const message = preAuthEncoding(agreementPayloadType, body)
  const signatures: EnvelopeSignature[] = []
  for (const signer of signers) {
    const sig = await signer.sign(message)
    signatures.push({ keyid: keyIdOf(signer.publicKey), sig: Buffer.from(sig).toString('base64') })
  }
  return { payloadType: agreementPayloadType, payload: body.toString('base64'), signatures }
}

/** One envelope with the signatures of both; throws `ENVELOPE_STATEMENT` where they sign different things. */
export function joinEnvelopes(a: Envelope, b: Envelope): Envelope {
  if (a.payloadType !== b.payloadType || a.payload !== b.payload) {
    throw new AgreementError('ENVELOPE_STATEMENT', 'the two envelopes sign different statements')
  }
  return { ...a, signatures: [...a.signatures, ...b.signatures] }
}

/**
 * Verifies that enough keys of every party signed exactly this agreement. An amendment needs the version before
 * (already verified), whose parties must have signed as well. Throws `AgreementError`; returns nothing half
 * trusted.
 */
export function verifyEnvelope(
  agreement: Agreement,
  envelope: unknown,
  previous?: Agreement,
): VerifiedAgreement {
  const { payloadType, payload, signatures } = parseEnvelope(envelope)
  if (payloadType !== agreementPayloadType) {
    throw new AgreementError('ENVELOPE_TYPE', 'the envelope holds no statement about an agreement')
  }
  verifySuccession(agreement, previous)
  const effective = verifyStatement(agreement, payload)
  const message = preAuthEncoding(payloadType, payload)
  const keys = signingKeys([agreement, ...(previous === undefined ? [] : [previous])])
  const signed = signedKeys(message, signatures, keys)
  verifyThresholds(agreement, previous, signed)
  return {
    statement: statementOf(agreement, effective),
    effective,
    demoParties: demoPartiesOf(agreement.schedule, signed),
  }
}

function verifySuccession(agreement: Agreement, previous: Agreement | undefined): void {
  if (previous !== undefined) requireSuccessor(previous, agreement)
  else if (agreement.schedule.version > 1) {
    const message = 'an amendment is verified against the version before, whose parties must have signed it'
    throw new AgreementError('ENVELOPE_PREVIOUS', message)
  }
}

/** The signed statement must be, byte for byte, the one recomputed here. Returns its effective time. */
function verifyStatement(agreement: Agreement, payload: Uint8Array): number {
  const effective = effectiveOf(parsePayload(payload))
  if (effective === null)
    throw new AgreementError('ENVELOPE_EFFECTIVE', 'the statement has no effective time')
  if (!equalBytes(statementBytes(statementOf(agreement, effective)), payload)) {
    const message = 'the signed statement is not that of this agreement as this compiler reads it'
    throw new AgreementError('ENVELOPE_STATEMENT', message)
  }
  return effective
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload)
  } catch (cause) {
    throw new AgreementError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
  }
}

function verifyThresholds(
  agreement: Agreement,
  previous: Agreement | undefined,
  signed: ReadonlySet<string>,
): void {
  const lacking = [
    ...(previous === undefined ? [] : lackingOf(previous, signed)),
    ...lackingOf(agreement, signed),
  ]
  if (lacking.length === 0) return
  const parts = lacking.map(
    ({ party, version, needed, found }) => `\`${party}\` ${found} of ${needed} under version ${version}`,
  )
  throw new AgreementError('ENVELOPE_SIGNATURES', `signatures are missing: ${parts.join(', ')}`, { lacking })
}

function lackingOf({ schedule }: Agreement, signed: ReadonlySet<string>): LackingParty[] {
  return schedule.parties.flatMap((party) => {
    const found = new Set(party.keys.filter((key) => signed.has(key))).size
    if (found >= party.threshold) return []
    return [{ party: party.id, version: schedule.version, needed: party.threshold, found }]
  })
}

interface SigningKey {
  /** Raw public key in base64: key material is what is counted. */
  readonly raw: string
  readonly keyid: string
  readonly key: KeyObject
}

function signingKeys(agreements: readonly Agreement[]): SigningKey[] {
  const raws = new Set(
    agreements.flatMap(({ schedule }) => schedule.parties.flatMap((party: Party) => party.keys)),
  )
  return [...raws].flatMap((raw) => {
    const bytes = parseBase64(raw)
    return bytes?.length === 32 ? [{ raw, keyid: keyIdOf(bytes), key: publicKeyFromRaw(bytes) }] : []
  })
}

/** Raw keys of which some signature verifies. Unknown signers and broken signatures are passed over, never counted. */
function signedKeys(
  message: Uint8Array,
  signatures: readonly EnvelopeSignature[],
  keys: readonly SigningKey[],
): ReadonlySet<string> {
  const byId = new Map(keys.map((key) => [key.keyid, key]))
  const signed = new Set<string>()
  for (const { keyid, sig } of signatures) {
    const bytes = parseBase64(sig)
    const key = byId.get(keyid)
    if (key === undefined || bytes === null || signed.has(key.raw)) continue
    if (verifyEd25519(key.key, message, bytes)) signed.add(key.raw)
  }
  return signed
}

// untrusted: an envelope comes from a file or from the network.
function parseEnvelope(value: unknown): {
  payloadType: string
  payload: Uint8Array
  signatures: readonly EnvelopeSignature[]
} {
  const malformed = (message: string): AgreementError => new AgreementError('ENVELOPE_MALFORMED', message)
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

function isSignature(value: unknown): value is EnvelopeSignature {
  return isRecord(value) && typeof value.keyid === 'string' && typeof value.sig === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keyIdOf(raw: Uint8Array): string {
  return digestOf(raw)
}

/** The name from which `demoKey` derives the demonstration key of a party. */
export function demoKeyName(agreementId: string, partyId: string): string {
  return `${agreementId}/${partyId}`
}

function demoPartiesOf(schedule: Schedule, signed: ReadonlySet<string>): string[] {
  return schedule.parties
    .filter((party) => {
      const names = [party.id, party.role].flatMap((id) => [id, demoKeyName(schedule.id, id)])
      const numbers = ['', ...party.keys.map((_, i) => `-${i + 1}`)]
      const demo = new Set(names.flatMap((name) => numbers.map((number) => rawDemoKey(`${name}${number}`))))
      return party.keys.some((key) => signed.has(key) && demo.has(key))
    })
    .map((party) => party.id)
}

function rawDemoKey(name: string): string {
  return Buffer.from(rawPublicKey(createPublicKey(demoKey(name)))).toString('base64')
}
