/** `servanda verify`: audits an evidence directory offline and says what that proves, and what not. */
import { existsSync } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyLedger } from '../ledger/index.ts'
import type { LedgerCheck } from '../ledger/index.ts'
import { AgreementCheck, storedTexts } from '../oversight/index.ts'
import type { TextOf } from '../oversight/index.ts'
import type { RecorderStore } from '../recorder/index.ts'
import { openSqliteRecorderStore } from '../store/index.ts'
import { readTexts } from './agreement-file.ts'
import { openCertificateCheck } from './certificate-check.ts'
import { command } from './command.ts'
import { readVkeys, requireEvidence } from './evidence-directory.ts'
import { openGateCounts } from './gate-counts.ts'
import { isFinding, passedLine, reportFinding, reportSummary } from './verify-report.ts'
import type { Audit } from './verify-report.ts'

const usage = `usage: servanda verify [DIR] [--vkey FILE|TEXT] [--outside FILE] [--agreements PATH]… [--records FILE]
                       [--certificate FILE]… [--json]

  DIR           the evidence directory, with checkpoint, tile/ and log.vkey (default: that of the settings)
  --vkey        the log's verifier key, or a file with one key per line (default: DIR/log.vkey)
  --outside     an earlier checkpoint of this log that the operator could not change
  --agreements  an agreement file that you signed, or a directory of them; may be repeated
                (default: the texts in the recorder's database, where it is at hand)
  --records     the recorder's database with the sealed records (default: DIR/../recorder.sqlite where it exists)
  --certificate a certificate of this log, which is recomputed from the entries; may be repeated
  --json        the result as one JSON object
`

/** Exit code 0: every check that could be done passed; 1: a finding; 2: wrong usage, or unreadable evidence. */
export const verify = command({
  usage,
  operands: { dir: 'optional' },
  options: {
    vkey: 'optional',
    outside: 'optional',
    agreements: 'any',
    records: 'optional',
    certificate: 'any',
  },
  async run(given, output) {
    const directory = requireEvidence(given.dir)
    const verifiers = await readVkeys(given.vkey, directory)
    const outside = given.outside === undefined ? undefined : await readFile(given.outside, 'utf8')
    await using store = await openStore(given.records, directory)
    const textOf = given.agreements.length > 0 ? readTexts(given.agreements) : await readStored(store)
    const agreements = new AgreementCheck(textOf)
    const certificates = await Promise.all(
      given.certificate.map((file) => openCertificateCheck(file, verifiers)),
    )
    const gate = openGateCounts()
    const passed: LedgerCheck[] = []
    const audit: Audit = {
      passed,
      agreements,
      keyIsFromDirectory: given.vkey === undefined,
      textsAreFromOperator: given.agreements.length === 0,
      outsideIsGiven: outside !== undefined,
      gate: gate.counts,
      certificates: given.certificate,
    }
    try {
      const summary = await verifyLedger({
        directory,
        verifiers,
        ...agreements.checks,
        ...(outside === undefined ? {} : { outside }),
        ...(store ? { readRecord: (seq) => store.readSealed(seq) } : {}),
        onEntry(leaf, index, entry) {
          agreements.add(leaf)
          gate.add(leaf)
          for (const certificate of certificates) certificate.add(leaf, index, entry)
        },
        onPassed(check, detail) {
          passed.push(check)
          if (!output.json) output.out(passedLine(check, detail))
        },
      })
      const certified = certificates.map(({ file, verify }) => ({ file, statement: verify() }))
      reportSummary(summary, certified, audit, output)
      return 0
    } catch (error) {
      if (!isFinding(error)) throw error
      reportFinding(error, audit, output)
      return 1
    }
  },
})

/** The recorder's database that was named, else the one that the gateway keeps beside the evidence. */
async function openStore(named: string | undefined, directory: string): Promise<RecorderStore | undefined> {
  const path = named ?? join(directory, '..', 'recorder.sqlite')
  if (named === undefined && !existsSync(path)) return undefined
  await access(path)
  return openSqliteRecorderStore(path, { readOnly: true })
}

async function readStored(store: RecorderStore | undefined): Promise<TextOf> {
  return storedTexts(store ? (await store.load()).activations : [])
}
