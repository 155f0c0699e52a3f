/** Makes a new data directory: keys, callers, and the first agreements in force. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkAgreement,
  demoSignersOf,
  signStatement,
  statementOf,
  verifyEnvelope,
} from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { ServandaError, demoKey, messageOf, parseJson, signerFromKey, systemClock } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { requireAgreesWithOracle } from '../decision/index.ts'
import { issueKeys } from '../identity/index.ts'
import { parseReviewers } from '../oversight/index.ts'
import { RecorderClient, portChannel } from '../recorder/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { lockDirectory } from '../store/index.ts'
import { syncDirectory, writeDurably } from './durable-file.ts'
import { lastWritten, markerOf, usedBesideMarker, wasInterrupted, writeMarker } from './initialise-marker.ts'
import { createKeys, readVkey } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Places } from './places.ts'
import { buildStanding } from '../standing/index.ts'
import { startRecorder } from './recorder-process.ts'
import { screenerFor } from './standing-screener.ts'
import type { Settings } from './settings.ts'

export type InitialiseErrorCode =
  /** Nothing was initialised here, or not to the end. */
  | 'INIT_MISSING'
  /** There is something already: nothing is overwritten. */
  | 'INIT_EXISTS'
  /** An agreement has errors, lacks signatures, or does not follow the version before. */
  | 'INIT_AGREEMENT'

export class InitialiseError extends ServandaError<InitialiseErrorCode> {
  override readonly name = 'InitialiseError'
}

interface Agreements {
  /** Agreement files in the order in which they come into force. */
  readonly agreements: readonly string[]
  /** Demonstration keys may sign where a signature file is missing. */
  readonly demo: boolean
}

export interface Initialisation extends Agreements {
  /** A JSON list of callers; each gets a new API key. */
  readonly callers: string
  /** A reviewers file, taken over where there is none yet; without one nobody can decide about holds. */
  readonly reviewers?: string
}

export interface GateInitialisation extends Agreements {
  /** The file with the verifier key of the agency's log. */
  readonly agencyVkey: string
}

export function isInitialised(settings: Settings): boolean {
  return existsSync(lastWritten(settings)) && !wasInterrupted(settings)
}

/**
 * Throws `INIT_MISSING` unless an initialisation has come to its end here, `INIT_EXISTS` where a log that was in use
 * looks as if it had not.
 */
export function requireInitialised(settings: Settings): void {
  if (isInitialised(settings)) return
  requireUnused(settings)
  requireNotTheOthers(settings)
  const what = wasInterrupted(settings) ? 'an initialisation was interrupted' : 'nothing is initialised'
  const run = settings.role === 'gate' ? '`servanda init --gate`' : '`servanda init`'
  const message = `${what} in ${settings.data}: run ${run}, or \`servanda serve --demo\` to try it out`
  throw new InitialiseError('INIT_MISSING', message)
}

/** Throws `INIT_MISSING` where what lies here is of the other role. */
function requireNotTheOthers(settings: Settings): void {
  const asksForGate = settings.role === 'gate'
  if (!isInitialised({ ...settings, role: asksForGate ? 'agency' : 'gate' })) return
  const [whose, served] = asksForGate ? ["an agency's gate", 'serve'] : ["a provider's gate", 'gate']
  const message = `in ${settings.data} lie the data of ${whose}: run \`servanda ${served}\`, or name other directories`
  throw new InitialiseError('INIT_MISSING', message)
}

/**
 * Checks everything before it writes anything, and never overwrites what serves. Returns the API key of each
 * caller, which is kept nowhere else. A crash leaves the marker; the next call then removes what this one made,
 * which nobody can have used, and begins anew. A marker beside what was in use is no leave to remove anything.
 */
export async function initialise(
  settings: Settings,
  { callers, reviewers, ...given }: Initialisation,
): Promise<ReadonlyMap<string, string>> {
  const issued = issueKeys(readFileSync(callers), callers)
  const reviewersText = reviewers === undefined ? null : readReviewers(reviewers)
  await makeAnew(settings, given, (places) => {
    if (given.demo) writeDemoKeys(places, issued.keys)
    if (reviewersText !== null && !existsSync(places.reviewers)) {
      writeDurably(places.reviewers, reviewersText)
    }
    return issued.callersFile
  })
  return issued.keys
}

