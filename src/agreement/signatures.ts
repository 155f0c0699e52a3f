/**
 * Signatures of the parties over an agreement: a DSSE envelope with many signatures
 * (https://github.com/secure-systems-lab/dsse, protocol v1.0.2) and a threshold for each party.
 */
import { createPublicKey } from 'node:crypto'
import {
  EnvelopeError,
  demoKey,
  equalBytes,
  parseEnvelope,
  parseJson,
  rawPublicKey,
  signEnvelope,
  signingKeys,
} from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { LackingParty } from './agreement-error.ts'
import type { Party, PartySigner, Schedule } from './schedule.ts'
import { effectiveOf, statementBytes, statementOf } from './statement.ts'
import type { AgreementStatement } from './statement.ts'
import { requireSuccessor } from './successor.ts'

export const agreementPayloadType = 'application/vnd.servanda.agreement+json'

export interface VerifiedAgreement {
  readonly statement: AgreementStatement
  /** Milliseconds since the epoch. */
  readonly effective: number
  /** Parties of which some signing key can be derived by anyone: the signatures show how it works, no more. */
  readonly demoParties: readonly string[]
}

/** Signs with every signer; envelopes of several parties are joined by `joinEnvelopes`. */
export async function signStatement(
  statement: AgreementStatement,
  signers: readonly Signer[],
): Promise<Envelope> {
  return signEnvelope(agreementPayloadType, statementBytes(statement), signers)
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
  const parsed = parseEnvelope(envelope)
  if (parsed.payloadType !== agreementPayloadType) {
    throw new AgreementError('ENVELOPE_TYPE', 'the envelope holds no statement about an agreement')
  }
  verifySuccession(agreement, previous)
  const effective = verifyStatement(agreement, parsed.payload)
  const signed = signingKeys(parsed, [
    ...keysOf(agreement),
    ...(previous === undefined ? [] : keysOf(previous)),
  ])
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
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
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
  if (lacking.length > 0) throw signaturesMissing(lacking)
}

export function signaturesMissing(lacking: readonly LackingParty[]): AgreementError {
  const parts = lacking.map(
    ({ party, version, needed, found }) => `\`${party}\` ${found} of ${needed} under version ${version}`,
  )
  return new AgreementError('ENVELOPE_SIGNATURES', `signatures are missing: ${parts.join(', ')}`, { lacking })
}

/** The parties of which fewer signers signed than their threshold asks; several keys of one signer count once. */
export function lackingOf({ schedule }: Agreement, signed: ReadonlySet<string>): LackingParty[] {
  return schedule.parties.flatMap((party) => {
    const found = signersAmong(party, signed).length
    if (found >= party.threshold) return []
    return [{ party: party.id, version: schedule.version, needed: party.threshold, found }]
  })
}

/** The signers of a party of which at least one key is among those that signed. */
export function signersAmong({ signers }: Party, signed: ReadonlySet<string>): readonly PartySigner[] {
  return signers.filter(({ keys }) => keys.some((key) => signed.has(key)))
}

/** Every key that may sign for some party. */
export function keysOf({ schedule }: Agreement): string[] {
  return schedule.parties.flatMap(({ signers }) => signers.flatMap(({ keys }) => keys))
}

/**
 * The name from which `demoKey` derives a demonstration key: that of a party's first signer, `department/agency`, or
 * that of another one, `department/agency/counsel`.
 */
export function demoKeyName(agreementId: string, partyId: string, signerId?: string): string {
  return signerId === undefined ? `${agreementId}/${partyId}` : `${agreementId}/${partyId}/${signerId}`
}

/** Parties of which a key signed that anyone can derive. */
export function demoPartiesOf(schedule: Schedule, signed: ReadonlySet<string>): string[] {
  return schedule.parties
    .filter((party) => {
      const keys = party.signers.flatMap((signer) => signer.keys).filter((key) => signed.has(key))
      const demo = new Set(keys.length === 0 ? [] : demoNames(schedule.id, party).map(rawDemoKey))
      return keys.some((key) => demo.has(key))
    })
    .map((party) => party.id)
}

/** Names that a demonstration might have given the keys of a party, with numbers behind them or without. */
function demoNames(agreementId: string, { id, role, signers }: Party): string[] {
  const parties = [id, role].flatMap((name) => [name, demoKeyName(agreementId, name)])
  const names = [...parties, ...parties.flatMap((name) => signers.map((signer) => `${name}/${signer.id}`))]
  const numbers = ['', ...signers.map((_, i) => `-${i + 1}`)]
  return names.flatMap((name) => numbers.map((number) => `${name}${number}`))
}

function rawDemoKey(name: string): string {
  return Buffer.from(rawPublicKey(createPublicKey(demoKey(name)))).toString('base64')
}
