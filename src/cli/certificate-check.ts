/** Whether a certificate says what the entries give: it counts along while the log is audited. */
import { readFile } from 'node:fs/promises'
import {
  openExclusion,
  parseCertificate,
  verifyCertificateSignature,
  verifyCertificateStatement,
} from '../certificate/index.ts'
import type { ExclusionStatement } from '../certificate/index.ts'
import { parseVkey } from '../ledger/index.ts'
import type { VerifyOptions } from '../ledger/index.ts'

export interface CertificateCheck {
  readonly file: string
  readonly add: NonNullable<VerifyOptions['onEntry']>
  /** Asked once the whole audit has passed. Throws `CertificateError`, a finding about this file. */
  readonly verify: () => ExclusionStatement
}

/** Throws `CERTIFICATE_MALFORMED` for a file that holds none. */
export async function openCertificateCheck(
  file: string,
  vkeys: readonly string[],
): Promise<CertificateCheck> {
  const certificate = parseCertificate(await readFile(file))
  const exclusion = openExclusion(certificate.query)
  return {
    file,
    add: (leaf, index, entry) => exclusion.add(leaf, index, entry),
    verify() {
      verifyCertificateSignature(certificate, vkeys.map(parseVkey))
      const statement = exclusion.statement()
      verifyCertificateStatement(certificate, statement)
      return statement
    },
  }
}

/** What it certifies, and all that it does not. */
export function certificateText(statement: ExclusionStatement): string[] {
  const { supplier, from, to, counts, callsByProvider, range, limits } = statement
  const others = Object.entries(callsByProvider).map(([code, calls]) => `${calls} to \`${code}\``)
  return [
    `no call to \`${supplier}\` from ${from} to ${to} (entries ${range.start} to ${range.end - 1} of ${statement.origin})`,
    `  ${counts.calls} calls${others.length > 0 ? `: ${others.join(', ')}` : ''}; ${counts.refusedToSupplier} refused to \`${supplier}\``,
    ...doubts(statement).map((doubt) => `  but: ${doubt}`),
    ...limits.map((limit) => `  limit: ${limit}`),
  ]
}

function doubts(statement: ExclusionStatement): string[] {
  const { counts, supplier, begins } = statement
  const { gaps, gapRefusals, interrupted } = counts
  return [
    [!statement.coversWholePeriod, `the log begins at ${begins}, after the period does`],
    [
      !statement.supplierNamed,
      `no entry names \`${supplier}\` as a provider: look whether the code is right`,
    ],
    [gaps > 0, `${gaps} gaps, in which ${gapRefusals} refusals could not be written`],
    [interrupted > 0, `${interrupted} calls ended with the program and without an account of their own`],
    [statement.rehearsal, 'some calls went to a script and to no model'],
    [statement.demo, 'demonstration keys signed an agreement of this log, by its own account'],
  ].flatMap(([applies, doubt]) => (applies === true ? [String(doubt)] : []))
}