function readReviewers(path: string): string {
  const bytes = readFileSync(path)
  parseReviewers(bytes, path)
  return bytes.toString('utf8')
}

/** The same for a provider's gate, which knows no callers and one agency. */
export async function initialiseGate(
  settings: Settings,
  { agencyVkey, ...given }: GateInitialisation,
): Promise<void> {
  readVkey(agencyVkey)
  const text = readFileSync(agencyVkey, 'utf8')
  await makeAnew(settings, given, () => text)
}

/** Marks that an initialisation begins here, before anything that it depends on is made elsewhere. */
export function beginInitialisation(settings: Settings): void {
  requireNothing(placesOf(settings))
  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  writeMarker(settings, 0)
}

/** `last` answers the text of the file that is written last. */
async function makeAnew(
  settings: Settings,
  { agreements, demo }: Agreements,
  last: (places: Places) => string,
): Promise<void> {
  const places = placesOf(settings)
  requireFree(settings)
  const signed = await readAgreements(agreements, demo)
  requireTogether(signed, settings)
  for (const path of [settings.data, settings.keys, places.guard]) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }
  using lock = lockDirectory(settings.data)
  // Another one may have come to its end, and its log into use, until the lock was had.
  requireFree(settings)
  writeMarker({ data: lock.directory }, entriesOf(signed))
  for (const path of madeHere(places)) rmSync(path, { recursive: true, force: true })
  mkdirSync(places.evidence)
  createKeys(places, settings.role)
  const text = last(places)
  await activateAll(settings, signed)
  writeDurably(lastWritten(settings), text)
  rmSync(markerOf(settings))
  syncDirectory(settings.data)
}

/** What the log holds when all of them are in force: that it was opened, and their activations. */
function entriesOf(signed: readonly SignedAgreement[]): number {
  return 1 + signed.length
}

/** Everything that an initialisation makes. */
function madeHere(places: Places): string[] {
  const { callers, agencyVkey, database, logKey, recordKey, demoCallerKeys, evidence, guard } = places
  const databases = [database, `${database}-wal`, `${database}-shm`]
  return [
    callers,
    agencyVkey,
    ...databases,
    logKey,
    recordKey,
    demoCallerKeys,
    evidence,
    join(guard, 'last-signed'),
  ]
}

/** Throws `INIT_EXISTS` where there is anything but what an interrupted initialisation has left. */
function requireFree(settings: Settings): void {
  if (wasInterrupted(settings)) requireUnused(settings)
  else requireNothing(placesOf(settings))
}

function requireUnused(settings: Settings): void {
  const used = usedBesideMarker(settings)
  if (used !== null) throw new InitialiseError('INIT_EXISTS', used)
}

function requireNothing(places: Places): void {
  const found = madeHere(places).find((path) => existsSync(path))
  if (found === undefined) return
  const message = `${found} exists already and nothing was changed: serve what is there, or choose other directories`
  throw new InitialiseError('INIT_EXISTS', message)
}

/** All of them side by side must be what a gate can stand on: routes apart, every signal with a detector. */
function requireTogether(signed: readonly SignedAgreement[], { role }: Pick<Settings, 'role'>): void {
  const now = systemClock.now()
  const activations = signed.map(({ agreement, envelope }, seq) => ({
    ...{ seq, time: now, text: agreement.text, envelope, judgedBefore: false },
  }))
  try {
    const standing = buildStanding(
      { version: 0, origin: '', activations, orders: [], disputes: [], announced: [], reviewers: [] },
      now,
    )
    // A provider's gate has no detectors.
    if (role === 'agency') void screenerFor(standing)[Symbol.asyncDispose]()
  } catch (cause) {
    throw new InitialiseError('INIT_AGREEMENT', messageOf(cause), { cause })
  }
}

