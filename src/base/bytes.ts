/** Small operations on bytes that every room needs: digests, encodings, comparison in constant time. */
import { hash, timingSafeEqual } from 'node:crypto'

/** By way of a text of one character per byte: half the cost of asking for a buffer. */
export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}

/** `sha256:<64 hex digits>`, the form in which digests are written in files and entries. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`
}

export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Decodes base64 and refuses anything that is not its canonical padded form (RFC 4648 §3.5). */
export function parseBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
