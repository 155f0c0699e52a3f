/** `servanda signatures`: who has signed a version of an agreement, what is missing, and what counts for nothing. */
import { reportSignatures, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement, SignatureReport } from '../agreement/index.ts'
import { command } from './command.ts'
import { printableLine } from './printable.ts'
import { readSignaturesFile, signaturesPath } from './signatures-file.ts'
import { readVersions, verdictText } from './versions.ts'

const usage = `usage: servanda signatures FILE [--previous OLDFILE] [--signatures FILE] [--json]

  FILE          the agreement file
  --previous    the file of the version before; needed from version 2 on
  --signatures  the file with the signatures (default: FILE.signatures.json)
  --json        the result as one JSON object
`

/** Exit code 0: all have signed who must; 1: not all; 2: wrong usage, or a file that cannot be read. */
export const signatures = command({
  usage,
  operands: { file: 'needed' },
  options: { previous: 'optional', signatures: 'optional' },
  async run({ file, previous: before, signatures: named }, output) {
    const { agreement, previous } = readVersions(file, before)
    const path = named ?? signaturesPath(file)
    const found = readSignaturesFile(path)
    const envelope = found ?? (await signStatement(statementOf(agreement, agreement.schedule.term.from), []))
    const report = reportSignatures(agreement, envelope, previous)
    const complete = report.lacking.length === 0
    const { statement, ...rest } = report
    output.answer(
      { file: path, complete, statement: found === null ? null : statement, ...rest },
      `${[...headLines(report, found === null ? null : statement.effective, previous), ...reportLines(report)].map(printableLine).join('\n')}\n`,
    )
    return complete ? 0 : 1
  },
})

function headLines(
  { statement, amendment }: SignatureReport,
  effective: string | null,
  previous: Agreement | undefined,
): string[] {
  const signed = effective === null ? 'nobody has signed' : `signed for ${effective}`
  return [
    `\`${statement.agreement}\` version ${statement.version}, ${statement.text}: ${signed}`,
    `  ${verdictText(amendment, previous)}`,
  ]
}

function reportLines(report: SignatureReport): string[] {
  const { counted, ignored, demoParties } = report
  return [
    ...counted.map(({ party, version, signer, title }) => {
      const name = title === undefined ? signer : `${signer}, ${title}`
      return `signed   ${party} under version ${version}: ${name}`
    }),
    ...ignored.map(({ keyid, reason }) => `ignored  ${ignoredText[reason]}, ${keyid}`),
    ...demoParties.map(
      (party) => `DEMO     ${party}: anyone can make a key that signed, so this binds nobody`,
    ),
    ...lackingLines(report),
  ]
}

const ignoredText: Readonly<Record<SignatureReport['ignored'][number]['reason'], string>> = {
  bad: "a signature that is not over this, under a signer's key",
  unknown: 'a signature of a key that is no signer’s',
  repeated: 'a signature of a key that has signed already',
}

/** What is missing, or that nothing is. */
export function lackingLines({
  lacking,
  amendment,
}: Pick<SignatureReport, 'lacking' | 'amendment'>): string[] {
  const waits = amendment?.loosens === true
  if (lacking.length === 0) {
    const then = waits ? 'it loosens, so each gate makes it known and waits' : 'it may come into force'
    return [`complete: all have signed who must; ${then} (\`servanda activate\`)`]
  }
  const why = waits ? ', for it loosens what was agreed' : ''
  return [
    ...lacking.map(
      ({ party, version, needed, found }) =>
        `missing  ${party} under version ${version}: ${found} of ${needed} signers${why}`,
    ),
    'it has no effect until all of these have signed',
  ]
}
