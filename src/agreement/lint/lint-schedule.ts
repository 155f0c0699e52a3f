/** Lines of the schedule that leave open what they seem to settle. */
import type { LintDiagnosticCode } from './lint-code.ts'
import type { AgreementSource } from '../read-agreement.ts'
import type { Report } from '../report.ts'
import type { CallSearch } from './search.ts'
import { coversAllData } from './weak-phrases.ts'

export function lintSchedule(source: AgreementSource, search: CallSearch, report: Report): void {
  lintPurposes(source, search, report)
  lintNorms(source, report)
  lintRetention(source, report)
  lintProtection(source, report)
  lintLoosening(source, report)
}

interface Said {
  readonly code: LintDiagnosticCode
  /** Key of the line in the schedule; where the line is missing, the start of the file is the place. */
  readonly line: string
  readonly clause?: string
  readonly message: string
  readonly help: string
}

function warn({ schedulePlaces }: AgreementSource, report: Report, { line, ...said }: Said): void {
  report({ ...said, severity: 'warning', at: schedulePlaces.lines.get(line) ?? 0 })
}

/** A purpose that no grant opens may be listed to be refused by its name: for that it needs neither. */
function lintPurposes(source: AgreementSource, search: CallSearch, report: Report): void {
  const { rules, schedule } = source.agreement
  const listed = new Set(schedule.purposes.map(({ id }) => id))
  const permits = rules.filter(({ effect }) => effect === 'permit')
  const open = search.reached('purpose', listed, permits, [])
  for (const { id, clause, owner, until } of schedule.purposes) {
    if (!open.has(id)) continue
    const line = `purposes/${id}`
    if (owner === undefined) {
      const message = `nobody answers for the purpose \`${id}\``
      const help = 'name the office that does, never a person: `owner: …`'
      warn(source, report, { code: 'LINT_PURPOSE_OWNER', line, clause, message, help })
    }
    if (until === undefined) {
      const message = `the purpose \`${id}\` has no end of its own`
      const help = 'write `until: …`; an amendment that names a later time renews it'
      warn(source, report, { code: 'LINT_PURPOSE_EXPIRY', line, clause, message, help })
    }
  }
}

function lintNorms(source: AgreementSource, report: Report): void {
  for (const { id, clause, date, digest } of source.agreement.schedule.norms) {
    if (date !== undefined && digest !== undefined) continue
    const lacking = [...(date === undefined ? ['day'] : []), ...(digest === undefined ? ['digest'] : [])]
    const message = `the norm \`${id}\` is pinned by no ${lacking.join(' and no ')}`
    const help = 'pin it: `date: "2023-01-25"`, and `digest: sha256:…` of the text that was read'
    warn(source, report, { code: 'LINT_NORM_UNPINNED', line: `norms/${id}`, clause, message, help })
  }
}

function lintRetention(source: AgreementSource, report: Report): void {
  if (source.agreement.schedule.retention !== undefined) return
  const message = 'the schedule does not say how long records are kept'
  const help = 'write `retention: { days: 180, clause: … }`, or more days'
  warn(source, report, { code: 'LINT_RETENTION', line: 'retention', message, help })
}

function lintProtection(source: AgreementSource, report: Report): void {
  const scope = source.agreement.schedule.protected
  const code = 'LINT_PROTECTION'
  if (scope === undefined) {
    const message = 'the schedule does not say whom its prohibitions protect'
    const help =
      'write `protected: { persons: all-natural-persons, data: [private, purchased, public, inferred], clause: … }`'
    warn(source, report, { code, line: 'protected', message, help })
    return
  }
  const { clause, persons, data } = scope
  if (persons !== 'all-natural-persons') {
    const message = `\`${persons}\` leaves everybody else without protection`
    const help = 'write `persons: all-natural-persons`'
    warn(source, report, { code, line: 'protected', clause, message, help })
  }
  if (!coversAllData(data)) {
    const message = 'the protection leaves out some of private, purchased, public and inferred data'
    const help = 'write `data: [private, purchased, public, inferred]`'
    warn(source, report, { code, line: 'protected', clause, message, help })
  }
}

function lintLoosening(source: AgreementSource, report: Report): void {
  for (const { id, clause, threshold, loosening, signers } of source.agreement.schedule.parties) {
    if (loosening > threshold) continue
    const message = `for \`${id}\` it takes no more signers to loosen this agreement than to tighten it`
    const help =
      signers.length > threshold
        ? `write \`loosening: ${threshold + 1}\`, or more`
        : 'list another signer: what loosens then asks for one more by itself'
    warn(source, report, { code: 'LINT_LOOSENING', line: `parties/${id}`, clause, message, help })
  }
}
