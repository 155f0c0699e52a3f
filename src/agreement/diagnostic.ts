/** What is wrong with an agreement: a value with its place and a way out, never an exception. */

export type Severity = 'error' | 'warning'

export interface Diagnostic {
  /** Stable, such as `AGREEMENT_UNKNOWN_WORD`; listed in docs/errors.md. */
  readonly code: string
  readonly severity: Severity
  /** From 1. */
  readonly line: number
  readonly column: number
  /** The clause it stands under; absent for the front matter as a whole. */
  readonly clause?: string
  /** Lower case, no full stop, text of the file in backticks. */
  readonly message: string
  readonly help?: string
}
