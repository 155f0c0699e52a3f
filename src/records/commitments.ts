/**
 * Salted commitments: each field of an exchange can later be shown alone, and the leaf gives nothing away.
 *
 * For field i, in the fixed order below, entry e_i = salt_i ‖ "servanda/field/v1" ‖ u8(len(name)) ‖ name ‖ value with
 * a fresh random 32-byte salt; the leaf carries the RFC 6962 root over e_0 … e_n. Every field is always there, if
 * empty, so that an absent one leaks nothing. The salts live in the sealed record and go with it.
 *
 * The hash of an entry binds, for SHA-256 resists collisions and only the name's length varies before the value; it
 * hides, for nobody finds a salt of 256 random bits. Salted hashes disclose in the same way in SD-JWT (RFC 9901).
 */
import { hash, randomBytes } from 'node:crypto'
import { utf8 } from '../base/index.ts'
import { rootOfHashes } from '../ledger/index.ts'

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
  /** The leaf hashes of the entries under the root. */
  readonly hashes: readonly Uint8Array[]
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
  const hashes = commitFields(values, salts)
  return { salts, hashes, root: rootHex(hashes) }
}

/** The root for given salts: what whoever opens a record compares with the leaf. */
export function commitmentRoot(values: FieldValues, salts: Uint8Array): string {
  return rootHex(commitFields(values, salts))
}

function rootHex(hashes: readonly Uint8Array[]): string {
  return Buffer.from(rootOfHashes(hashes)).toString('hex')
}

function commitFields(values: FieldValues, salts: Uint8Array): Uint8Array[] {
  return committedFields.map((name, i) => commitField(i, values[name], saltOf(i, salts)))
}

// Scratch space spares allocations. Hashing is synchronous, so nobody else sees it half filled. The first byte is that
// of a leaf (RFC 6962 §2.1); an entry here may be longer than one of the log.
let scratch = Buffer.alloc(1_024)

/** The leaf hash of e_i, for the field at `index` of `committedFields`. Throws `RangeError` unless the salt has 32 bytes. */
export function commitField(index: number, value: string, salt: Uint8Array): Uint8Array {
  if (salt.length !== saltBytes) throw new RangeError(`a salt has ${saltBytes} bytes`)
  const label = labels[index] ?? utf8('')
  const start = 1 + saltBytes + label.length
  // No UTF-16 unit takes more than three bytes.
  if (start + 3 * value.length > scratch.length) scratch = Buffer.alloc(2 * (start + 3 * value.length))
  scratch.set(salt, 1)
  scratch.set(label, 1 + saltBytes)
  const end = start + scratch.write(value, start)
  return Buffer.from(hash('sha256', scratch.subarray(0, end), 'binary'), 'latin1')
}

export function saltOf(index: number, salts: Uint8Array): Uint8Array {
  return salts.subarray(index * saltBytes, (index + 1) * saltBytes)
}
