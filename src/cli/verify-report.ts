/** What `servanda verify` says of an audit: every check, passed or not done, and what all of it does not show. */
import { CertificateError } from '../certificate/index.ts'
import type { ExclusionStatement } from '../certificate/index.ts'
import { LedgerError, ledgerChecks } from '../ledger/index.ts'
import type { LedgerCheck, LedgerErrorCode, LedgerSummary } from '../ledger/index.ts'
import type { AgreementCheck } from '../oversight/index.ts'
import { certificateText } from './certificate-check.ts'
import type { Output } from './command.ts'
import { gateLines } from './gate-counts.ts'
import type { GateCounts } from './gate-counts.ts'

const oneParty =
  'one party runs this gate, and this is its log alone: `servanda reconcile` compares it with that of the other ' +
  'gate, and names every call that stands in one only.'
const withoutOutside =
  'no checkpoint from outside was given: this proves nothing against an operator who keeps several histories. ' +
  'Keep checkpoints where the operator cannot change them, and give one with --outside.'
const withOutside =
  'the log continues the checkpoint from outside. Entries after it have no witness here but the operator.'
const keyFromDirectory =
  'the key was read from the evidence itself: compare it with the one that you were given by another way.'
const textsFromOperator =
  "the agreements were read from the operator's database: compare their digests with the texts that you signed, " +
  'or give those with --agreements.'
const certificateClaim = 'the certificate says what the entries give'
const recordsUnread = 'sealed records were not read: their digests are not checked.'

/** The check that a finding belongs to. */
const failedCheck: Partial<Record<LedgerErrorCode, LedgerCheck>> = {
  LEDGER_NOTE: 'signature',
  LEDGER_SIGNATURE: 'signature',
  LEDGER_CHECKPOINT: 'signature',
  LEDGER_TILE_MISSING: 'tiles',
  LEDGER_TILE_FALSE: 'tiles',
  LEDGER_ROOT: 'root',
  LEDGER_OUTSIDE: 'outside',
  LEDGER_LEAF: 'leaves',
  LEDGER_SEQUENCE: 'sequence',
  LEDGER_TIME: 'time',
  LEDGER_ORIGIN: 'origin',
  LEDGER_ACTIVATION: 'activations',
  LEDGER_SIGNATURES: 'signatures',
  LEDGER_ANNOUNCED: 'announcements',
  LEDGER_AGREEMENT: 'agreements',
  LEDGER_OUTCOME: 'outcomes',
  LEDGER_EXCHANGE: 'outcomes',
  LEDGER_HOLD: 'holds',
  LEDGER_DECISIONS: 'decisions',
  LEDGER_APPROVALS: 'approvals',
  LEDGER_ORDER: 'stops',
  LEDGER_ORDERS: 'orders',
  LEDGER_STOPPED: 'stops',
  LEDGER_DISPUTE: 'disputes',
  LEDGER_DISPUTES: 'disputes',
  LEDGER_ROLE: 'origin',
  LEDGER_SERVED: 'served',
  LEDGER_RECORD: 'records',
}

/** What was done, and on whose word. */
export interface Audit {
  readonly passed: readonly LedgerCheck[]
  readonly agreements: AgreementCheck
  readonly keyIsFromDirectory: boolean
  readonly textsAreFromOperator: boolean
  readonly outsideIsGiven: boolean
  readonly gate: GateCounts
  /** Files that are to be recomputed once the log has passed. */
  readonly certificates: readonly string[]
}

/** A certificate that says what the entries give. */
interface Certified {
  readonly file: string
  readonly statement: ExclusionStatement
}

export type Finding = LedgerError | CertificateError

/** What speaks against the log or a certificate of it, as against files that cannot be read at all. */
export function isFinding(error: unknown): error is Finding {
  if (error instanceof CertificateError) return error.code !== 'CERTIFICATE_MALFORMED'
  return error instanceof LedgerError && failedCheck[error.code] !== undefined
}

function claimOf(check: LedgerCheck | undefined, error: Finding): string {
  if (check) return `${ledgerChecks[check]}: `
  return error instanceof CertificateError ? `${certificateClaim}: ` : ''
}

export function passedLine(check: LedgerCheck, detail: string): string {
  return `ok       ${ledgerChecks[check]} (${detail})\n`
}

export function reportSummary(
  summary: LedgerSummary,
  certified: readonly Certified[],
  audit: Audit,
  output: Output,
): void {
  const { passed, agreements } = audit
  const notes = notesOn(audit)
  const demo = demoLine(summary, audit)
  output.answer(
    {
      ok: true,
      passed,
      ...summary,
      ...audit.gate,
      demo: demo !== null,
      agreements: agreements.checked,
      orders: agreements.orders,
      disputes: agreements.disputes,
      certificates: certified,
      notes,
    },
    [
      ...certified.map(({ file }) => `ok       ${certificateClaim} (${file})`),
      ...notDone(passed),
      '',
      ...summaryLines(summary),
      ...(summary.role === 'gate' ? gateLines(audit.gate) : holdLines(summary)),
      ...orderLines(summary, agreements),
      ...disputeLines(agreements),
      ...agreements.checked.map(
        ({ entry, agreement, version, hash }) =>
          `signed: ${agreement} version ${version}, entry ${entry}, ${hash}`,
      ),
      ...(demo === null ? [] : [demo]),
      ...certified.flatMap(({ file, statement }) => [`certified: ${file}`, ...certificateText(statement)]),
      ...noteLines(notes),
    ].join('\n'),
  )
}

