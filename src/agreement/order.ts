/**
 * Orders of the parties: a stop by any one key of any one party, a resume by the threshold of every party. So
 * stopping never needs more people than resuming. An order is carried out once.
 */
import { isObject } from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import {
  isStatementId,
  openPartyStatement,
  parsePartyStatement,
  refused,
  signPartyStatement,
} from './party-statement.ts'
import type { PartyStatement, SignedStatement, StatementKind } from './party-statement.ts'
import { lackingOf, signaturesMissing } from './signatures.ts'

/** What is ordered. */
export interface Order extends PartyStatement {
  readonly order: 'stop' | 'resume'
  /** For `resume`: ids of the stop orders that it lifts, sorted. Empty for `stop`. */
  readonly lifts: readonly string[]
}

export interface VerifiedOrder extends Pick<SignedStatement<Order>, 'parties' | 'demoParties'> {
  readonly order: Order
}

export const orderPayloadType = 'application/vnd.servanda.order+json'

const kind: StatementKind<Order> = {
  payloadType: orderPayloadType,
  name: 'order',
  isOfForm: isOrder,
  code: 'ORDER_FALSE',
  refusal: 'the order cannot be carried out',
}

export function signOrder(order: Order, signers: readonly Signer[]): Promise<Envelope> {
  return signPartyStatement(order, signers, kind)
}

/**
 * Verifies that this envelope orders what it says about exactly this agreement, by who may order it: one key of one
 * party for a stop, the thresholds of all parties for a resume. Throws `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`,
 * `ORDER_FALSE` or `ENVELOPE_SIGNATURES`; returns nothing half trusted.
 */
export function verifyOrder(agreement: Agreement, envelope: unknown): VerifiedOrder {
  const opened = openPartyStatement(agreement, envelope, kind, parseOrder)
  const { statement: order, signed, parties, demoParties } = opened
  const lacking = lackingOf(agreement, signed)
  const enough = order.order === 'stop' ? parties.length > 0 : lacking.length === 0
  if (!enough) throw signaturesMissing(lacking)
  return { order, parties, demoParties }
}

/** Reads the payload without believing it. Throws `ENVELOPE_MALFORMED` or `ORDER_FALSE`. */
export function parseOrder(payload: Uint8Array): Order {
  const order = parsePartyStatement(payload, kind)
  if (order.order === 'stop' && order.lifts.length > 0) throw refused(kind, 'a stop lifts nothing')
  if (order.order === 'resume' && order.lifts.length === 0) {
    throw refused(kind, 'it names no stop order to lift')
  }
  // Each once: a stop that was lifted is no longer there to be lifted again.
  if (order.lifts.some((id, i) => i > 0 && id <= (order.lifts[i - 1] ?? ''))) {
    throw refused(kind, 'the stop orders that it lifts are not sorted')
  }
  return order
}

const members = ['v', 'order', 'id', 'agreement', 'text', 'reason', 'lifts', 'issued']
const textMembers = ['id', 'agreement', 'text', 'reason', 'issued']
const liftsMax = 100

function isOrder(value: Json): value is Json & Order {
  if (!isObject(value)) return false
  const { v, id, order, lifts } = value
  return (
    v === 1 &&
    (order === 'stop' || order === 'resume') &&
    Object.keys(value).length === members.length &&
    textMembers.every((key) => typeof value[key] === 'string' && value[key] !== '') &&
    Array.isArray(lifts) &&
    lifts.length <= liftsMax &&
    isStatementId(id) &&
    lifts.every(isStatementId)
  )
}
