/** Canonical JSON (RFC 8785): one byte form for one value, so that digests of values can be compared. */
import { ServandaError } from './errors.ts'

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * Writes `value` as RFC 8785 says: members sorted by UTF-16 code units, no blanks, ECMAScript numbers.
 * A member that is `undefined` is left out. Throws `CANONICAL_JSON` on a number that is not finite and on
 * a lone surrogate, for neither has a canonical form.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ServandaError('CANONICAL_JSON', `${value} has no JSON form`)
    return JSON.stringify(value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  // Grown texts, not joined lists: leaves, receipts and digests of every call are written here.
  let members = ''
  if (isArray(value)) {
    for (const member of value) members += `${members === '' ? '' : ','}${canonicalJson(member)}`
    return `[${members}]`
  }
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${quote(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

function quote(text: string): string {
  if (!text.isWellFormed()) throw new ServandaError('CANONICAL_JSON', 'text holds a lone surrogate')
  return JSON.stringify(text)
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
