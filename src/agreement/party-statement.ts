/**
 * What parties sign beside their agreement, such as an order or a dispute: a DSSE envelope over one canonical JSON
 * object that names the agreement in force by id and digest.
 */
import {
  canonicalJson,
  digestOf,
  EnvelopeError,
  equalBytes,
  parseEnvelope,
  parseJson,
  signEnvelope,
  signingKeys,
  utf8,
} from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { AgreementErrorCode } from './agreement-error.ts'
import { parseInstant } from './instant.ts'
import { demoPartiesOf, keysOf, signersAmong } from './signatures.ts'

/** What every such statement says. */
export interface PartyStatement {
  readonly v: 1
  /** Random, chosen by whoever writes it: the same statement acts once. */
  readonly id: string
  readonly agreement: string
  /** Digest of the agreement's text in force. */
  readonly text: string
  /** Digest of the reason: the reason itself is told to the parties and may name persons. */
  readonly reason: string
  /** `2026-11-20T15:00:00.000Z`: when it was written. */
  readonly issued: string
}

/** One kind of statement. */
export interface StatementKind<S extends PartyStatement> {
  readonly payloadType: string
  /** `an order`. */
  readonly name: string
  readonly isOfForm: (value: Json) => value is Json & S
  readonly code: AgreementErrorCode
  /** How a refusal begins: `the order cannot be carried out`. */
  readonly refusal: string
}

export interface SignedStatement<S> {
  readonly statement: S
  /** Keys of parties that signed. */
  readonly signed: ReadonlySet<string>
  /** Parties of which at least one key signed, and those of them whose signing key anyone can derive. */
  readonly parties: readonly string[]
  readonly demoParties: readonly string[]
}

/** Short, so that many can be named at once; and nothing that a terminal obeys. */
const idForm = /^[A-Za-z0-9_-]{1,64}$/

export function isStatementId(value: Json | undefined): boolean {
  return typeof value === 'string' && idForm.test(value)
}

export function signPartyStatement<S extends PartyStatement>(
  statement: S,
  signers: readonly Signer[],
  { payloadType }: StatementKind<S>,
): Promise<Envelope> {
  return signEnvelope(payloadType, bytesOf(statement), signers)
}

function bytesOf(statement: PartyStatement): Buffer {
  return utf8(canonicalJson({ ...statement }))
}

/** Reads the payload without believing it. Throws `ENVELOPE_MALFORMED` or the code of the kind. */
export function parsePartyStatement<S extends PartyStatement>(
  payload: Uint8Array,
  kind: StatementKind<S>,
): S {
  const value = parsePayload(payload)
  if (!kind.isOfForm(value)) throw refused(kind, 'its members are not those of version 1')
  if (!equalBytes(bytesOf(value), payload)) throw refused(kind, 'its JSON is not canonical')
  if (parseInstant(value.issued) === null) throw refused(kind, 'its time is not an instant')
  return value
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload, { depthMax: 2 })
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
  }
}

/**
 * The statement, if it is about exactly this agreement, and which parties signed it; whether they are enough, the
 * caller knows. `parse` reads the payload. Throws `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE` and the code of the kind.
 */
export function openPartyStatement<S extends PartyStatement>(
  agreement: Agreement,
  envelope: unknown,
  kind: StatementKind<S>,
  parse: (payload: Uint8Array) => S,
): SignedStatement<S> {
  const parsed = parseEnvelope(envelope)
  if (parsed.payloadType !== kind.payloadType) {
    throw new AgreementError('ENVELOPE_TYPE', `the envelope holds no ${kind.name}`)
  }
  const statement = parse(parsed.payload)
  const { schedule, hash } = agreement
  if (statement.agreement !== schedule.id || statement.text !== hash) {
    throw refused(kind, `it is about another agreement or version than \`${schedule.id}\` in force`)
  }
  const signed = signingKeys(parsed, keysOf(agreement))
  const parties = schedule.parties.filter((party) => signersAmong(party, signed).length > 0)
  return {
    statement,
    signed,
    parties: parties.map(({ id }) => id),
    demoParties: demoPartiesOf(schedule, signed),
  }
}

export function refused(
  { code, refusal }: Pick<StatementKind<PartyStatement>, 'code' | 'refusal'>,
  reason: string,
): AgreementError {
  return new AgreementError(code, `${refusal}: ${reason}`)
}

/** The digest under which a reason stands in a statement. */
export function reasonDigest(salt: string, reason: string): string {
  return digestOf(`${salt}\n${reason}`)
}
