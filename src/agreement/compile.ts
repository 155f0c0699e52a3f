/** From the text of an agreement to the compiled agreement, or to everything that is wrong with it. */
import type { Agreement } from './agreement.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readAgreement } from './read-agreement.ts'
import { collectDiagnostics } from './report.ts'

/**
 * Stands in every signed statement: what these bytes mean is what this compiler makes of them. It grows with anything
 * that changes rules, schema, or what a comparison finds to loosen, so that no log of before is judged otherwise.
 */
export const compilerVersion = 'servanda-compiler/2'

export interface Compilation {
  /** Null exactly where some diagnostic is an error. */
  readonly agreement: Agreement | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads, checks and compiles one agreement file. Pure; never throws on any text. */
export function compileAgreement(text: string): Compilation {
  const collector = collectDiagnostics(text)
  const source = readAgreement(text, collector)
  const agreement = collector.hasErrors() ? null : (source?.agreement ?? null)
  return { agreement, diagnostics: collector.diagnostics() }
}
