/**
 * Disputes: a reader finds the prose of a clause and its rules apart. One key of any one party opens one, since it
 * only tightens; from then on the stricter reading acts, until a version comes into force that settles it.
 */
import { isObject } from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import {
  isStatementId,
  openPartyStatement,
  parsePartyStatement,
  signPartyStatement,
} from './party-statement.ts'
import type { PartyStatement, SignedStatement, StatementKind } from './party-statement.ts'
import { requireReading } from './stricter-reading.ts'
import { lackingOf, signaturesMissing } from './signatures.ts'

/** What a party holds a clause to say. */
export interface Dispute extends PartyStatement {
  readonly clause: string
  /**
   * Cedar forbids that act under the clause from now on. Empty where it is enough that its grants grant nothing and
   * nothing lifts what it holds.
   */
  readonly reading: string
}

export interface VerifiedDispute extends Pick<SignedStatement<Dispute>, 'parties' | 'demoParties'> {
  readonly dispute: Dispute
}

const kind: StatementKind<Dispute> = {
  payloadType: 'application/vnd.servanda.dispute+json',
  name: 'dispute',
  isOfForm: isDispute,
  code: 'DISPUTE_FALSE',
  refusal: 'the dispute cannot be opened',
}

export function signDispute(dispute: Dispute, signers: readonly Signer[]): Promise<Envelope> {
  return signPartyStatement(dispute, signers, kind)
}

/** Reads the payload without believing it. Throws `ENVELOPE_MALFORMED` or `DISPUTE_FALSE`. */
export function parseDispute(payload: Uint8Array): Dispute {
  return parsePartyStatement(payload, kind)
}

/**
 * Verifies that this envelope disputes a clause of exactly this agreement, that some key of some party signed it, and
 * that its reading can act. Throws `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`, `DISPUTE_FALSE` or `ENVELOPE_SIGNATURES`;
 * returns nothing half trusted.
 */
export function verifyDispute(agreement: Agreement, envelope: unknown): VerifiedDispute {
  const opened = openPartyStatement(agreement, envelope, kind, parseDispute)
  const { statement: dispute, signed, parties, demoParties } = opened
  requireReading(agreement, dispute)
  if (parties.length === 0) throw signaturesMissing(lackingOf(agreement, signed))
  return { dispute, parties, demoParties }
}

const textMembers = ['id', 'agreement', 'text', 'clause', 'reading', 'reason', 'issued']

function isDispute(value: Json): value is Json & Dispute {
  if (!isObject(value)) return false
  const { v, id } = value
  return (
    v === 1 &&
    Object.keys(value).length === textMembers.length + 1 &&
    textMembers.every((key) => typeof value[key] === 'string' && (value[key] !== '' || key === 'reading')) &&
    isStatementId(id)
  )
}
