/**
 * The record of one step of an exchange, sealed so that only the agency's key opens it.
 *
 * Sealed form: "SVR1" ‖ key id (8) ‖ nonce (12) ‖ wrapped key (32) ‖ tag (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
 * Both layers are AES-256-GCM (NIST SP 800-38D); the content key is random and used once; both authenticate
 * origin, exchange and step, so that a record cannot be passed off as another's. GCM does not commit to its key:
 * what an opened record says counts only when its fields give the root in the leaf.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ServandaError, parseBase64, utf8 } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { commit, commitmentRoot, committedFields, saltsBytes } from './commitments.ts'
import type { FieldValues } from './commitments.ts'

export type RecordErrorCode = 'RECORD_UNREADABLE' | 'RECORD_OTHER_KEY' | 'RECORD_FALSE'

export class RecordError extends ServandaError<RecordErrorCode> {
  override readonly name = 'RecordError'
}

/** The agency's key that wraps each record's own: 32 bytes and the id by which records name it. */
export interface WrappingKey {
  readonly bytes: Uint8Array
  readonly id: Uint8Array
  /** The same key as ciphers take it: bytes would cost them thrice as much, each time. */
  readonly object: KeyObject
}

/** What a record is about: it opens nowhere else. */
export interface RecordPlace {
  readonly origin: string
  readonly exchange: string
  readonly step: 'intent' | 'refusal' | 'outcome' | 'decision'
}

export interface RecordContent {
  readonly fields: FieldValues
  /** Request, answer, facts, findings as the step knew them. */
  readonly content: Json
}

export interface SealedRecord {
  readonly sealed: Uint8Array
  /** Hex root of the salted commitments to the fields. */
  readonly commitments: string
  /** The salts of the commitments: with them single fields can be disclosed. */
  readonly salts: Uint8Array
  /** The commitments themselves, in their order. */
  readonly hashes: readonly Uint8Array[]
}

const magic = utf8('SVR1')
const headBytes = magic.length + 8
const contentKeyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function wrappingKey(bytes: Uint8Array): WrappingKey {
  if (bytes.length !== 32) throw new RecordError('RECORD_OTHER_KEY', 'a wrapping key is 32 bytes')
  return {
    bytes,
    id: hash('sha256', Buffer.concat([utf8('servanda/key-id'), bytes]), 'buffer').subarray(0, 8),
    object: createSecretKey(bytes),
  }
}

export function sealRecord(record: RecordContent, place: RecordPlace, key: WrappingKey): SealedRecord {
  const { salts, hashes, root } = commit(record.fields)
  const random = randomBytes(contentKeyBytes + 2 * nonceBytes)
  const contentKey = random.subarray(0, contentKeyBytes)
  const keyNonce = random.subarray(contentKeyBytes, contentKeyBytes + nonceBytes)
  const nonce = random.subarray(contentKeyBytes + nonceBytes)
  const plain = JSON.stringify({
    v: 1,
    fields: record.fields,
    salts: Buffer.from(salts).toString('base64'),
    content: record.content,
  })
  const aad = placeBytes(place)
  const sealed = joined([
    magic,
    key.id,
    ...encrypt(contentKey, { key: key.object, nonce: keyNonce, aad }),
    ...encrypt(plain, { key: createSecretKey(contentKey), nonce, aad }),
  ])
  return { sealed, commitments: root, salts, hashes }
}

/** In memory of their own: what travels between threads takes all the memory along that it lies in. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let end = 0
  for (const piece of pieces) {
    whole.set(piece, end)
    end += piece.length
  }
  return whole
}

/**
 * Opens a sealed record and checks it against the root in its leaf. Throws `RECORD_OTHER_KEY`,
 * `RECORD_UNREADABLE` (altered, or another place's) or `RECORD_FALSE` (it opens, but is not what was logged).
 */
export function openRecord(
  sealed: Uint8Array,
  place: RecordPlace,
  key: WrappingKey,
  commitments: string,
): RecordContent {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw new RecordError('RECORD_UNREADABLE', 'these bytes are not a sealed record')
  }
  if (!bytes.subarray(magic.length, headBytes).equals(key.id)) {
    throw new RecordError('RECORD_OTHER_KEY', 'the record is wrapped by another key')
  }
  const aad = placeBytes(place)
  const wrappedEnd = headBytes + nonceBytes + contentKeyBytes + tagBytes
  const contentKey = decrypt(bytes.subarray(headBytes, wrappedEnd), key.object, aad)
  const plain = decrypt(bytes.subarray(wrappedEnd), createSecretKey(contentKey), aad)
  return requireLogged(parsePlain(plain), commitments)
}

interface PlainRecord extends RecordContent {
  readonly salts: Uint8Array
}

/**
 * The key has vouched for these bytes, so plain JSON will do: a stricter parser would refuse what `sealRecord` has
 * written, such as half a character at the end of an answer that was cut off, and the record would be lost.
 */
function parsePlain(plain: Uint8Array): PlainRecord {
  const value = parseObject(plain)
  const salts = typeof value?.salts === 'string' ? parseBase64(value.salts) : null
  if (value?.v === 1 && salts?.length === saltsBytes && isFieldValues(value.fields)) {
    return { fields: value.fields, salts, content: (value.content ?? null) as Json }
  }
  throw new RecordError('RECORD_UNREADABLE', 'the record does not have the form of version 1')
}

interface UncheckedRecord {
  readonly v?: unknown
  readonly fields?: unknown
  readonly salts?: unknown
  readonly content?: unknown
}

function parseObject(plain: Uint8Array): UncheckedRecord | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(plain).toString('utf8'))
    return typeof value === 'object' ? value : null
  } catch (cause) {
    throw new RecordError('RECORD_UNREADABLE', 'the record is not JSON', { cause })
  }
}

function isFieldValues(value: unknown): value is FieldValues {
  if (typeof value !== 'object' || value === null) return false
  const values = new Map<string, unknown>(Object.entries(value))
  return committedFields.every((name) => typeof values.get(name) === 'string')
}

function requireLogged({ fields, salts, content }: PlainRecord, commitments: string): RecordContent {
  if (commitmentRoot(fields, salts) !== commitments) {
    throw new RecordError('RECORD_FALSE', 'the fields of the record do not give the root in the ledger')
  }
  return { fields, content }
}

function placeBytes({ origin, exchange, step }: RecordPlace): Buffer {
  return utf8(`servanda/record/v1\0${origin}\0${exchange}\0${step}`)
}

interface Layer {
  readonly key: KeyObject
  /** INVARIANT: random, and used once under its key. */
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
}

/** Nonce, ciphertext and tag. */
function encrypt(plain: Uint8Array | string, { key, nonce, aad }: Layer): Uint8Array[] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  const sealed = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  // In this mode nothing is left for the end.
  cipher.final()
  return [nonce, sealed, cipher.getAuthTag()]
}

function decrypt(bytes: Uint8Array, key: KeyObject, aad: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(aad).setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch (cause) {
    throw new RecordError('RECORD_UNREADABLE', 'the record was altered or belongs to another place', {
      cause,
    })
  }
}
