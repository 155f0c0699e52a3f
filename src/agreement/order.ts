/**
 * Orders of the parties: a stop by any one key of any one party, a resume by the threshold of every party. So
 * stopping never needs more people than resuming. An order is a DSSE envelope over canonical JSON; it names the
 * agreement by id and digest, has an id of its own, and is carried out once.
 */
import {
  canonicalJson,
  digestOf,
  EnvelopeError,
  equalBytes,
  isObject,
  parseEnvelope,
  parseJson,
  signEnvelope,
  signingKeys,
  utf8,
} from '../base/index.ts'
import type { Envelope, Json, JsonObject, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { parseInstant } from './instant.ts'
import { demoPartiesOf, keysOf, lackingOf, signaturesMissing, signersAmong } from './signatures.ts'

export const orderPayloadType = 'application/vnd.servanda.order+json'

/** What is ordered. */
export interface Order {
  readonly v: 1
  readonly order: 'stop' | 'resume'
  /** Random, chosen by whoever orders: the same order is carried out once. */
  readonly id: string
  readonly agreement: string
  /** Digest of the agreement's text in force. */
  readonly text: string
  /** Digest of the reason: the reason itself is told to the parties and may name persons. */
  readonly reason: string
  /** For `resume`: ids of the stop orders that it lifts, sorted. Empty for `stop`. */
  readonly lifts: readonly string[]
  /** `2026-11-20T15:00:00.000Z`: when it was written. */
  readonly issued: string
}

export interface VerifiedOrder {
  readonly order: Order
  /** Parties of which at least one key signed. */
  readonly parties: readonly string[]
  /** Those of them whose signing key anyone can derive. */
  readonly demoParties: readonly string[]
}

export function signOrder(order: Order, signers: readonly Signer[]): Promise<Envelope> {
  return signEnvelope(orderPayloadType, orderBytes(order), signers)
}

function orderBytes(order: Order): Buffer {
  return utf8(canonicalJson({ ...order }))
}

/**
 * Verifies that this envelope orders what it says about exactly this agreement, by who may order it: one key of one
 * party for a stop, the thresholds of all parties for a resume. Throws `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`,
 * `ORDER_FALSE` or `ENVELOPE_SIGNATURES`; returns nothing half trusted.
 */
export function verifyOrder(agreement: Agreement, envelope: unknown): VerifiedOrder {
  const parsed = parseEnvelope(envelope)
  if (parsed.payloadType !== orderPayloadType) {
    throw new AgreementError('ENVELOPE_TYPE', 'the envelope holds no order')
  }
  const order = parseOrder(parsed.payload)
  const { schedule, hash } = agreement
  if (order.agreement !== schedule.id || order.text !== hash) {
    throw falseOrder(`it is about another agreement or version than \`${schedule.id}\` in force`)
  }
  const signed = signingKeys(parsed, keysOf(agreement))
  const parties = schedule.parties.filter((party) => signersAmong(party, signed).length > 0)
  const lacking = lackingOf(agreement, signed)
  const enough = order.order === 'stop' ? parties.length > 0 : lacking.length === 0
  if (!enough) throw signaturesMissing(lacking)
  return {
    order,
    parties: parties.map(({ id }) => id),
    demoParties: demoPartiesOf(schedule, signed),
  }
}

/** Reads the payload without believing it. Throws `ENVELOPE_MALFORMED` or `ORDER_FALSE`. */
export function parseOrder(payload: Uint8Array): Order {
  const value = parsePayload(payload)
  if (!isOrder(value)) throw falseOrder('its members are not those of version 1')
  if (!equalBytes(orderBytes(value), payload)) throw falseOrder('its JSON is not canonical')
  if (value.order === 'stop' && value.lifts.length > 0) throw falseOrder('a stop lifts nothing')
  if (value.order === 'resume' && value.lifts.length === 0) throw falseOrder('it names no stop order to lift')
  // Each once: a stop that was lifted is no longer there to be lifted again.
  if (value.lifts.some((id, i) => i > 0 && id <= (value.lifts[i - 1] ?? ''))) {
    throw falseOrder('the stop orders that it lifts are not sorted')
  }
  if (parseInstant(value.issued) === null) throw falseOrder('its time is not an instant')
  return value
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload, { depthMax: 2 })
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
  }
}

const members = ['v', 'order', 'id', 'agreement', 'text', 'reason', 'lifts', 'issued']
const textMembers = ['id', 'agreement', 'text', 'reason', 'issued']
const liftsMax = 100
/** Short, so that a resume can name as many as it may; and nothing that a terminal obeys. */
const orderId = /^[A-Za-z0-9_-]{1,64}$/

function isOrder(value: Json): value is Json & Order {
  if (!isObject(value)) return false
  const keys = Object.keys(value)
  const { v, order, lifts } = value as JsonObject
  return (
    v === 1 &&
    (order === 'stop' || order === 'resume') &&
    keys.length === members.length &&
    textMembers.every((key) => typeof value[key] === 'string' && value[key] !== '') &&
    Array.isArray(lifts) &&
    lifts.length <= liftsMax &&
    isOrderId(value['id']) &&
    lifts.every(isOrderId)
  )
}

function isOrderId(value: Json | undefined): boolean {
  return typeof value === 'string' && orderId.test(value)
}

/** The digest under which a reason stands in an order. */
export function reasonDigest(salt: string, reason: string): string {
  return digestOf(`${salt}\n${reason}`)
}

function falseOrder(reason: string): AgreementError {
  return new AgreementError('ORDER_FALSE', `the order cannot be carried out: ${reason}`)
}