interface SignedAgreement {
  readonly agreement: Agreement
  readonly envelope: Json
  /** Milliseconds since the epoch. */
  readonly effective: number
  readonly demo: boolean
}

async function readAgreements(paths: readonly string[], demo: boolean): Promise<readonly SignedAgreement[]> {
  const before = new Map<string, Agreement>()
  const signed: SignedAgreement[] = []
  for (const path of paths) {
    const agreement = compile(path)
    try {
      const previous = before.get(agreement.schedule.id)
      requireAgreesWithOracle(agreement)
      const envelope = await readEnvelope(path, { agreement, previous, demo })
      const verified = verifyEnvelope(agreement, envelope, previous)
      if (verified.effective > systemClock.now()) throw new RangeError('it takes effect only later')
      const { effective, demoParties } = verified
      signed.push({ agreement, envelope, effective, demo: demoParties.length > 0 })
    } catch (cause) {
      throw new InitialiseError('INIT_AGREEMENT', `${path}: ${messageOf(cause)}`, { cause })
    }
    before.set(agreement.schedule.id, agreement)
  }
  return signed
}

/** What `servanda check` finds an error in comes into force nowhere. */
function compile(path: string): Agreement {
  const { agreement, diagnostics, isSignable } = checkAgreement(readFileSync(path, 'utf8'))
  if (agreement && isSignable) return agreement
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = errors.map(
    ({ line, column, code, message }) => `${path}:${line}:${column}: ${code} ${message}`,
  )
  throw new InitialiseError('INIT_AGREEMENT', lines.join('\n'))
}

interface Unsigned {
  readonly agreement: Agreement
  readonly previous: Agreement | undefined
  readonly demo: boolean
}

/** The signatures beside the file, or those that anyone can make with the demonstration keys. */
async function readEnvelope(path: string, { demo, ...unsigned }: Unsigned): Promise<Json> {
  const beside = `${path}.signatures.json`
  if (existsSync(beside)) return parseJson(readFileSync(beside))
  if (demo) return signWithDemoKeys(unsigned)
  throw new InitialiseError('INIT_AGREEMENT', `it is not signed: ${beside} is missing`)
}

/** Anyone can make these signatures; they show how it works, and every activation entry says so. */
async function signWithDemoKeys({ agreement, previous }: Omit<Unsigned, 'demo'>): Promise<Json> {
  const names = [agreement, ...(previous ? [previous] : [])].flatMap((version) => demoSignersOf(version))
  const signers = [...new Set(names)].map((name) => signerFromKey(demoKey(name)))
  const statement = statementOf(agreement, agreement.schedule.term.from)
  const { payloadType, payload, signatures } = await signStatement(statement, signers)
  return { payloadType, payload, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) }
}

function writeDemoKeys(places: Places, keys: ReadonlyMap<string, string>): void {
  writeFileSync(places.demoCallerKeys, `${JSON.stringify(Object.fromEntries(keys), null, 2)}\n`, {
    mode: 0o600,
  })
}

async function activateAll(settings: Settings, signed: readonly SignedAgreement[]): Promise<void> {
  const { promise: failed, reject: fatal } = Promise.withResolvers<never>()
  const thread = await startRecorder(settings, { fatal, delayed: () => undefined })
  const port = thread.connect()
  const recorder: Recorder = new RecorderClient(portChannel(port))
  try {
    for (const one of signed) await Promise.race([activate(recorder, one), failed])
  } finally {
    port.close()
    await thread.close()
  }
}

async function activate(recorder: Recorder, one: SignedAgreement): Promise<void> {
  const { agreement, envelope, effective, demo } = one
  const { id, version } = agreement.schedule
  const { version: judgedUnder } = await recorder.lease()
  await recorder.activate({
    ...{ judgedUnder, notBefore: effective },
    leaf: {
      kind: 'activation',
      agreement: id,
      version,
      hash: agreement.hash,
      envelope,
      ...(demo ? { demo: true as const } : {}),
    },
    text: agreement.text,
  })
}
