/** Certificates that are true, and those that are not, for every program that shall tell them apart. */
import { canonicalJson, newPrivateKey, signEnvelope, signerFromKey, utf8 } from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { formatLeaf, merkleRoot } from '../ledger/index.ts'
import { exclusionStatement } from './exclusion.ts'
import { activation, agencyKey, certificateEntry, intent, minute, openSampleLog } from './sample-logs.ts'
import { outcome, refusal } from './sample-logs.ts'
import type { SampleLog } from './sample-logs.ts'
import type { ExclusionStatement } from './statement.ts'

const period = { supplier: 'nimbus', from: minute(10), to: minute(20) }

/** Calls before, at the start of, in, and at the end of the period from 10 to 20, the one at 15 to `provider`. */
export function logOfPeriod(provider = 'cumulus'): SampleLog {
  const log = openSampleLog()
  log.add(0, { kind: 'opened', origin: agencyKey.origin })
  log.add(0, activation())
  for (const at of [9, 10, 15, 20]) {
    const exchange = `ex_${at}`
    const of = log.add(at, intent(exchange, at === 15 ? provider : 'cumulus'))
    log.add(at, outcome(exchange, of))
    log.add(at, refusal(`refused_${at}`, 'nimbus'))
  }
  return log
}

/** A log that asks for a certificate about `nimbus`, and the certificate. */
export function certifiedLog(): { readonly log: SampleLog; readonly statement: ExclusionStatement } {
  const log = logOfPeriod()
  const entry = log.add(30, certificateEntry('nimbus', 10, 20))
  return { log, statement: stated(log, entry) }
}

function stated(log: SampleLog, entry: number): ExclusionStatement {
  const entries = log.leaves.map((leaf) => [leaf, formatLeaf(leaf)] as const)
  return exclusionStatement(entries, { ...period, entry })
}

/** The file, signed whatever the statement says. */
export async function certificateFile(statement: object, signer: Signer = agencyKey.signer): Promise<string> {
  const payload = utf8(canonicalJson(statement as Json))
  return JSON.stringify(await signEnvelope('application/vnd.servanda.certificate+json', payload, [signer]))
}

export interface Forgery {
  readonly claim: string
  readonly log: SampleLog
  readonly certificate: string
  /** What is found, and in which member. */
  readonly code: string
  readonly member?: string
  /** Found in the log before the certificate is looked at. */
  readonly ledger?: string
}

/** Each signed by the key of the log, but for one: what the operator could do. */
export async function forgeries(): Promise<readonly Forgery[]> {
  const { log, statement } = certifiedLog()
  const { counts, range, predicate, limits } = statement
  const hidden = logOfPeriod('nimbus')
  hidden.add(30, certificateEntry('nimbus', 10, 20))
  const removed = openSampleLog(without(log, 8))
  const shorter = openSampleLog(log.leaves.slice(0, 12))
  const falsely = async (claim: string, change: object, member: string): Promise<Forgery> => {
    const certificate = await certificateFile({ ...statement, ...change })
    return { claim, log, certificate, code: 'CERTIFICATE_FALSE', member }
  }
  const iso = (time: number): string => new Date(time).toISOString()
  return [
    {
      claim: 'a call to the supplier that the certificate does not count',
      log: hidden,
      certificate: await certificateFile({ ...statement, root: rootOf(hidden) }),
      code: 'CERTIFICATE_IMPOSSIBLE',
    },
    {
      claim: 'an entry that was taken out',
      log: removed,
      certificate: await certificateFile(statement),
      code: 'CERTIFICATE_NOT_COVERED',
    },
    {
      claim: 'a log that ends before the certificate',
      log: shorter,
      certificate: await certificateFile(statement),
      code: 'CERTIFICATE_NOT_COVERED',
    },
    {
      claim: 'a signature by another key',
      log,
      certificate: await certificateFile(statement, signerFromKey(newPrivateKey())),
      code: 'CERTIFICATE_SIGNATURE',
    },
    await falsely('a wrong root', { root: Buffer.alloc(32).toString('base64') }, 'root'),
    await falsely('a period that is shifted', { from: iso(minute(9)), to: iso(minute(21)) }, 'entry'),
    await falsely('a wrong count', { counts: { ...counts, calls: 1 } }, 'counts.calls'),
    await falsely('a wrong range', { range: { ...range, end: range.end - 1 } }, 'range.end'),
    await falsely('another predicate', { predicate: { ...predicate, version: 2 } }, 'predicate.version'),
    await falsely('limits left out', { limits: limits.slice(1) }, 'limits'),
    await falsely('another entry', { entry: statement.entry - 1 }, 'entry'),
    await falsely('a word more than the entries give', { accredited: true }, 'accredited'),
  ]
}

/** What is left without an exchange of two entries, written anew so that the log is whole again. */
function without(log: SampleLog, at: number): SampleLog['leaves'] {
  return log.leaves
    .filter(({ seq }) => seq !== at && seq !== at + 1)
    .map((leaf, seq) => {
      const moved = leaf.kind === 'outcome' && leaf.intent > at ? { ...leaf, intent: leaf.intent - 2 } : leaf
      return { ...moved, seq }
    })
}

function rootOf(log: SampleLog): string {
  return Buffer.from(merkleRoot(log.entries())).toString('base64')
}
