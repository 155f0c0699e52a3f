/** API keys: 256 random bits that the caller holds and of which the gateway keeps only the digest. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '../base/index.ts'

/** `sv_` and 43 characters of base64url. Shown once, stored nowhere. */
export function newApiKey(): string {
  return `sv_${randomBytes(32).toString('base64url')}`
}

/** The form in which a key stands in the callers file. Plain SHA-256 is enough for 256 random bits. */
export function hashApiKey(key: string): string {
  return digestOf(key)
}

/** The key of `authorization: Bearer …` (RFC 6750 §2.1), or null when there is none of our form. */
export function bearerKey(authorization: string | undefined): string | null {
  const match = /^Bearer +(sv_[A-Za-z0-9_-]{43,128})$/i.exec(authorization ?? '')
  return match?.[1] ?? null
}
