/** A certificate as a file: a DSSE envelope over the statement's canonical JSON, signed by the key of the log. */
import {
  EnvelopeError,
  JsonError,
  canonicalJson,
  equalBytes,
  isObject,
  parseEnvelope,
  parseJson,
  rawPublicKey,
  signEnvelope,
  signingKeys,
  utf8,
} from '../base/index.ts'
import type { Envelope, Json, JsonObject, ParsedEnvelope, Signer } from '../base/index.ts'
import type { Verifier } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import type { ExclusionQuery, ExclusionStatement } from './statement.ts'

export const certificatePayloadType = 'application/vnd.servanda.certificate+json'

/** A certificate whose form was read; nobody has said yet that a word of it is true. */
export interface SignedCertificate {
  readonly envelope: ParsedEnvelope
  readonly origin: string
  /** What to compute the statement anew from. */
  readonly query: ExclusionQuery
  readonly claimed: JsonObject
}

export function signCertificate(statement: ExclusionStatement, signer: Signer): Promise<Envelope> {
  return signEnvelope(certificatePayloadType, statementBytes(statement), [signer])
}

function statementBytes(statement: ExclusionStatement): Buffer {
  return utf8(canonicalJson({ ...statement } as unknown as JsonObject))
}

/** Reads the file without believing it. Throws `CERTIFICATE_MALFORMED`. */
export function parseCertificate(file: Uint8Array | string): SignedCertificate {
  const envelope = parseFile(file)
  if (envelope.payloadType !== certificatePayloadType) throw malformed('its payload is of another type')
  const claimed = parseStrictly(envelope.payload, 'the statement')
  if (!isObject(claimed)) throw malformed('the statement is not an object')
  const { v, certificate, origin, supplier, entry } = claimed
  const [from, to] = [parseInstant(claimed['from']), parseInstant(claimed['to'])]
  if (v !== 1 || certificate !== 'exclusion') throw malformed('it is of an unknown version or kind')
  if (typeof origin !== 'string') throw malformed('it names no log')
  if (typeof supplier !== 'string' || supplier === '') throw malformed('it names no supplier')
  if (from === null || to === null) throw malformed('it names no period')
  if (typeof entry !== 'number' || !Number.isSafeInteger(entry) || entry < 0) {
    throw malformed('it names no entry')
  }
  return { envelope, origin, claimed, query: { supplier, from, to, entry } }
}

/** Throws `CERTIFICATE_SIGNATURE` unless the key of the log that it names signed it. */
export function verifyCertificateSignature(
  { envelope, origin }: SignedCertificate,
  verifiers: readonly Verifier[],
): void {
  const keys = verifiers
    .filter(({ name, type }) => name === origin && type === 'ed25519')
    .map(({ publicKey }) => Buffer.from(rawPublicKey(publicKey)).toString('base64'))
  if (signingKeys(envelope, keys).size > 0) return
  const message = `the certificate is not signed by a key that is known of \`${origin}\``
  throw new CertificateError('CERTIFICATE_SIGNATURE', message)
}

/** Throws `CERTIFICATE_FALSE` with the first member that differs, unless it says byte for byte what was recomputed. */
export function verifyCertificateStatement(
  { envelope, claimed }: SignedCertificate,
  recomputed: ExclusionStatement,
): void {
  const bytes = statementBytes(recomputed)
  if (equalBytes(bytes, envelope.payload)) return
  const given = parseJson(bytes)
  const path = differingPath(claimed, given)
  const member = path.join('.')
  const message =
    path.length === 0
      ? 'the bytes of the statement are not canonical JSON'
      : `\`${member}\` is ${shown(memberAt(claimed, path))}, the entries give ${shown(memberAt(given, path))}`
  throw new CertificateError('CERTIFICATE_FALSE', message, { member })
}

/** The way to the first member, by the order of canonical JSON, in which two values differ. */
function differingPath(a: Json | undefined, b: Json | undefined): readonly string[] {
  if (a === undefined || b === undefined || !isObject(a) || !isObject(b)) return []
  for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const [inA, inB] = [own(a, key), own(b, key)]
    const same = inA !== undefined && inB !== undefined && canonicalJson(inA) === canonicalJson(inB)
    if (!same) return [key, ...differingPath(inA, inB)]
  }
  return []
}

function memberAt(value: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = value
  for (const key of path) at = at !== undefined && isObject(at) ? own(at, key) : undefined
  return at
}

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

const shownCharsMax = 200

function shown(value: Json | undefined): string {
  if (value === undefined) return 'absent'
  const text = canonicalJson(value)
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text
}

function parseFile(file: Uint8Array | string): ParsedEnvelope {
  try {
    return parseEnvelope(parseStrictly(file, 'the file'))
  } catch (cause) {
    if (!(cause instanceof EnvelopeError)) throw cause
    throw new CertificateError('CERTIFICATE_MALFORMED', `it cannot be read: ${cause.message}`, { cause })
  }
}

function parseStrictly(source: Uint8Array | string, what: string): Json {
  try {
    return parseJson(source, { depthMax: 4 })
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what} is not strict JSON`, { cause })
  }
}

/** Exactly the form that `toISOString` writes. */
function parseInstant(value: Json | undefined): number | null {
  if (typeof value !== 'string') return null
  const time = Date.parse(value)
  return !Number.isNaN(time) && time >= 0 && new Date(time).toISOString() === value ? time : null
}

function malformed(reason: string): CertificateError {
  return new CertificateError('CERTIFICATE_MALFORMED', `the certificate is malformed: ${reason}`)
}
