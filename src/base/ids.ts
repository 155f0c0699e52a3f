/** Random identifiers: 128 bits, so that nobody guesses one and two never meet. */
import { randomBytes } from 'node:crypto'

/** Such as `ex_4kJ…`: a prefix that says what it names and 22 characters of base64url. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`
}
