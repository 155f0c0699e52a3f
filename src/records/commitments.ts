/**
 * Salted commitments: each field of an exchange can later be shown alone, and the leaf gives nothing away.
 *
 * For field i, in the fixed order below, c_i = HMAC-SHA256(salt_i, "servanda/field/v1" ‖ u8(len(name)) ‖ name ‖
 * value) with a fresh random 32-byte salt; the leaf carries the RFC 6962 root over c_0 … c_n. Every field is
 * always there, if empty, so that an absent one leaks nothing. The salts live in the sealed record and go with it.
 */
import { randomBytes } from 'node:crypto'
import { utf8 } from '../base/index.ts'
import { merkleRoot } from '../ledger/index.ts'
import { hmacSha256 } from './hmac.ts'

/** The order is part of the format. */
export const committedFields = [
  'caller',
  'unit',
  'chain',
  'purpose',
  'surface',
  'consumer',
  'provenance',
  'route',
  'model',
  'findings',
  'detectors',
  'request',
  'answer',
  'amount',
] as const

export type CommittedField = (typeof committedFields)[number]
export type FieldValues = Readonly<Record<CommittedField, string>>

export interface Commitments {
  /** 32 bytes per field, joined in the fixed order. */
  readonly salts: Uint8Array
  /** Lower-case hex of the 32-byte root. */
  readonly root: string
}

export const saltBytes = 32
export const saltsBytes = saltBytes * committedFields.length
const labels = committedFields.map((name) =>
  Buffer.concat([utf8('servanda/field/v1'), Buffer.from([name.length]), utf8(name)]),
)

export function commit(values: FieldValues): Commitments {
  const salts = randomBytes(saltsBytes)
  return { salts, root: commitmentRoot(values, salts) }
}

/** The root for given salts: what whoever opens a record compares with the leaf. */
export function commitmentRoot(values: FieldValues, salts: Uint8Array): string {
  return Buffer.from(merkleRoot(commitFields(values, salts))).toString('hex')
}

/** c_0 … c_n: the entries under the root. */
export function commitFields(values: FieldValues, salts: Uint8Array): Uint8Array[] {
  return committedFields.map((name, i) => commitField(i, values[name], saltOf(i, salts)))
}

/** c_i for the field at `index` of `committedFields`. Throws `RangeError` unless the salt has 32 bytes. */
export function commitField(index: number, value: string, salt: Uint8Array): Uint8Array {
  return hmacSha256(salt, labels[index] ?? '', value)
}

export function saltOf(index: number, salts: Uint8Array): Uint8Array {
  return salts.subarray(index * saltBytes, (index + 1) * saltBytes)
}
