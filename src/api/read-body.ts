/** Bodies of requests to the control socket: bounded, strict, and with no members that nobody reads. */
import { goodSignatures, isObject, parseBase64, parseEnvelope, parseJson } from '../base/index.ts'
import type { Json, JsonObject, ParsedEnvelope } from '../base/index.ts'
import { ControlError } from './control-error.ts'

export const bodyBytesMax = 131_072
const reasonCharsMax = 4_000

/** Something signed, with the reason whose digest stands in it. */
export interface SignedBody {
  /** The members that count, and no others. */
  readonly envelope: Json
  readonly parsed: ParsedEnvelope
  readonly reason: string
  readonly salt: string
}

/** Throws `CONTROL_REQUEST`, `ENVELOPE_MALFORMED` and what strict JSON throws. */
export function readSigned(body: unknown): SignedBody {
  const value = readObject(body, ['envelope', 'reason', 'salt'])
  const { reason, salt } = value
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > reasonCharsMax) {
    throw misshapen(`a reason of 1 to ${reasonCharsMax} characters is needed`)
  }
  if (typeof salt !== 'string' || parseBase64(salt)?.length !== 32) {
    throw misshapen('a salt of 32 bytes in base64 is needed')
  }
  const parsed = parseEnvelope(value['envelope'])
  return { envelope: plainEnvelope(parsed), parsed, reason, salt }
}

/** Exactly these members, and of the optional ones any. */
export function readObject(
  body: unknown,
  members: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  const value = Buffer.isBuffer(body) ? parseJson(body, { depthMax: 8 }) : null
  if (!isObject(value)) throw misshapen('a JSON object is needed')
  const keys = Object.keys(value).filter((key) => !optional.includes(key))
  if (keys.length !== members.length || !members.every((name) => keys.includes(name))) {
    throw misshapen(`an object with exactly the members ${members.join(', ')} is needed`)
  }
  return value
}

/** The members that count, and no others. */
function plainEnvelope({ payloadType, payload, signatures }: ParsedEnvelope): Json {
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  }
}

/**
 * As it is written into the ledger: with the good signatures of these keys, each once. Whatever else was put beside
 * them, such as a key id that is a person's name, would stay in the log for ever.
 */
export function countingEnvelope(parsed: ParsedEnvelope, keys: Iterable<string>): Json {
  return plainEnvelope({ ...parsed, signatures: [...goodSignatures(parsed, keys).values()] })
}

export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function misshapen(message: string): ControlError {
  return new ControlError('CONTROL_REQUEST', message)
}