export function reportFinding(error: Finding, audit: Audit, output: Output): void {
  const { code, message, index } = error
  const { passed } = audit
  const notes = notesOn(audit)
  const failed = error instanceof LedgerError ? failedCheck[error.code] : undefined
  const member = error instanceof CertificateError ? error.member : undefined
  output.answer(
    { ok: false, passed, finding: { code, message, index, member }, notes },
    [
      `FAILED   ${claimOf(failed, error)}${message} (${code})`,
      ...notDone(failed ? [...passed, failed] : passed),
      ...(failed ? audit.certificates.map((file) => `not done ${certificateClaim} (${file})`) : []),
      ...noteLines(notes),
    ].join('\n'),
  )
}

function notDone(done: readonly LedgerCheck[]): string[] {
  return Object.entries(ledgerChecks)
    .filter(([check]) => !done.some((name) => name === check))
    .map(([, claim]) => `not done ${claim}`)
}

function summaryLines(summary: LedgerSummary): string[] {
  const { entries, decisions, openIntents, outcomesUnderEarlierVersion, witnesses, rehearsals } = summary
  return [
    `${summary.origin}: ${summary.size} entries, root ${summary.root}`,
    `entries: ${counts(entries)}`,
    `decisions: ${counts(decisions)}`,
    ...(openIntents.length > 0 ? [`intents without outcome: entries ${listed(openIntents)}`] : []),
    ...(outcomesUnderEarlierVersion > 0
      ? [`outcomes under the version their exchange began under: ${outcomesUnderEarlierVersion}`]
      : []),
    ...(witnesses.length > 0 ? [`cosigned by: ${witnesses.join(', ')}`] : []),
    ...(rehearsals > 0
      ? [`rehearsal: a script and no model answered in ${rehearsals} of ${entries.outcome} outcomes`]
      : []),
  ]
}

function holdLines({ holds }: LedgerSummary): string[] {
  if (holds.opened === 0) return []
  const { opened, redeemed, denied, expired, open } = holds
  return [`holds: ${counts({ opened, used: redeemed, denied, expired, open: open.length })}`]
}

function orderLines({ stopsInForce }: LedgerSummary, { orders }: AgreementCheck): string[] {
  return [
    ...orders.map(({ entry, order, agreement, parties, demoParties }) => {
      const demo = demoParties.length > 0 ? ' with keys that anyone has' : ''
      return `ordered: ${order} of ${agreement} by ${parties.join(', ')}${demo}, entry ${entry}`
    }),
    ...stopsInForce.map(({ agreement, entry }) => `stopped: ${agreement}, since entry ${entry}`),
  ]
}

function disputeLines({ disputes }: AgreementCheck): string[] {
  return disputes.map(({ entry, agreement, version, clause, parties, demoParties }) => {
    const demo = demoParties.length > 0 ? ' with keys that anyone has' : ''
    return `disputed: clause ${clause} of ${agreement} version ${version} by ${parties.join(', ')}${demo}, entry ${entry}`
  })
}

/** Believed of the signatures where they were checked; else what the entries say of themselves is passed on. */
function demoLine({ demo }: LedgerSummary, { passed, agreements }: Audit): string | null {
  const bindsNobody = 'keys that anyone has; this binds nobody'
  const signed = agreements.checked.filter(({ demoParties }) => demoParties.length > 0)
  const names = [...new Set(signed.map(({ agreement }) => agreement))]
  if (names.length > 0) return `demonstration: ${names.join(', ')} signed by ${bindsNobody}`
  if (!demo || passed.includes('signatures')) return null
  return `demonstration: an entry says that its agreement was signed by ${bindsNobody}`
}

function notesOn({ passed, agreements, ...audit }: Audit): string[] {
  const notes = [oneParty]
  if (!audit.outsideIsGiven) notes.push(withoutOutside)
  else if (passed.includes('outside')) notes.push(withOutside)
  if (audit.keyIsFromDirectory) notes.push(keyFromDirectory)
  if (agreements.missing.length > 0) {
    const texts = agreements.missing.join(', ')
    notes.push(`signatures were not checked, for their texts are not at hand (--agreements): ${texts}.`)
  }
  if (audit.textsAreFromOperator && agreements.checked.length > 0) notes.push(textsFromOperator)
  if (!passed.includes('records')) notes.push(recordsUnread)
  return notes
}

function noteLines(notes: readonly string[]): string[] {
  return [...notes.map((note) => `note: ${note}`), '']
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function listed(indexes: readonly number[]): string {
  const shown = indexes.slice(0, 20).join(', ')
  return indexes.length > 20 ? `${shown} and ${indexes.length - 20} more` : shown
}
