/** What is wrong with an agreement: a value with its place and a way out, never an exception. */
import type { LintDiagnosticCode } from './lint/lint-code.ts'

export type Severity = 'error' | 'warning'

/** Stable codes, listed in docs/errors.md. */
export type DiagnosticCode =
  | LintDiagnosticCode
  | 'AGREEMENT_ALIAS'
  | 'AGREEMENT_APPROVALS'
  | 'AGREEMENT_BLANKET_PERMIT'
  | 'AGREEMENT_CEDAR_SYNTAX'
  | 'AGREEMENT_CEDAR_TYPE'
  | 'AGREEMENT_CHARACTER'
  | 'AGREEMENT_CLAUSE_UNKNOWN'
  | 'AGREEMENT_CYCLE'
  | 'AGREEMENT_DUPLICATE_CLAUSE'
  | 'AGREEMENT_DUPLICATE_KEY'
  | 'AGREEMENT_EMPTY_BLOCK'
  | 'AGREEMENT_EMPTY_LIST'
  | 'AGREEMENT_EXCLUSION'
  | 'AGREEMENT_FENCE'
  | 'AGREEMENT_FENCE_UNCLOSED'
  | 'AGREEMENT_FINDING_NEGATED'
  | 'AGREEMENT_FRONT_MATTER'
  | 'AGREEMENT_HEADING'
  | 'AGREEMENT_HTML'
  | 'AGREEMENT_ID'
  | 'AGREEMENT_KEY'
  | 'AGREEMENT_LEVEL_PERSONS'
  | 'AGREEMENT_LIMIT'
  | 'AGREEMENT_LINE_ENDING'
  | 'AGREEMENT_MISSING_KEY'
  | 'AGREEMENT_MONEY'
  | 'AGREEMENT_NOT_ACCEPTED'
  | 'AGREEMENT_NUMBER'
  | 'AGREEMENT_PARTIES'
  | 'AGREEMENT_PERMIT_READS'
  | 'AGREEMENT_QUORUM'
  | 'AGREEMENT_REFERENCE'
  | 'AGREEMENT_RESERVED_WORD'
  | 'AGREEMENT_RETENTION'
  | 'AGREEMENT_RULE_IMPOSSIBLE'
  | 'AGREEMENT_RULE_OUTSIDE_BLOCK'
  | 'AGREEMENT_RULE_OUTSIDE_CLAUSE'
  | 'AGREEMENT_RULE_UNPROVED'
  | 'AGREEMENT_TERM'
  | 'AGREEMENT_THRESHOLD'
  | 'AGREEMENT_TIME'
  | 'AGREEMENT_TYPE'
  | 'AGREEMENT_UNKNOWN_KEY'
  | 'AGREEMENT_UNKNOWN_WORD'
  | 'AGREEMENT_UNUSED_WORD'
  | 'AGREEMENT_UPSTREAM'
  | 'AGREEMENT_VALUE'
  | 'AGREEMENT_VERSION'
  | 'AGREEMENT_YAML'

export interface Diagnostic {
  /** Stable, such as `AGREEMENT_UNKNOWN_WORD`; listed in docs/errors.md. */
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number
  /** The clause it stands under; absent for the front matter as a whole. */
  readonly clause?: string
  /** Lower case, no full stop, text of the file in backticks. */
  readonly message: string
  readonly help?: string
}
