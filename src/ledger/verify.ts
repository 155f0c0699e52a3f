/**
 * Audits a whole log from its files alone: no database, no running service, no key but the verifier's. The top
 * function is the list of checks; each throws a `LedgerError` that names the entry or the file, and nothing is
 * returned unless all have passed. Memory grows by some 40 bytes for each intent or hold, so that none is used
 * twice; all else that it keeps is what is open or in force.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, equalBytes, isErrorCode, messageOf, sha256 } from '../base/index.ts'
import { SignedCheck } from './check-signed.ts'
import type { SignedChecks } from './check-signed.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import type { VerifiedCheckpoint } from './checkpoint.ts'
import { openHistory } from './history.ts'
import type { HistorySummary } from './history.ts'
import type { HoldSummary } from './history-holds.ts'
import { parseLeaf } from './leaf-bytes.ts'
import type { Leaf } from './leaf.ts'
import { LedgerError } from './ledger-error.ts'
import { leafHash, proveConsistency, verifyConsistency } from './merkle.ts'
import { decodeNote, parseVkey } from './note.ts'
import type { Verifier } from './note.ts'
import { openTreeRebuilder } from './rebuild-tree.ts'
import { directoryTiles, tileHashes } from './tile-reader.ts'
import { parseBundle, tilePath, tileWidth, tileWidthAt } from './tiles.ts'
import type { Tile } from './tiles.ts'

/** Every check by name, with the claim that holds once it has passed, in the order they are reported. */
export const ledgerChecks = {
  signature: 'the checkpoint is signed by the key of the log',
  tiles: 'every stored tile is what the entries give',
  root: 'the entries give the signed root',
  outside: 'the log continues the checkpoint that was kept outside',
  leaves: 'every entry is canonical and of a known kind',
  sequence: 'every entry stands where it says',
  time: 'time never falls',
  origin: 'the first entry opens the log that the checkpoint names',
  activations: 'every version of an agreement follows the one before, and was made known where it says so',
  signatures: 'the agreements in force are signed by their parties',
  announcements: 'the amendments that were made known are signed by their parties',
  agreements: 'every step names the version of the agreement that was in force',
  orders: 'the orders are signed by parties that may give them',
  stops: 'nothing went out while a stop order was in force, and only what names it lifted it',
  disputes: 'the disputes are signed by parties of the agreements that they name',
  outcomes: 'every exchange has one intent at most, and every outcome follows it, once',
  holds: 'every hold was opened once, and decided, used or ended once while it was open',
  decisions: 'every decision about a hold is signed by a reviewer who was enrolled',
  approvals: 'every hold that was used was approved by reviewers enough for its rules',
  served: 'every intent was served once, in its time, and every end is of a call that was served',
  records: 'every sealed record at hand is the one that was logged',
} as const

export type LedgerCheck = keyof typeof ledgerChecks

export interface VerifyOptions extends SignedChecks {
  /** Holds `checkpoint` and `tile/`. */
  readonly directory: string
  /** Verifier keys (vkey) of the log and of witnesses, known from elsewhere than the directory. */
  readonly verifiers: readonly string[]
  /** An earlier signed checkpoint of the same log, kept where the operator could not change it. */
  readonly outside?: string
  /** The sealed record of an entry, or null where it is not at hand. */
  readonly readRecord?: (seq: number) => Promise<Uint8Array | null>
  /** Told of every entry in order, once its own checks have passed: worth nothing unless the whole audit passes. */
  readonly onEntry?: (leaf: Leaf, index: number, entry: Uint8Array) => void
  /** Told of each check that has passed, with a detail such as a count. */
  readonly onPassed?: (check: LedgerCheck, detail: string) => void
}

export interface LedgerSummary extends HistorySummary {
  readonly origin: string
  readonly size: number
  /** Base64. */
  readonly root: string
  /** Names of witnesses whose cosignatures on the checkpoint were checked. */
  readonly witnesses: readonly string[]
  readonly records: { readonly checked: number; readonly missing: number }
  /** False: nothing here speaks against an operator who shows different logs to different people. */
  readonly outsideChecked: boolean
}

