/** Issuing a certificate: the entry that bounds it first, then the audit of everything before, then the signature. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isErrorCode } from '../base/index.ts'
import type { Clock, Envelope, Signer } from '../base/index.ts'
import { readCheckpoint, verifyLedger } from '../ledger/index.ts'
import type { CertificateLeaf } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import { signCertificate } from './certificate.ts'
import { openExclusion, requirePeriod } from './exclusion.ts'
import type { Period } from './statement.ts'

export interface Issuer {
  /** Holds `checkpoint` and `tile/`. */
  readonly directory: string
  /** The log's own verifier key. */
  readonly vkey: string
  /** The log's own key. */
  readonly signer: Signer
  readonly clock: Clock
  /** Writes the entry durably and answers its index. */
  readonly note: (leaf: Omit<CertificateLeaf, 'v' | 'seq' | 'time'>) => Promise<{ readonly seq: number }>
  /** How long to wait for a checkpoint that covers the entry. */
  readonly patienceMs?: number
}

const patienceMs = 30_000
const pollMs = 50

/**
 * Certifies that no call went to the supplier in the period. The entry stays in the log whether or not there is
 * anything to certify. Throws `CERTIFICATE_PERIOD` before anything is written, `CERTIFICATE_IMPOSSIBLE` with the
 * first call, `CERTIFICATE_NOT_COVERED` where no checkpoint comes, and `LedgerError` where the log does not pass
 * its own audit: nothing is signed that this has not found in the published files.
 */
export async function issueExclusion(period: Period, issuer: Issuer): Promise<Envelope> {
  const { supplier, from, to } = period
  const { directory, vkey, signer, clock, note } = issuer
  requirePeriod(period, clock.now())
  const { seq: entry } = await note({ kind: 'certificate', certificate: 'exclusion', supplier, from, to })
  await untilCovered(entry, directory, issuer.patienceMs ?? patienceMs)
  const exclusion = openExclusion({ supplier, from, to, entry })
  await verifyLedger({
    directory,
    verifiers: [vkey],
    onEntry: (leaf, index, entry) => exclusion.add(leaf, index, entry),
  })
  return signCertificate(exclusion.statement(), signer)
}

async function untilCovered(entry: number, directory: string, patience: number): Promise<void> {
  for (let waited = 0; (await publishedSize(directory)) <= entry; waited += pollMs) {
    if (waited >= patience) {
      const message = `no checkpoint covers entry ${entry} yet: ask again later`
      throw new CertificateError('CERTIFICATE_NOT_COVERED', message, { index: entry })
    }
    await setTimeout(pollMs)
  }
}

/** 0 before the first checkpoint. */
async function publishedSize(directory: string): Promise<number> {
  try {
    return readCheckpoint(await readFile(join(directory, 'checkpoint'), 'utf8')).size
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return 0
    throw error
  }
}
