/** `servanda check`: what is wrong with agreement files, and whether cedar reads them as the compiled rules do. */
import { writeFile } from 'node:fs/promises'
import { checkAgreement } from '../agreement/index.ts'
import type { Agreement, CheckedAgreement, Diagnostic, Severity } from '../agreement/index.ts'
import { isErrorCode, messageOf, systemClock } from '../base/index.ts'
import { requireAgreesWithOracle } from '../decision/index.ts'
import { parseReviewers, unsatisfiableLevels, unsatisfiableText } from '../oversight/index.ts'
import type { RegisteredReviewer, UnsatisfiableLevel } from '../oversight/index.ts'
import { createScreener } from '../screening/index.ts'
import { findAgreementFile, readAgreementText } from './agreement-file.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { sarifOf } from './sarif.ts'

const usage = `usage: servanda check FILE... [--reviewers FILE] [--sarif OUT] [--json]

  FILE         an agreement file
  --reviewers  a reviewers file: whether those it lists can approve what the rules hold
  --sarif      what was found as SARIF 2.1.0, for editors and forges, into this file; - for the
               standard output, in place of the text
  --json       the result as one JSON object
`

interface CheckedFile extends CheckedAgreement {
  readonly file: string
  /** Requests decided both by the compiled rules and by cedar; 0 where the file has errors. */
  readonly requests: number
  /** Whether every rule was put to the proof; so it is before the agreement comes into force. */
  readonly complete: boolean
  /** Where the two differ. */
  readonly mismatch?: string
  /** Levels that the listed reviewers can never satisfy; none where no list is given. */
  readonly unsatisfiable: readonly UnsatisfiableLevel[]
  /** Signals that no detector finds. */
  readonly unheard: readonly string[]
}

/** Exit code 0: no errors; 1: errors, of lint too, or reviewers who are too few; 2: wrong usage, or a file that cannot be read. */
export const check = command({
  usage,
  operands: { file: 'some' },
  options: { sarif: 'optional', reviewers: 'optional' },
  async run({ file: paths, sarif, reviewers: listed }, output) {
    if (sarif === '-' && output.json)
      throw new CliError('CLI_USAGE', '`--sarif -` and `--json` exclude each other')
    if (sarif === '-' && listed !== undefined)
      throw new CliError('CLI_USAGE', '`--sarif -` and `--reviewers` exclude each other')
    const reviewers = listed === undefined ? null : parseReviewers(readBounded(listed), listed)
    const files: CheckedFile[] = []
    for (const path of paths.map(findAgreementFile)) {
      const checked = checkText(path, readAgreementText(path), reviewers)
      files.push({ ...checked, unheard: await unheardIn(checked.agreement) })
    }
    const good = files.every(isGood)
    await answer(files, good, sarif, output)
    return good ? 0 : 1
  },
})

async function answer(
  files: readonly CheckedFile[],
  good: boolean,
  sarif: string | undefined,
  output: Output,
): Promise<void> {
  const log = sarif === undefined ? '' : `${JSON.stringify(sarifOf(files, process.cwd()), null, 2)}\n`
  if (sarif === '-') {
    output.out(log)
    return
  }
  if (sarif !== undefined) await writeFile(sarif, log)
  output.answer({ good, files: files.map(jsonOf) }, files.map(textOf).join(''))
}

function isGood({ isSignable, mismatch, unsatisfiable }: CheckedFile): boolean {
  return isSignable && mismatch === undefined && unsatisfiable.length === 0
}

/** Policies that Cedar judges: about ten seconds, and all there is to ask of some hundred rules. */
const policiesMax = 1_000_000

/** A rule that rests on what nobody listens for is no rule, and no gate would serve under it. */
async function unheardIn(agreement: Agreement | null): Promise<string[]> {
  if (agreement === null) return []
  const { signals } = agreement.schedule
  await using screener = createScreener({ agreementPhrases: signals })
  return signals.map(({ id }) => id).filter((id) => !screener.signals.includes(id))
}

function unheardText(id: string): string {
  return `warning: no detector of this gateway finds \`${id}\`, so none would serve under it: give it \`phrases\`, or use a signal that is built in`
}

