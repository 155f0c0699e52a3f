/** What `servanda check` says of a text: its mistakes and, where it compiles, the findings of lint. */
import type { Agreement } from '../agreement.ts'
import { AgreementError } from '../agreement-error.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { readAgreement } from '../read-agreement.ts'
import { collectDiagnostics } from '../report.ts'
import { lintAgreement } from './lint.ts'

export interface CheckedAgreement {
  /** Null where the text has a mistake; an error of lint leaves it, so that it can be explained and compared. */
  readonly agreement: Agreement | null
  /** Mistakes and findings in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
  /** Whether no diagnostic is an error: only then may it be signed, or come into force. */
  readonly isSignable: boolean
}

/** Reads, checks, compiles and lints one agreement file. Pure; never throws on any text. */
export function checkAgreement(text: string): CheckedAgreement {
  const collector = collectDiagnostics(text)
  const source = readAgreement(text, collector)
  const compiled = collector.hasErrors() ? null : source
  if (compiled !== null) lintAgreement(compiled, collector.report)
  return {
    agreement: compiled?.agreement ?? null,
    diagnostics: collector.diagnostics(),
    isSignable: compiled !== null && !collector.hasErrors(),
  }
}

/**
 * The agreement of a text that may be signed and come into force. Throws `AGREEMENT_UNSIGNABLE`, with the first
 * error and how many there are, where `servanda check` finds one.
 */
export function requireSignable(text: string): Agreement {
  const { agreement, diagnostics, isSignable } = checkAgreement(text)
  if (agreement !== null && isSignable) return agreement
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const said = first === undefined ? '' : ` at ${first.line}:${first.column}, ${first.code}: ${first.message}`
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : ''
  throw new AgreementError('AGREEMENT_UNSIGNABLE', `the agreement must be mended first${said}${more}`)
}
