/**
 * Disputes: a reader finds the prose of a clause and its rules apart. One key of any one party opens one, since it
 * only tightens; from then on the stricter reading acts, until a version comes into force that settles it. A dispute
 * is a DSSE envelope over canonical JSON; it names the agreement by id and digest, and the clause.
 */
import {
  canonicalJson,
  EnvelopeError,
  equalBytes,
  isObject,
  parseEnvelope,
  parseJson,
  signEnvelope,
  signingKeys,
  utf8,
} from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { parseInstant } from './instant.ts'
import { requireReading } from './stricter-reading.ts'
import { demoPartiesOf, keysOf, lackingOf, signaturesMissing, signersAmong } from './signatures.ts'

export const disputePayloadType = 'application/vnd.servanda.dispute+json'

/** What a party holds a clause to say. */
export interface Dispute {
  readonly v: 1
  /** Random, chosen by whoever opens it: the same dispute is opened once. */
  readonly id: string
  readonly agreement: string
  /** Digest of the agreement's text in force. */
  readonly text: string
  readonly clause: string
  /**
   * Cedar forbids that act under the clause from now on. Empty where it is enough that its grants grant nothing and
   * nothing lifts what it holds.
   */
  readonly reading: string
  /** Digest of the reason: the reason itself is told to the parties and may name persons. */
  readonly reason: string
  /** `2026-11-20T15:00:00.000Z`: when it was written. */
  readonly issued: string
}

export interface VerifiedDispute {
  readonly dispute: Dispute
  /** Parties of which at least one key signed, and those of them whose signing key anyone can derive. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
}

export function signDispute(dispute: Dispute, signers: readonly Signer[]): Promise<Envelope> {
  return signEnvelope(disputePayloadType, disputeBytes(dispute), signers)
}

function disputeBytes(dispute: Dispute): Buffer {
  return utf8(canonicalJson({ ...dispute }))
}

/**
 * Verifies that this envelope disputes a clause of exactly this agreement, that some key of some party signed it, and
 * that its reading can act. Throws `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`, `DISPUTE_FALSE` or `ENVELOPE_SIGNATURES`;
 * returns nothing half trusted.
 */
export function verifyDispute(agreement: Agreement, envelope: unknown): VerifiedDispute {
  const parsed = parseEnvelope(envelope)
  if (parsed.payloadType !== disputePayloadType) {
    throw new AgreementError('ENVELOPE_TYPE', 'the envelope holds no dispute')
  }
  const dispute = parseDispute(parsed.payload)
  const { schedule, hash } = agreement
  if (dispute.agreement !== schedule.id || dispute.text !== hash) {
    throw falseDispute(`it is about another agreement or version than \`${schedule.id}\` in force`)
  }
  requireReading(agreement, dispute)
  const signed = signingKeys(parsed, keysOf(agreement))
  const parties = schedule.parties.filter((party) => signersAmong(party, signed).length > 0)
  if (parties.length === 0) throw signaturesMissing(lackingOf(agreement, signed))
  return {
    dispute,
    parties: parties.map(({ id }) => id),
    demoParties: demoPartiesOf(schedule, signed),
  }
}

/** Reads the payload without believing it. Throws `ENVELOPE_MALFORMED` or `DISPUTE_FALSE`. */
export function parseDispute(payload: Uint8Array): Dispute {
  const value = parsePayload(payload)
  if (!isDispute(value)) throw falseDispute('its members are not those of version 1')
  if (!equalBytes(disputeBytes(value), payload)) throw falseDispute('its JSON is not canonical')
  if (parseInstant(value.issued) === null) throw falseDispute('its time is not an instant')
  return value
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload, { depthMax: 2 })
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
  }
}

const textMembers = ['id', 'agreement', 'text', 'clause', 'reading', 'reason', 'issued']
const disputeId = /^[A-Za-z0-9_-]{1,64}$/

function isDispute(value: Json): value is Json & Dispute {
  if (!isObject(value)) return false
  const { v, id } = value
  return (
    v === 1 &&
    Object.keys(value).length === textMembers.length + 1 &&
    textMembers.every((key) => typeof value[key] === 'string' && (value[key] !== '' || key === 'reading')) &&
    typeof id === 'string' &&
    disputeId.test(id)
  )
}

function falseDispute(reason: string): AgreementError {
  return new AgreementError('DISPUTE_FALSE', `the dispute cannot be opened: ${reason}`)
}