function checkText(
  file: string,
  text: string,
  reviewers: readonly RegisteredReviewer[] | null,
): Omit<CheckedFile, 'unheard'> {
  const found = checkAgreement(text)
  const unsatisfiable = found.agreement && reviewers ? unsatisfiableLevels(found.agreement, reviewers) : []
  const checked = { ...found, file, unsatisfiable }
  if (checked.agreement === null) return { ...checked, requests: 0, complete: true }
  try {
    return { ...checked, ...requireAgreesWithOracle(checked.agreement, { policiesMax }) }
  } catch (error) {
    if (!isErrorCode(error, 'DECISION_ORACLE_MISMATCH')) throw error
    return { ...checked, requests: 0, complete: true, mismatch: messageOf(error) }
  }
}

function jsonOf(checked: CheckedFile): object {
  const { file, agreement, diagnostics, requests, complete, mismatch, unsatisfiable, unheard } = checked
  return {
    file,
    good: isGood(checked),
    compiles: agreement !== null,
    ...(agreement === null ? {} : { ...summaryOf(agreement), requests, complete }),
    diagnostics,
    unsatisfiable,
    unheard,
    ...(mismatch === undefined ? {} : { mismatch }),
  }
}

/** Whoever checks an agreement that is over must not take it for one that could serve. */
function endedLine({ schedule: { term } }: Agreement): string[] {
  if (systemClock.now() < term.until) return []
  return [`  its term ended ${new Date(term.until).toISOString()}: every call under it is refused`]
}

function summaryOf({ schedule, hash, rules, clauses }: Agreement): Record<string, string | number> {
  const numbered = [...clauses.keys()].filter((id) => !id.startsWith('system.'))
  return {
    id: schedule.id,
    version: schedule.version,
    hash,
    until: new Date(schedule.term.until).toISOString(),
    clauses: numbered.length,
    permits: rules.filter((rule) => rule.effect === 'permit').length,
    holds: rules.filter((rule) => rule.liftedBy.length > 0).length,
    forbids: rules.filter((rule) => rule.effect === 'forbid' && rule.liftedBy.length === 0).length,
  }
}

function textOf(checked: CheckedFile): string {
  const { file, agreement, diagnostics, requests, complete, mismatch, unsatisfiable, unheard } = checked
  const lines = diagnostics.flatMap((each) => diagnosticLines(file, each))
  if (mismatch !== undefined) lines.push(`${file}: error DECISION_ORACLE_MISMATCH: ${mismatch}`)
  lines.push(...unheard.map((id) => `${file}: ${unheardText(id)}`))
  lines.push(...unsatisfiable.map((one) => `${file}: ${unsatisfiableText(one)}`))
  if (agreement === null || mismatch === undefined) lines.push(`${file}: ${resultOf(checked)}`)
  if (agreement !== null && mismatch === undefined) {
    const { id, version, hash, clauses, permits, holds, forbids } = summaryOf(agreement)
    lines.push(
      `  ${id} version ${version}, ${hash}`,
      `  ${clauses} clauses, ${permits} permits, ${forbids} forbids, ${holds} holds`,
      ...endedLine(agreement),
      `  cedar decides ${requests} requests as the compiled rules do${complete ? '' : ', and was not asked about every rule'}`,
    )
  }
  return `${lines.join('\n')}\n`
}

/** `good`, `good, 2 warnings`, `not to be signed: 1 error, 2 warnings`; without an agreement the errors alone. */
function resultOf({ agreement, diagnostics, isSignable, unsatisfiable }: CheckedFile): string {
  const errors = countOf(diagnostics, 'error')
  const warnings = countOf(diagnostics, 'warning')
  if (agreement === null) return errors
  const good = unsatisfiable.length === 0 ? 'good' : 'the reviewers are too few'
  if (isSignable) return warnings === '' ? good : `${good}, ${warnings}`
  return `not to be signed: ${[errors, warnings].filter((each) => each !== '').join(', ')}`
}

function countOf(diagnostics: readonly Diagnostic[], severity: Severity): string {
  const count = diagnostics.filter((each) => each.severity === severity).length
  return count === 0 ? '' : `${count} ${severity}${count === 1 ? '' : 's'}`
}

function diagnosticLines(
  file: string,
  { code, severity, line, column, clause, message, help }: Diagnostic,
): string[] {
  const place = clause === undefined ? '' : ` clause ${clause}:`
  const first = `${file}:${line}:${column}: ${severity} ${code}${clause === undefined ? ':' : ''}${place} ${message}`
  return help === undefined ? [first] : [first, `  help: ${help}`]
}
