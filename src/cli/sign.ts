/** `servanda sign`: adds signatures of a party to those over a version of an agreement. */
import {
  amendmentOf,
  cooledOffAt,
  demoKeyName,
  keysOf,
  reportSignatures,
  signStatement,
  statedEffective,
  statementOf,
} from '../agreement/index.ts'
import type { AgreementStatement } from '../agreement/index.ts'
import { systemClock } from '../base/index.ts'
import type { Envelope, Signer } from '../base/index.ts'
import { confirmedAmendment } from '../decision/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { Output } from './command.ts'
import { parseInstantOption } from './instant-option.ts'
import { printableLine } from './printable.ts'
import { lackingLines } from './signatures.ts'
import { addSignatures, readSignaturesFile, signaturesPath } from './signatures-file.ts'
import { areSignersNamed, publicKeyText, readSigners, signerOptions, signerUsage } from './signing-keys.ts'
import { readVersions, verdictText } from './versions.ts'
import type { Versions } from './versions.ts'

const usage = `usage: servanda sign FILE --effective TIME --key FILE … [--previous OLDFILE] [--join FILE]… [--out FILE] [--json]

  FILE         the agreement file to sign, in which \`servanda check\` finds no error
  --effective  from when it shall be in force, such as 2027-01-01T00:00:00Z (default: as whoever signed before has it)
  --previous   the file of the version before; needed from version 2 on
  --key        private key file of a signer whom this version or the one before lists; may be repeated
${signerUsage}  --demo-key PARTY[/SIGNER]
               in the place of --key, a demonstration key of a party, which anyone can derive
  --join       signatures over the very same, from another file; may be repeated
  --out        the file with the signatures (default: FILE.signatures.json), which is made or added to
  --json       the result as one JSON object

  What is signed is shown before it is signed. Until all have signed who must, it has no effect.
`

/** Exit code 0 when the signatures are in the file, whether or not they are enough. */
export const sign = command({
  usage,
  operands: { file: 'needed' },
  options: { effective: 'optional', previous: 'optional', ...signerOptions, join: 'any', out: 'optional' },
  async run({ file, effective, previous: before, join, out, ...given }, output) {
    if (!areSignersNamed(given) && join.length === 0) throw new CliError('CLI_USAGE', '--key FILE is missing')
    const versions = readVersions(file, before)
    const path = out ?? signaturesPath(file)
    const joined = join.map(requireSignatures)
    const time = effectiveFrom(effective, [readSignaturesFile(path), ...joined])
    const statement = statementOf(versions.agreement, time)
    output.err(statementText(statement, versions))
    warnOfHaste(time, versions, output)
    const { id } = versions.agreement.schedule
    const signers = await readSigners(given, output, (party) => demoKeyName(id, party))
    for (const signer of signers) requireListed(signer, versions)
    const envelope = addSignatures(path, [await signStatement(statement, signers), ...joined])
    const { agreement, previous } = versions
    const report = reportSignatures(agreement, envelope, previous)
    const count = envelope.signatures.length
    output.answer(
      { file: path, signatures: count, complete: report.lacking.length === 0, ...report },
      `${[`${path}: ${count} signature${count === 1 ? '' : 's'}`, ...lackingLines(report)].join('\n')}\n`,
    )
    return 0
  },
})

function requireSignatures(path: string): Envelope {
  const envelope = readSignaturesFile(path)
  if (envelope) return envelope
  throw new CliError('CLI_FILE', `\`${path}\`: there is no such file`)
}

function effectiveFrom(given: string | undefined, signed: readonly (Envelope | null)[]): number {
  if (given !== undefined) return parseInstantOption('--effective', given)
  const stated = signed.map((one) => (one === null ? null : statedEffective(one)))
  const first = stated.find((time) => time !== null)
  if (first !== undefined) return first
  throw new CliError('CLI_USAGE', '--effective is missing: from when shall it be in force?')
}

/** Nobody's signature is made that would count for nothing. */
function requireListed(signer: Signer, { agreement, previous }: Versions): void {
  const key = publicKeyText(signer)
  const versions = previous === undefined ? [agreement] : [previous, agreement]
  if (versions.some((version) => keysOf(version).includes(key))) return
  const listed = versions.map(({ schedule }) => schedule.version).join(' and ')
  const message = `the key ${key} is no signer's under version ${listed} of \`${agreement.schedule.id}\`, so its signature would count for nothing`
  throw new CliError('CLI_SIGNATURES', message)
}

function statementText(statement: AgreementStatement, { agreement, previous }: Versions): string {
  const { text, rules, schema, compiler, effective } = statement
  const amendment = previous === undefined ? null : confirmedAmendment(previous, agreement)
  const lines = [
    `signing: \`${statement.agreement}\` version ${statement.version}, in force from ${effective}: ${agreement.schedule.title}`,
    `  text     ${text}`,
    `  rules    ${rules}`,
    `  schema   ${schema}, by ${compiler}`,
    ...(statement.previous === undefined ? [] : [`  previous ${statement.previous}`]),
    `  ${verdictText(amendment, previous)}`,
  ]
  return `${lines.map(printableLine).join('\n')}\n`
}

/** It may be meant for a gate that is new and has judged nothing, so it is no mistake. */
function warnOfHaste(effective: number, { agreement, previous }: Versions, output: Output): void {
  if (previous === undefined || !amendmentOf(previous, agreement).loosens) return
  const earliest = cooledOffAt(previous, systemClock.now())
  if (effective >= earliest) return
  const time = new Date(earliest).toISOString()
  output.err(
    `  WARNING: a gate that has judged by version ${previous.schedule.version} takes it for no time before ${time}, and later if it is made known later\n`,
  )
}
