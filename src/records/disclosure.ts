/**
 * Disclosure: single fields of one record, shown to somebody who holds its leaf, and nothing of the other fields.
 * A disclosure is the field's name, its value, its salt and the path from its commitment to the root in the leaf.
 */
import { parseBase64 } from '../base/index.ts'
import { LedgerError, rootOfHashes, verifyInclusion } from '../ledger/index.ts'
import { commitField, committedFields, saltBytes, saltOf } from './commitments.ts'
import type { CommittedField, FieldValues } from './commitments.ts'

export interface Disclosure {
  readonly field: CommittedField
  readonly value: string
  /** 32 bytes. */
  readonly salt: Uint8Array
  /** RFC 6962 §2.1.1, from the sibling of the commitment upward: at most four hashes. */
  readonly path: readonly Uint8Array[]
}

export interface DisclosedText {
  readonly field: string
  readonly value: string
  /** Base64, as are the hashes of the path. */
  readonly salt: string
  readonly path: readonly string[]
}

/** What `sealRecord` was given and what it answered, as far as disclosures rest on it. */
export interface Disclosable {
  readonly fields: FieldValues
  readonly salts: Uint8Array
  /** Each field's commitment, in their order: hashed when it was sealed, and not again. */
  readonly hashes: readonly Uint8Array[]
}

/** Shows these fields, in the order asked. */
export function disclose(
  { fields, salts, hashes }: Disclosable,
  names: readonly CommittedField[],
): readonly Disclosure[] {
  return names.map((field) => {
    const index = committedFields.indexOf(field)
    return { field, value: fields[field], salt: saltOf(index, salts), path: pathTo(index, hashes) }
  })
}

/** Whether the record with these commitments (hex root, as in its leaf) holds this value in this field. */
export function isDisclosed({ field, value, salt, path }: Disclosure, commitments: string): boolean {
  const index = committedFields.indexOf(field)
  try {
    verifyInclusion(path, {
      index,
      size: committedFields.length,
      leafHash: commitField(index, value, salt),
      root: Buffer.from(commitments, 'hex'),
    })
    return true
  } catch (error) {
    if (error instanceof LedgerError) return false
    throw error
  }
}

export function formatDisclosure({ field, value, salt, path }: Disclosure): DisclosedText {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return { field, value, salt: base64(salt), path: path.map(base64) }
}

/** The inverse of `formatDisclosure`: null where a name, a salt or a hash is none. */
export function parseDisclosure({ field, value, salt, path }: DisclosedText): Disclosure | null {
  const name = committedFields.find((known) => known === field)
  const bytes = [salt, ...path].map(parseBase64)
  const [saltRead, ...pathRead] = bytes.filter(
    (read): read is Buffer => read !== null && read.length === saltBytes,
  )
  if (name === undefined || !saltRead || pathRead.length !== path.length) return null
  return { field: name, value, salt: saltRead, path: pathRead }
}

/** PATH(index, D[n]) of RFC 6962 §2.1.1, over leaf hashes. */
function pathTo(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return []
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  const [left, right] = [hashes.slice(0, split), hashes.slice(split)]
  return index < split
    ? [...pathTo(index, left), rootOfHashes(right)]
    : [...pathTo(index - split, right), rootOfHashes(left)]
}
