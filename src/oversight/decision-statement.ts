/** What a reviewer signs: a DSSE envelope over canonical JSON that names the hold and the digest of what was shown. */
import {
  JsonError,
  canonicalJson,
  equalBytes,
  isObject,
  parseJson,
  signEnvelope,
  utf8,
} from '../base/index.ts'
import type { Envelope, Json, JsonObject, Signer } from '../base/index.ts'
import { OversightError } from './oversight-error.ts'

export const decisionPayloadType = 'application/vnd.servanda.decision+json'

export interface DecisionStatement {
  readonly v: 1
  readonly hold: string
  readonly exchange: string
  /** The log in which the hold stands. */
  readonly origin: string
  /** Digest of what was shown, computed by whoever looked at it. */
  readonly subject: string
  readonly verdict: 'approve' | 'deny'
  /** The levels that are approved, sorted; none for a denial. */
  readonly levels: readonly string[]
  /** Digest of a salt and the reason; the reason itself is sealed. */
  readonly reason: string
  /** `2026-11-20T15:00:00.000Z`: when it was signed. */
  readonly decided: string
}

export function signDecision(statement: DecisionStatement, signer: Signer): Promise<Envelope> {
  return signEnvelope(decisionPayloadType, statementBytes(statement), [signer])
}

function statementBytes(statement: DecisionStatement): Buffer {
  return utf8(canonicalJson({ ...statement }))
}

/** Reads a payload without believing it. Throws `REVIEW_FORM`. */
export function parseDecision(payload: Uint8Array): DecisionStatement {
  const value = parsePayload(payload)
  if (!isStatement(value)) throw misshapen('its members are not those of version 1')
  const { levels, verdict, decided } = value
  if (levels.some((level, i) => i > 0 && level <= (levels[i - 1] ?? '')))
    throw misshapen('its levels are not sorted')
  if ((verdict === 'deny') !== (levels.length === 0)) {
    throw misshapen('an approval names the levels that it approves, a denial none')
  }
  if (!isInstant(decided)) throw misshapen('its time is not an instant')
  if (!equalBytes(statementBytes(value), payload)) throw misshapen('its JSON is not canonical')
  return value
}

function parsePayload(payload: Uint8Array): Json {
  try {
    return parseJson(payload, { depthMax: 2 })
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new OversightError('REVIEW_FORM', 'the statement is not strict JSON', { cause })
  }
}

const textMembers = ['hold', 'exchange', 'origin', 'subject', 'reason', 'decided']
const members = 9
const levelsMax = 100

function isStatement(value: Json): value is Json & DecisionStatement {
  if (!isObject(value) || Object.keys(value).length !== members) return false
  const { v, verdict, levels } = value as JsonObject
  return (
    v === 1 &&
    (verdict === 'approve' || verdict === 'deny') &&
    textMembers.every((name) => typeof value[name] === 'string' && value[name] !== '') &&
    Array.isArray(levels) &&
    levels.length <= levelsMax &&
    levels.every((level) => typeof level === 'string' && level !== '')
  )
}

function isInstant(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString() === text
}

function misshapen(reason: string): OversightError {
  return new OversightError('REVIEW_FORM', `the statement cannot be read: ${reason}`)
}
