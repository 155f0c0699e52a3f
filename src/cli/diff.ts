/** `servanda diff`: what a version allows that another does not, and the other way round, in sentences. */
import { writeFile } from 'node:fs/promises'
import { compareAgreements, compileAgreement } from '../agreement/index.ts'
import type { Diagnostic } from '../agreement/index.ts'
import { confirmComparison } from '../decision/index.ts'
import { findAgreementFile, readAgreementText } from './agreement-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import { diffJson } from './diff/json.ts'
import { diffPage } from './diff/page.ts'
import { diffReport, isWeaker } from './diff/report.ts'
import type { ComparedFile } from './diff/report.ts'
import { diffText } from './diff/text.ts'

const usage = `usage: servanda diff OLD NEW [--html FILE] [--json]

  OLD     an agreement file, the same without its ending, or a directory, of which the last version is meant
  NEW     another version of it, or another agreement
  --html  also writes a page for counsel, whole in one file, without scripts
  --json  the result as one JSON object: every case, and for each change a request that \`servanda explain\` reads

Exit code 0: NEW is equivalent or stronger; 1: weaker, or weaker in places; 2: usage, or a file with errors.
`

/** Nothing is said that cedar has not confirmed: a comparison that fails there fails the command. */
export const diff = command({
  usage,
  operands: { old: 'needed', new: 'needed' },
  options: { html: 'optional' },
  async run({ old, new: young, html }, output) {
    const [before, after] = [compiledFile(old), compiledFile(young)]
    const comparison = compareAgreements(before.agreement, after.agreement)
    const { situations } = confirmComparison(before.agreement, after.agreement, comparison)
    const report = diffReport({ before, after, comparison, confirmed: situations })
    if (html !== undefined) await writeFile(html, diffPage(report))
    output.answer(diffJson(report), diffText(report))
    return isWeaker(comparison) ? 1 : 0
  },
})

function compiledFile(path: string): ComparedFile {
  const file = findAgreementFile(path)
  const { agreement, diagnostics } = compileAgreement(readAgreementText(file))
  if (agreement === null) throw new CliError('CLI_FILE', errorsInWords(file, diagnostics))
  return { file, agreement }
}

function errorsInWords(file: string, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const count = errors === 1 ? '1 error' : `${errors} errors`
  return `\`${file}\` has ${count}, so there is nothing to compare; \`servanda check ${file}\` lists them`
}
