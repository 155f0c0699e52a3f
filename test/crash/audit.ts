/** Starts again over what a recorder that ended anyhow has left, as the next one would, and checks every promise. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../src/base/index.ts'
import { isErrorCode, isObject, parseJson, systemClock } from '../../src/base/index.ts'
import {
  LedgerError,
  leafHash,
  openFrontier,
  parseLeaf,
  parseReceipt,
  parseVkey,
  verifyCheckpoint,
  verifyLedger,
  verifyReceipt,
} from '../../src/ledger/index.ts'
import type { Leaf, LedgerSummary } from '../../src/ledger/index.ts'
import { openRecorder } from '../../src/recorder/index.ts'
import type { RecorderStore } from '../../src/recorder/index.ts'
import { origin, signer, vkey } from '../../src/recorder/sample-asks.ts'
import { lockDirectory, openSqliteRecorderStore } from '../../src/store/index.ts'

export type Role = 'agency' | 'gate'

/** What the recorder told whoever asked it. */
export interface Acknowledged {
  readonly exchange: string
  readonly seq: number
  readonly receipt: string
}

export interface Promised {
  readonly acknowledged: readonly Acknowledged[]
  /** The bytes that the log's key was asked to sign: checkpoints and receipts, whether or not anyone saw them. */
  readonly signed?: readonly Uint8Array[]
}

export interface Audited {
  readonly summary: LedgerSummary
  readonly leaves: readonly Leaf[]
  /** Committed after the recovery: what is spent, and nothing reserved. */
  readonly committedMicros: number
}

/** Checkpoints that lie in the files, and those that were signed and had not come to their place yet. */
export async function notesIn(directory: string): Promise<readonly string[]> {
  const places = ['evidence/checkpoint', 'guard/last-signed'].map((path) => join(directory, path))
  const inPlace = await Promise.all(places.map(readIfThere))
  const onTheWay = await Promise.all(places.map((path) => readIfThere(`${path}.tmp`)))
  const notes = [...inPlace, ...onTheWay.filter((note) => note !== undefined && isSigned(note))]
  return [...new Set(notes)].filter((note) => note !== undefined)
}

/** What a crash leaves of a file that is not in its place may be half of it, or parts of two: nobody believes that. */
function isSigned(note: string): boolean {
  try {
    verifyCheckpoint(note, [parseVkey(vkey)])
    return true
  } catch (error) {
    if (error instanceof LedgerError) return false
    throw error
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}

interface AuditOptions {
  readonly role?: Role
  readonly clock?: Clock
  /** Checkpoints that anyone may have seen earlier. */
  readonly notes?: readonly string[]
}

/** The log must continue each checkpoint that was seen, those included that lie there before the start changes them. */
export async function audit(
  directory: string,
  promised: Promised,
  { role = 'agency', clock = systemClock, notes = [] }: AuditOptions = {},
): Promise<Audited> {
  const seen = new Set([...notes, ...(await notesIn(directory))])
  using lock = lockDirectory(directory)
  await using store = await openSqliteRecorderStore(join(lock.directory, 'recorder.sqlite'))
  const evidence = join(directory, 'evidence')
  const { publisher, sequencer } = await openRecorder({
    ...{ store, clock, signer, origin, role },
    directory: evidence,
    guardDirectory: join(directory, 'guard'),
  })
  const readRecord = (seq: number) => store.readSealed(seq)
  const options = { directory: evidence, verifiers: [vkey], readRecord }
  const summary = await verifyLedger(options)
  for (const outside of seen) await verifyLedger({ ...options, outside })
  assert.equal(summary.size, publisher.size)
  assert.deepEqual(summary.openIntents, [], 'every intent has its outcome')
  assert.deepEqual(summary.openServed, [], 'every call that was served has its end')
  assert.equal(summary.records.missing, 0)

  const entries = await entriesOf(store)
  const leaves = entries.map(parseLeaf)
  requireAcknowledged(entries, promised.acknowledged)
  requireSigned(entries, promised.signed ?? [])
  await requireMoney(store, leaves)
  const { committedMicros } = sequencer.reserve('department', 0, 1)
  assert.equal(committedMicros, (await store.load()).spent.get('department') ?? 0, 'nothing stays reserved')
  return { summary, leaves, committedMicros }
}

async function entriesOf(store: RecorderStore): Promise<readonly Uint8Array[]> {
  const { size } = await store.load()
  const entries: Uint8Array[] = []
  while (entries.length < size) entries.push(...(await store.readLeaves(entries.length, size)))
  return entries
}

function requireAcknowledged(entries: readonly Uint8Array[], acknowledged: readonly Acknowledged[]): void {
  const verifier = parseVkey(vkey)
  for (const { exchange, seq, receipt } of acknowledged) {
    const signed = parseReceipt(receipt)
    verifyReceipt(signed, verifier)
    assert.equal(signed.index, seq)
    const bytes = entries[seq]
    assert.ok(bytes, `entry ${seq} was acknowledged and is lost`)
    assert.deepEqual(Buffer.from(leafHash(bytes)), Buffer.from(signed.leafHash))
    const leaf = parseLeaf(bytes)
    assert.equal('exchange' in leaf ? leaf.exchange : '', exchange)
  }
}

const receiptDomain = 'servanda/receipt/v1\n'

/** Whatever was put before the log's key is of this one history: each receipt's entry, each checkpoint's root. */
function requireSigned(entries: readonly Uint8Array[], signed: readonly Uint8Array[]): void {
  const tree = openFrontier()
  const hashes = entries.map((entry) => Buffer.from(leafHash(entry)))
  const roots = [tree.root(), ...hashes.map((hash) => (tree.append(hash), tree.root()))]
  for (const bytes of signed) {
    const text = Buffer.from(bytes).toString('utf8')
    if (text.startsWith(receiptDomain)) {
      const receipt = parseJson(Buffer.from(text.slice(receiptDomain.length)))
      assert.ok(isObject(receipt))
      const hash = hashes[Number(receipt['index'])]
      assert.equal(hash?.toString('base64'), receipt['leafHash'], 'a receipt was signed for another entry')
      continue
    }
    const [named, size, root] = text.split('\n')
    assert.equal(named, origin)
    const expected = roots[Number(size)]
    assert.ok(expected, `a checkpoint of ${String(size)} entries was signed, ${entries.length} are here`)
    assert.equal(Buffer.from(expected).toString('base64'), root, 'a root of another history was signed')
  }
}

/** What is spent is what the outcomes cost, and the worst case of those that were interrupted: no more, no less. */
async function requireMoney(store: RecorderStore, leaves: readonly Leaf[]): Promise<void> {
  let expected = 0
  for (const leaf of leaves) {
    if (leaf.kind !== 'outcome') continue
    const sealed = await store.readSealed(leaf.status === 'interrupted' ? leaf.intent : leaf.seq)
    assert.ok(sealed, `entry ${leaf.seq} has no record that says what it cost`)
    expected += (JSON.parse(Buffer.from(sealed).toString()) as { micros: number }).micros
  }
  const state = await store.load()
  assert.equal(state.spent.get('department') ?? 0, expected)
  assert.deepEqual(state.intents, [])
}
