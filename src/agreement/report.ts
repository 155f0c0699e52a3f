/** Collects diagnostics by index in the file, so that readers need not know lines. */
import type { Diagnostic, DiagnosticCode, Severity } from './diagnostic.ts'
import { limits } from './limits.ts'
import { placesOf } from './source-text.ts'

export interface Mistake {
  readonly code: DiagnosticCode
  /** Index in the file, UTF-16 units from 0. */
  readonly at: number
  readonly message: string
  readonly help?: string | undefined
  readonly clause?: string | undefined
  readonly severity?: Severity
}

export type Report = (mistake: Mistake) => void

export interface Collector {
  readonly report: Report
  /** All mistakes so far in the order of the file. */
  diagnostics(): Diagnostic[]
  hasErrors(): boolean
}

export function collectDiagnostics(text: string): Collector {
  const placeOf = placesOf(text)
  const found: Diagnostic[] = []
  const counts: Record<Severity, number> = { error: 0, warning: 0 }
  function report(mistake: Mistake): void {
    const severity = mistake.severity ?? 'error'
    // Each for itself: no crowd of warnings keeps an error out.
    if (++counts[severity] > limits.diagnostics) return
    found.push({
      code: mistake.code,
      severity,
      ...placeOf(mistake.at),
      ...(mistake.clause === undefined ? {} : { clause: mistake.clause }),
      message: shortened(mistake.message),
      ...(mistake.help === undefined ? {} : { help: shortened(mistake.help) }),
    })
  }
  return {
    report,
    diagnostics: () => found.toSorted((a, b) => a.line - b.line || a.column - b.column),
    hasErrors: () => counts.error > 0,
  }
}

/** A message quotes the file, and what it quotes may be as long as the file. */
function shortened(text: string): string {
  if (text.length <= limits.messageChars) return text
  return `${text.slice(0, limits.messageChars - 1).toWellFormed()}…`
}