export async function verifyLedger(options: VerifyOptions): Promise<LedgerSummary> {
  const { directory, outside, readRecord } = options
  const passed = options.onPassed ?? (() => undefined)
  const verifiers = options.verifiers.map(parseVkey)

  const checkpoint = verifyCheckpoint(await readNote(directory), verifiers)
  passed('signature', checkpoint.origin)

  const { root, bundleDigests } = await verifyTiles(directory, checkpoint.size)
  passed('tiles', `${bundleDigests.length} bundles and the tiles over them`)

  verifyRoot(root, checkpoint)
  passed('root', `${checkpoint.size} entries`)

  if (outside !== undefined) {
    passed('outside', await verifyContinues(outside, checkpoint, directory, verifiers))
  }

  const history = openHistory(checkpoint.origin)
  const signatures = new SignedCheck(options)
  const records = { checked: 0, missing: 0 }
  for await (const [leaf, index, entry] of readLeaves(directory, checkpoint.size, bundleDigests)) {
    const signed = history.add(leaf, index)
    if (signed) await signatures.add(signed)
    if (readRecord && 'record' in leaf) await verifyRecord(leaf.record, index, readRecord, records)
    options.onEntry?.(leaf, index, entry)
  }
  const summary = history.summary()
  reportHistory(summary, signatures, passed)
  if (readRecord) passed('records', `${records.checked} checked, ${records.missing} not at hand`)

  const { origin, size } = checkpoint
  const cosignatures = checkpoint.signatures.filter(({ type }) => type === 'cosignature')
  const witnesses = cosignatures.map(({ name }) => name)
  const outsideChecked = outside !== undefined
  return { origin, size, root: toBase64(root), witnesses, ...summary, records, outsideChecked }
}

async function readNote(directory: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(directory, 'checkpoint'))
  } catch (cause) {
    const why = isErrorCode(cause, 'ENOENT') ? 'holds no checkpoint' : `cannot be read: ${messageOf(cause)}`
    throw new LedgerError('LEDGER_UNREADABLE', `\`${directory}\` ${why}`, { cause })
  }
  return decodeNote(bytes)
}

interface VerifiedTiles {
  readonly root: Uint8Array
  /** SHA-256 of each bundle as it was checked, so that a later reading is known to be the same. */
  readonly bundleDigests: readonly Uint8Array[]
}

/** Derives every tile of the tree from the entries and compares it with the stored one. */
async function verifyTiles(directory: string, size: number): Promise<VerifiedTiles> {
  const readTile = directoryTiles(directory)
  const tree = openTreeRebuilder(async (tile, hashes) => {
    const derived = Buffer.concat(hashes)
    if (!equalBytes(await readTile(tile), derived)) throw falseTile(tile)
    await verifyPartials(directory, tile, (width) => derived.subarray(0, width * 32))
  })
  const bundleDigests: Uint8Array[] = []
  for (const tile of bundlesOf(size)) {
    const bytes = await readTile(tile)
    const entries = parseBundle(bytes, tile)
    await verifyPartials(directory, tile, (width) => bytes.subarray(0, bundleBytes(entries.slice(0, width))))
    bundleDigests.push(sha256(bytes))
    await tree.addLeaves(entries.map(leafHash))
  }
  return { root: await tree.finish(), bundleDigests }
}

/** Narrower partial tiles that stand beside belong to earlier checkpoints, and must be beginnings of this one. */
async function verifyPartials(
  directory: string,
  tile: Tile,
  beginning: (width: number) => Uint8Array,
): Promise<void> {
  for (const name of await listIfThere(join(directory, `${tilePath({ ...tile, width: tileWidth })}.p`))) {
    const width = Number(name)
    if (!/^[1-9][0-9]*$/.test(name) || width >= tile.width) continue
    const partial = { ...tile, width }
    if (!equalBytes(await directoryTiles(directory)(partial), beginning(width))) throw falseTile(partial)
  }
}

async function listIfThere(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return []
    throw new LedgerError('LEDGER_UNREADABLE', `\`${directory}\` cannot be read`, { cause: error })
  }
}

function verifyRoot(root: Uint8Array, checkpoint: VerifiedCheckpoint): void {
  if (!equalBytes(root, checkpoint.root)) {
    throw new LedgerError(
      'LEDGER_ROOT',
      `the entries give the root ${toBase64(root)}, the checkpoint signs ${toBase64(checkpoint.root)}`,
    )
  }
}

/** The proof is made from the stored tiles; that it leads to both signed roots is what counts. */
async function verifyContinues(
  outside: string,
  checkpoint: VerifiedCheckpoint,
  directory: string,
  verifiers: readonly Verifier[],
): Promise<string> {
  const earlier = requireOutside(outside, verifiers)
  if (earlier.origin !== checkpoint.origin) {
    throw new LedgerError('LEDGER_OUTSIDE', `the checkpoint from outside is of \`${earlier.origin}\``)
  }
  if (earlier.size > checkpoint.size) {
    throw new LedgerError(
      'LEDGER_OUTSIDE',
      `the checkpoint from outside has ${earlier.size} entries, the log shows ${checkpoint.size}`,
    )
  }
  const hashes = tileHashes(directoryTiles(directory), checkpoint.size)
  const path = await proveConsistency(earlier.size, checkpoint.size, hashes)
  try {
    const [size1, root1, size2, root2] = [earlier.size, earlier.root, checkpoint.size, checkpoint.root]
    verifyConsistency(path, { size1, root1, size2, root2 })
  } catch (cause) {
    const message = `the first ${earlier.size} entries are not those of the checkpoint from outside`
    throw new LedgerError('LEDGER_OUTSIDE', message, { cause })
  }
  return `from size ${earlier.size}`
}

