/** `servanda verify`: audits an evidence directory offline and says what that proves, and what not. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isErrorCode } from '../base/index.ts'
import { LedgerError, ledgerChecks, verifyLedger } from '../ledger/index.ts'
import type { LedgerCheck, LedgerErrorCode, LedgerSummary } from '../ledger/index.ts'
import type { RecorderStore } from '../recorder/index.ts'
import { openSqliteRecorderStore } from '../store/index.ts'
import { failure } from './failure.ts'
import type { CliIo } from './io.ts'

const usage = `usage: servanda verify [DIR] [--vkey FILE|TEXT] [--outside FILE] [--records FILE] [--json]

  DIR        the evidence directory, with checkpoint, tile/ and log.vkey (default: the current directory)
  --vkey     the log's verifier key, or a file with one key per line (default: DIR/log.vkey)
  --outside  an earlier checkpoint of this log that the operator could not change
  --records  the recorder's database with the sealed records (default: DIR/../recorder.sqlite where it exists)
  --json     the result as one JSON object
`

const withoutOutside =
  'no checkpoint from outside was given: this proves nothing against an operator who keeps several histories. ' +
  'Keep checkpoints where the operator cannot change them, and give one with --outside.'
const withOutside =
  'the log continues the checkpoint from outside. Entries after it have no witness here but the operator.'
const keyFromDirectory =
  'the key was read from the evidence itself: compare it with the one that you were given by another way.'
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
  LEDGER_AGREEMENT: 'agreements',
  LEDGER_OUTCOME: 'outcomes',
  LEDGER_HOLD: 'holds',
  LEDGER_RECORD: 'records',
}

interface Request {
  readonly directory: string
  readonly verifiers: readonly string[]
  readonly keyIsFromDirectory: boolean
  readonly outside: string | undefined
  /** The recorder's database; absent where none is at hand. */
  readonly records: string | undefined
  readonly json: boolean
}

/** Exit code 0: every check passed; 1: a finding; 2: wrong usage, or the evidence cannot be read. */
export async function verify(args: readonly string[], io: CliIo): Promise<number> {
  if (args.includes('--help')) {
    io.out(usage)
    return 0
  }
  let request: Request
  try {
    request = await readRequest(args)
  } catch (error) {
    return failure(error, io, usage)
  }
  const passed: LedgerCheck[] = []
  try {
    await using records = await openRecords(request.records)
    const summary = await verifyLedger({
      directory: request.directory,
      verifiers: request.verifiers,
      ...(request.outside === undefined ? {} : { outside: request.outside }),
      ...(records ? { readRecord: (seq) => records.readSealed(seq) } : {}),
      onPassed(check, detail) {
        passed.push(check)
        if (!request.json) io.out(`ok       ${ledgerChecks[check]} (${detail})\n`)
      },
    })
    reportSummary(summary, passed, request, io)
    return 0
  } catch (error) {
    if (!isFinding(error)) return failure(error, io, usage)
    reportFinding(error, passed, request, io)
    return 1
  }
}

/** What speaks against the log, as against files that cannot be read at all. */
function isFinding(error: unknown): error is LedgerError {
  return error instanceof LedgerError && failedCheck[error.code] !== undefined
}

async function readRequest(args: readonly string[]): Promise<Request> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      vkey: { type: 'string' },
      outside: { type: 'string' },
      records: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const [directory = '.', ...rest] = positionals
  if (rest.length > 0) throw new Error('verify takes one directory; --help tells its options')
  const keys = await readKeys(values.vkey ?? join(directory, 'log.vkey'))
  return {
    directory,
    verifiers: keys,
    keyIsFromDirectory: values.vkey === undefined,
    outside: values.outside === undefined ? undefined : await readFile(values.outside, 'utf8'),
    records: values.records ?? recordsBeside(directory),
    json: values.json ?? false,
  }
}

/** Where the gateway keeps its database: beside the evidence. */
function recordsBeside(directory: string): string | undefined {
  const path = join(directory, '..', 'recorder.sqlite')
  return existsSync(path) ? path : undefined
}

async function openRecords(path: string | undefined): Promise<RecorderStore | undefined> {
  return path === undefined ? undefined : openSqliteRecorderStore(path, { readOnly: true })
}

/** A key as such, or a file with one key per line. A vkey holds `+` twice and base64; it is tried as a file first. */
async function readKeys(fileOrKey: string): Promise<string[]> {
  try {
    const text = await readFile(fileOrKey, 'utf8')
    return text.split('\n').filter((line) => line !== '')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') && fileOrKey.split('+').length >= 3) return [fileOrKey]
    throw error
  }
}

function reportSummary(
  summary: LedgerSummary,
  passed: readonly LedgerCheck[],
  request: Request,
  io: CliIo,
): void {
  const notes = notesOn(passed, request)
  if (request.json) {
    io.out(`${JSON.stringify({ ok: true, passed, ...summary, notes }, null, 2)}\n`)
    return
  }
  reportSkipped(passed, io)
  const { entries, decisions } = summary
  io.out(`\n${summary.origin}: ${summary.size} entries, root ${summary.root}\n`)
  io.out(`entries: ${counts(entries)}\ndecisions: ${counts(decisions)}\n`)
  if (summary.openIntents.length > 0) {
    io.out(`intents without outcome: entries ${listed(summary.openIntents)}\n`)
  }
  if (summary.outcomesUnderEarlierVersion > 0) {
    io.out(`outcomes under the version their exchange began under: ${summary.outcomesUnderEarlierVersion}\n`)
  }
  if (summary.witnesses.length > 0) io.out(`cosigned by: ${summary.witnesses.join(', ')}\n`)
  if (summary.rehearsals > 0) io.out(`rehearsal: ${summary.rehearsals} steps were answered by no model\n`)
  if (summary.demo)
    io.out('demonstration: an agreement was signed by keys that anyone has; this binds nobody\n')
  for (const note of notes) io.out(`note: ${note}\n`)
}

function reportFinding(
  error: LedgerError,
  passed: readonly LedgerCheck[],
  request: Request,
  io: CliIo,
): void {
  const { code, message, index } = error
  const notes = notesOn(passed, request)
  if (request.json) {
    io.out(`${JSON.stringify({ ok: false, passed, finding: { code, message, index }, notes }, null, 2)}\n`)
    return
  }
  const failed = failedCheck[code]
  io.out(`FAILED   ${failed ? `${ledgerChecks[failed]}: ` : ''}${message} (${code})\n`)
  reportSkipped(failed ? [...passed, failed] : passed, io)
  for (const note of notes) io.out(`note: ${note}\n`)
}

function reportSkipped(passed: readonly LedgerCheck[], io: CliIo): void {
  for (const [check, claim] of Object.entries(ledgerChecks)) {
    if (!passed.some((name) => name === check)) io.out(`not done ${claim}\n`)
  }
}

function notesOn(passed: readonly LedgerCheck[], request: Request): string[] {
  const notes: string[] = []
  if (request.outside === undefined) notes.push(withoutOutside)
  else if (passed.includes('outside')) notes.push(withOutside)
  if (request.keyIsFromDirectory) notes.push(keyFromDirectory)
  if (!passed.includes('records')) notes.push(recordsUnread)
  return notes
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
