/**
 * Signatures of the parties over an agreement: a DSSE envelope with many signatures
 * (https://github.com/secure-systems-lab/dsse, protocol v1.0.2) and a threshold for each party.
 */
import { createPublicKey } from 'node:crypto'
import {
  EnvelopeError,
  demoKey,
  equalBytes,
  keyIdOf,
  parseEnvelope,
  parseJson,
  rawPublicKey,
  signEnvelope,
  signingKeys,
} from '../base/index.ts'
import type { Envelope, Json, ParsedEnvelope, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import type { LackingParty } from './agreement-error.ts'
import { amendmentOf } from './amendment.ts'
import type { Amendment } from './amendment.ts'
import type { Party, PartySigner, Schedule } from './schedule.ts'
import { effectiveOf, statementBytes, statementOf } from './statement.ts'
import type { AgreementStatement } from './statement.ts'
import { requireSuccessor } from './successor.ts'

export const agreementPayloadType = 'application/vnd.servanda.agreement+json'

export interface VerifiedAgreement {
  readonly statement: AgreementStatement
  /** Milliseconds since the epoch. */
  readonly effective: number
  /** Compared with the version before; null where there is none. */
  readonly verdict: Amendment['verdict'] | null
  /** Whether it loosens what was agreed before: then more must have signed, and it may not act at once. */
  readonly loosens: boolean
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
 * Verifies that enough signers of every party signed exactly this agreement. An amendment needs the version before
 * (already verified), whose parties must have signed as well: as many as `threshold` says under both versions, and as
 * `loosening` says where it loosens. Whether it may come into force yet is for `requireInForceAt` to say. Throws
 * `AgreementError` and `ENVELOPE_MALFORMED`; returns nothing half trusted.
 */
export function verifyEnvelope(
  agreement: Agreement,
  envelope: unknown,
  previous?: Agreement,
): VerifiedAgreement {
  const read = readSignatures(agreement, envelope, previous)
  const lacking = lackingUnder(agreement, previous, read)
  const loosens = read.amendment?.loosens ?? false
  if (lacking.length > 0) throw signaturesMissing(lacking, loosens)
  return {
    statement: statementOf(agreement, read.effective),
    effective: read.effective,
    verdict: read.amendment?.verdict ?? null,
    loosens,
    demoParties: demoPartiesOf(agreement.schedule, read.signed),
  }
}

/** What is signed and by which keys, before anyone has said whether that is enough. */
export interface ReadSignatures {
  readonly parsed: ParsedEnvelope
  /** Milliseconds since the epoch. */
  readonly effective: number
  readonly amendment: Amendment | null
  /** Raw keys in base64 of all signers under either version, by key id. */
  readonly known: ReadonlyMap<string, string>
  /** Those of them of which a signature verifies. */
  readonly signed: ReadonlySet<string>
}

/** Throws as `verifyEnvelope` does, but never `ENVELOPE_SIGNATURES`. */
export function readSignatures(
  agreement: Agreement,
  envelope: unknown,
  previous: Agreement | undefined,
): ReadSignatures {
  const parsed = parseEnvelope(envelope)
  if (parsed.payloadType !== agreementPayloadType) {
    throw new AgreementError('ENVELOPE_TYPE', 'the envelope holds no statement about an agreement')
  }
  verifySuccession(agreement, previous)
  const effective = verifyStatement(agreement, parsed.payload)
  const keys = [...keysOf(agreement), ...(previous === undefined ? [] : keysOf(previous))]
  const amendment = previous === undefined ? null : amendmentOf(previous, agreement)
  const known = new Map(keys.map((key) => [keyIdOf(Buffer.from(key, 'base64')), key]))
  return { parsed, effective, amendment, known, signed: signingKeys(parsed, keys) }
}

/** Under the version before, then under this one. */
export function lackingUnder(
  agreement: Agreement,
  previous: Agreement | undefined,
  { amendment, signed }: Pick<ReadSignatures, 'amendment' | 'signed'>,
): LackingParty[] {
  const asked = amendment?.loosens === true ? 'loosening' : 'threshold'
  const versions = previous === undefined ? [agreement] : [previous, agreement]
  return versions.flatMap((version) => lackingOf(version, signed, asked))
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

/**
 * The effective time, in milliseconds since the epoch, that an envelope states, or null; nothing of it is verified.
 * Throws `ENVELOPE_MALFORMED`.
 */
export function statedEffective(envelope: unknown): number | null {
  return effectiveOf(parsePayload(parseEnvelope(envelope).payload))
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload)
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is not JSON', { cause })
  }
}

export function signaturesMissing(lacking: readonly LackingParty[], loosens = false): AgreementError {
  const parts = lacking.map(
    ({ party, version, needed, found }) => `\`${party}\` ${found} of ${needed} under version ${version}`,
  )
  const why = loosens ? ' of an amendment that loosens' : ''
  const message = `signatures${why} are missing: ${parts.join(', ')}`
  return new AgreementError('ENVELOPE_SIGNATURES', message, { lacking })
}

/** The parties of which fewer signers signed than is asked; several keys of one signer count once. */
export function lackingOf(
  { schedule }: Agreement,
  signed: ReadonlySet<string>,
  asked: 'threshold' | 'loosening' = 'threshold',
): LackingParty[] {
  return schedule.parties.flatMap((party) => {
    const found = signersAmong(party, signed).length
    if (found >= party[asked]) return []
    return [{ party: party.id, version: schedule.version, needed: party[asked], found }]
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

/** Of each signer who has one: the name of the demonstration key. */
export function demoSignersOf({ schedule }: Agreement): string[] {
  return schedule.parties.flatMap(({ id, signers }) =>
    signers.flatMap((signer) => {
      const names = [demoKeyName(schedule.id, id), demoKeyName(schedule.id, id, signer.id)]
      return names.find((name) => signer.keys.includes(rawDemoKey(name))) ?? []
    }),
  )
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

/** Names that a demonstration might have given the keys of a party: its own, its signers', or one with a number. */
function demoNames(agreementId: string, { id, role, signers }: Party): string[] {
  const parties = [id, role].flatMap((name) => [name, demoKeyName(agreementId, name)])
  const endings = ['', ...signers.flatMap((signer, i) => [`/${signer.id}`, `-${i + 1}`])]
  return parties.flatMap((name) => endings.map((ending) => `${name}${ending}`))
}

function rawDemoKey(name: string): string {
  return Buffer.from(rawPublicKey(createPublicKey(demoKey(name)))).toString('base64')
}