function requireOutside(outside: string, verifiers: readonly Verifier[]): VerifiedCheckpoint {
  try {
    return verifyCheckpoint(outside, verifiers)
  } catch (cause) {
    throw new LedgerError('LEDGER_OUTSIDE', `the checkpoint from outside: ${messageOf(cause)}`, { cause })
  }
}

/** All leaves in order, from the same bytes that the tiles were derived from. */
async function* readLeaves(
  directory: string,
  size: number,
  bundleDigests: readonly Uint8Array[],
): AsyncGenerator<[leaf: Leaf, index: number, entry: Uint8Array]> {
  const readTile = directoryTiles(directory)
  let index = 0
  for (const tile of bundlesOf(size)) {
    const bytes = await readTile(tile)
    const digest = bundleDigests[tile.index]
    if (!digest || !equalBytes(sha256(bytes), digest)) throw falseTile(tile)
    for (const entry of parseBundle(bytes, tile)) {
      yield [requireLeaf(entry, index), index, entry]
      index++
    }
  }
}

function requireLeaf(entry: Uint8Array, index: number): Leaf {
  try {
    return parseLeaf(entry)
  } catch (cause) {
    throw new LedgerError('LEDGER_LEAF', `entry ${index}: ${messageOf(cause)}`, { cause, index })
  }
}

async function verifyRecord(
  digest: string,
  index: number,
  readRecord: (seq: number) => Promise<Uint8Array | null>,
  records: { checked: number; missing: number },
): Promise<void> {
  const sealed = await readRecord(index)
  if (sealed === null) {
    records.missing++
    return
  }
  if (digestOf(sealed) !== digest) {
    throw new LedgerError(
      'LEDGER_RECORD',
      `entry ${index}: the sealed record is not the one that was logged`,
      { index },
    )
  }
  records.checked++
}

function reportHistory(
  { entries, openIntents, openServed, holds, stopsInForce }: HistorySummary,
  { counts }: SignedCheck,
  passed: (check: LedgerCheck, detail: string) => void,
): void {
  const total = Object.values(entries).reduce((sum, count) => sum + count, 0)
  const { activation, announced, order, dispute, decision, redemption } = counts
  passed('leaves', `${total} entries`)
  passed('sequence', `${total} entries`)
  passed('time', `${total} entries`)
  passed('origin', `${entries.opened} opening entry`)
  passed('activations', `${entries.activation} activations`)
  if (activation.unchecked === 0) passed('signatures', `${activation.checked} activations`)
  // Where there is none, there is nothing that could be false.
  if (announced.unchecked === 0) passed('announcements', `${announced.checked} amendments`)
  passed('agreements', `${entries.intent + entries.refusal + entries.outcome + entries.served} steps`)
  if (order.unchecked === 0) passed('orders', `${order.checked} orders`)
  passed('stops', `${stopsInForce.length} in force`)
  if (dispute.unchecked === 0) passed('disputes', `${dispute.checked} disputes`)
  passed(
    'outcomes',
    `${entries.intent} intents, ${entries.outcome} outcomes, ${openIntents.length} intents open`,
  )
  passed('holds', holdsText(holds))
  if (decision.unchecked === 0) passed('decisions', `${decision.checked} decisions`)
  if (redemption.unchecked === 0) passed('approvals', `${redemption.checked} holds that were used`)
  passed('served', `${entries.served} served, ${entries['served-end']} ended, ${openServed.length} open`)
}

function holdsText({ opened, redeemed, denied, expired, open }: HoldSummary): string {
  return `${opened} opened, ${redeemed} used, ${denied} denied, ${expired} expired, ${open.length} open`
}

function* bundlesOf(size: number): Generator<Tile> {
  for (let index = 0; index * tileWidth < size; index++) {
    yield { level: 'entries', index, width: tileWidthAt(size, 0, index) }
  }
}

function bundleBytes(entries: readonly Uint8Array[]): number {
  return entries.reduce((sum, entry) => sum + 2 + entry.length, 0)
}

function falseTile(tile: Tile): LedgerError {
  return new LedgerError('LEDGER_TILE_FALSE', `\`${tilePath(tile)}\` is not what the entries give`)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
