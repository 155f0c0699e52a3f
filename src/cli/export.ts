/** `servanda export`: an agreement in the forms that others work with: Cedar's tools, and paper. */
import { reportSignatures } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { JsonError, parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { readAgreement } from './agreement-file.ts'
import { readBounded } from './bounded-file.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { cedarFiles } from './export/cedar-files.ts'
import { documentOf } from './export/document.ts'
import type { Signatures } from './export/signature-pages.ts'
import { writeAllNew, writeNew } from './export/write-new.ts'

const usage = `usage: servanda export cedar FILE --out DIR [--json]
       servanda export html FILE [--signatures FILE [--previous FILE]] --out FILE.html [--json]

  cedar         policies.cedar, schema.cedarschema and entities.json, as the tools of Cedar take them
  html          one page made for paper (A4): prose, rules, schedule, signatures, digests
  FILE          an agreement file
  --signatures  the envelope of its signatures, which need not be complete
  --previous    the version that FILE amends, whose signers count too; needed with the signatures of an amendment
  --out         what to write; files that are there are left as they are
  --json        the result as one JSON object
`

/** Named so because `export` is a word of the language. */
export const exportAgreement = command({
  usage,
  operands: { form: 'needed', file: 'needed' },
  options: { out: 'needed', signatures: 'optional', previous: 'optional' },
  run({ form, file, out, signatures, previous }, output) {
    if (form !== 'cedar' && form !== 'html') {
      throw new CliError('CLI_USAGE', `\`${form}\` is neither cedar nor html`)
    }
    if (form === 'cedar' && signatures !== undefined) {
      throw new CliError('CLI_USAGE', '--signatures goes with `html` alone')
    }
    if (signatures === undefined && previous !== undefined) {
      throw new CliError('CLI_USAGE', '--previous goes with --signatures alone')
    }
    const agreement = readAgreement(file)
    if (form === 'cedar') writeAllNew(out, cedarFiles(agreement))
    else {
      const read = signatures === undefined ? null : readSignatures(agreement, signatures, previous)
      writeNew(out, documentOf(agreement, read))
    }
    return Promise.resolve(tell({ form, out, agreement }, output))
  },
})

/** Throws `AgreementError` where the envelope signs anything but this agreement. */
function readSignatures(agreement: Agreement, path: string, previousPath: string | undefined): Signatures {
  const envelope = readJson(path)
  if (previousPath === undefined) return { report: reportSignatures(agreement, envelope) }
  const previous = readAgreement(previousPath)
  return { report: reportSignatures(agreement, envelope, previous), previous }
}

function readJson(path: string): Json {
  try {
    return parseJson(readBounded(path))
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new CliError('CLI_FILE', `\`${path}\`: ${cause.message}`, { cause })
  }
}

interface Written {
  readonly form: string
  readonly out: string
  readonly agreement: Agreement
}

function tell({ form, out, agreement: { schedule, hash } }: Written, output: Output): number {
  const { id, version } = schedule
  output.answer({ form, out, agreement: id, version, hash }, `${out}: ${id} version ${version}, ${hash}\n`)
  return 0
}
