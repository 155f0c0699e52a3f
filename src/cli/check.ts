/** `servanda check`: what is wrong with agreement files, and whether cedar reads them as the compiled rules do. */
import { compileAgreement } from '../agreement/index.ts'
import type { Agreement, Diagnostic } from '../agreement/index.ts'
import { isErrorCode, messageOf } from '../base/index.ts'
import { requireAgreesWithOracle } from '../decision/index.ts'
import { readAgreementText } from './agreement-file.ts'
import { command } from './command.ts'

const usage = `usage: servanda check FILE... [--json]

  FILE    an agreement file
  --json  the result as one JSON object
`

interface CheckedFile {
  readonly file: string
  readonly agreement: Agreement | null
  readonly diagnostics: readonly Diagnostic[]
  /** Requests decided both by the compiled rules and by cedar; 0 where the file has errors. */
  readonly requests: number
  /** Where the two differ. */
  readonly mismatch?: string
}

/** Exit code 0: no errors; 1: errors; 2: wrong usage, or a file that cannot be read. */
export const check = command({
  usage,
  operands: { file: 'some' },
  options: {},
  async run({ file: paths }, output) {
    const files: CheckedFile[] = []
    for (const path of paths) files.push(checkText(path, await readAgreementText(path)))
    const good = files.every(isGood)
    output.answer({ good, files: files.map(jsonOf) }, files.map(textOf).join(''))
    return good ? 0 : 1
  },
})

function isGood({ agreement, mismatch }: CheckedFile): boolean {
  return agreement !== null && mismatch === undefined
}

function checkText(file: string, text: string): CheckedFile {
  const { agreement, diagnostics } = compileAgreement(text)
  if (agreement === null) return { file, agreement, diagnostics, requests: 0 }
  try {
    return { file, agreement, diagnostics, requests: requireAgreesWithOracle(agreement).requests }
  } catch (error) {
    if (!isErrorCode(error, 'DECISION_ORACLE_MISMATCH')) throw error
    return { file, agreement, diagnostics, requests: 0, mismatch: messageOf(error) }
  }
}

function jsonOf(checked: CheckedFile): object {
  const { file, agreement, diagnostics, requests, mismatch } = checked
  return {
    file,
    good: isGood(checked),
    ...(agreement === null ? {} : { ...summaryOf(agreement), requests }),
    diagnostics,
    ...(mismatch === undefined ? {} : { mismatch }),
  }
}

function summaryOf({ schedule, hash, rules, clauses }: Agreement): Record<string, string | number> {
  const numbered = [...clauses.keys()].filter((id) => !id.startsWith('system.'))
  return {
    id: schedule.id,
    version: schedule.version,
    hash,
    clauses: numbered.length,
    permits: rules.filter((rule) => rule.effect === 'permit').length,
    holds: rules.filter((rule) => rule.liftedBy.length > 0).length,
    forbids: rules.filter((rule) => rule.effect === 'forbid' && rule.liftedBy.length === 0).length,
  }
}

function textOf(checked: CheckedFile): string {
  const { file, agreement, diagnostics, requests, mismatch } = checked
  const lines = diagnostics.flatMap((each) => diagnosticLines(file, each))
  if (mismatch !== undefined) lines.push(`${file}: error DECISION_ORACLE_MISMATCH: ${mismatch}`)
  const errors = diagnostics.filter((each) => each.severity === 'error').length
  if (agreement === null) lines.push(`${file}: ${errors} ${errors === 1 ? 'error' : 'errors'}`)
  else if (mismatch === undefined) {
    const { id, version, hash, clauses, permits, holds, forbids } = summaryOf(agreement)
    lines.push(
      `${file}: good`,
      `  ${id} version ${version}, ${hash}`,
      `  ${clauses} clauses, ${permits} permits, ${forbids} forbids, ${holds} holds`,
      `  cedar decides ${requests} requests as the compiled rules do`,
    )
  }
  return `${lines.join('\n')}\n`
}

function diagnosticLines(
  file: string,
  { code, severity, line, column, clause, message, help }: Diagnostic,
): string[] {
  const place = clause === undefined ? '' : ` clause ${clause}:`
  const first = `${file}:${line}:${column}: ${severity} ${code}${clause === undefined ? ':' : ''}${place} ${message}`
  return help === undefined ? [first] : [first, `  help: ${help}`]
}
