/** What `servanda doctor` says: one line per finding, and what to do about it. */
import type { Installation } from './installation.ts'

/** `not-ready` keeps an installation from production; `warning` will or may; `note` is what nobody can see from here. */
export type Severity = 'not-ready' | 'warning' | 'note'

export interface Finding {
  readonly severity: Severity
  readonly message: string
  /** What to do, as a sentence. */
  readonly remedy: string
}

/** One concern. It reads what was found and changes nothing. */
export interface Check {
  readonly id: string
  readonly find: (installation: Installation) => readonly Finding[]
}

export const notReady = (message: string, remedy: string): Finding => ({
  severity: 'not-ready',
  message,
  remedy,
})
export const warning = (message: string, remedy: string): Finding => ({
  severity: 'warning',
  message,
  remedy,
})
export const note = (message: string, remedy: string): Finding => ({ severity: 'note', message, remedy })

/** Names as they stand in a sentence. */
export function listed(names: Iterable<string>): string {
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ')
}
