import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { ServandaError, digestOf } from '../base/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { formatLeaf } from './leaf-bytes.ts'
import type { Leaf } from './leaf.ts'
import { leafHash, merkleRoot } from './merkle.ts'
import {
  plainEntries,
  sampleEntries,
  sampleLeaf,
  sampleOrigin,
  sampleRecord,
  sampleSigner,
  sampleVkey,
  writeSampleLog,
} from './sample-log.ts'
import { publishCheckpoint } from './tile-writer.ts'
import { formatBundle } from './tiles.ts'
import { verifyLedger } from './verify.ts'
import type { VerifyOptions } from './verify.ts'

const newDirectory = () => mkdtemp(join(tmpdir(), 'servanda-verify-'))
const verifiers = [sampleVkey]
const entries = sampleEntries(700)
const sample = await newDirectory()
const [outside = '', current = ''] = await writeSampleLog(sample, [300, 700], entries)

async function copyOfSample(): Promise<string> {
  const directory = await newDirectory()
  await cp(sample, directory, { recursive: true })
  return directory
}

const verify = (directory: string, more: Partial<VerifyOptions> = {}) =>
  verifyLedger({ directory, verifiers, ...more })

test('verifyLedger accepts a log and says what is in it', async () => {
  const passed: string[] = []
  const summary = await verify(sample, {
    outside,
    readRecord: (seq) => Promise.resolve(seq % 5 === 0 ? null : sampleRecord(seq)),
    checkAgreement: () => true,
    onPassed: (check) => passed.push(check),
  })
  assert.deepEqual(passed, [
    'signature',
    'tiles',
    'root',
    'outside',
    'leaves',
    'sequence',
    'time',
    'origin',
    'activations',
    'signatures',
    'announcements',
    'agreements',
    'orders',
    'stops',
    'disputes',
    'outcomes',
    'holds',
    'decisions',
    'approvals',
    'served',
    'records',
  ])
  const { origin, size, root, entries, decisions, records, ...rest } = summary
  assert.deepEqual([origin, size], [sampleOrigin, 700])
  assert.equal(root, Buffer.from(merkleRoot(sampleEntries(700))).toString('base64'))
  assert.deepEqual(entries, {
    opened: 1,
    activation: 2,
    intent: 175,
    refusal: 174,
    outcome: 174,
    'hold-decided': 0,
    'hold-expired': 87,
    reviewers: 0,
    order: 0,
    announced: 0,
    dispute: 0,
    served: 0,
    'served-end': 0,
    'turned-away': 0,
    certificate: 0,
    gap: 87,
  })
  const steps = entries.intent + entries.refusal + 87
  assert.deepEqual(decisions, { allow: 262, hold: 87, deny: 87 })
  assert.equal(records.checked + records.missing, steps)
  assert.ok(records.missing > 0)
  assert.deepEqual(rest, {
    witnesses: [],
    role: 'agency',
    openIntents: [699],
    openServed: [],
    holds: { opened: 87, redeemed: 0, denied: 0, expired: 87, open: [] },
    stopsInForce: [],
    outcomesUnderEarlierVersion: 0,
    rehearsals: 87,
    demo: true,
    outsideChecked: true,
  })
})

test('verifyLedger says when no checkpoint came from outside and no records were read', async () => {
  const { outsideChecked, records } = await verify(sample)
  assert.equal(outsideChecked, false)
  assert.deepEqual(records, { checked: 0, missing: 0 })
})

test('verifyLedger accepts every size around the boundaries, and the empty log', async () => {
  for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513]) {
    const directory = await newDirectory()
    await writeSampleLog(directory, [size], entries)
    assert.equal((await verify(directory)).size, size)
  }
})

test('verifyLedger accepts logs of 65,535 to 65,537 entries', async () => {
  const many = sampleEntries(65_537)
  const directory = await newDirectory()
  for (const sizes of [[65_535], [65_535, 65_536], [65_535, 65_536, 65_537]]) {
    await writeSampleLog(directory, sizes, many)
    assert.equal((await verify(directory)).size, sizes.at(-1))
  }
})

test('no byte of the checkpoint can be changed', async () => {
  const directory = await copyOfSample()
  const bytes = Buffer.from(current)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1 << (at % 8)
    await writeFile(join(directory, 'checkpoint'), changed)
    await assert.rejects(verify(directory), { name: 'LedgerError' }, `byte ${at}`)
  }
})

async function storedFiles(directory: string): Promise<string[]> {
  const found = await readdir(join(directory, 'tile'), { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

test('no byte of any tile or bundle can be changed, partial ones of earlier checkpoints included', async () => {
  const directory = await copyOfSample()
  const files = await storedFiles(directory)
  assert.equal(files.length, 8, 'three tiles of level 0 and two of level 1, three bundles')
  for (const path of files) {
    const bytes = await readFile(path)
    const places = new Set([
      0,
      1,
      2,
      3,
      bytes.length - 1,
      ...fc.sample(fc.nat(bytes.length - 1), { numRuns: 6, seed: 7 }),
    ])
    for (const at of places) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      await writeFile(path, changed)
      await assert.rejects(verify(directory), { code: 'LEDGER_TILE_FALSE' }, `${path} byte ${at}`)
    }
    await writeFile(path, bytes)
  }
  await verify(directory)
})

test('no tile or bundle can be cut, lengthened or taken away', async () => {
  const directory = await copyOfSample()
  for (const path of await storedFiles(directory)) {
    const bytes = await readFile(path)
    for (const length of [
      0,
      1,
      32,
      bytes.length - 32,
      bytes.length - 1,
      bytes.length + 1,
      bytes.length + 32,
    ]) {
      if (length === bytes.length) continue
      await truncate(path, length)
      await assert.rejects(verify(directory), { code: 'LEDGER_TILE_FALSE' }, `${path} of ${length} bytes`)
      await writeFile(path, bytes)
    }
    await rm(path)
    if (path.endsWith('tile/1/000.p/1')) await verify(directory)
    else await assert.rejects(verify(directory), { code: 'LEDGER_TILE_MISSING' }, path)
    await writeFile(path, bytes)
  }
})

test('no tile or bundle can stand in for another', async () => {
  const directory = await copyOfSample()
  for (const level of ['0', 'entries']) {
    const [first, second] = [join(directory, `tile/${level}/000`), join(directory, `tile/${level}/001`)]
    const bytes = await readFile(first)
    await writeFile(first, await readFile(second))
    await assert.rejects(verify(directory), { code: 'LEDGER_TILE_FALSE' })
    await writeFile(first, bytes)
  }
})

test('entries cannot be reordered, dropped or replaced, even with tiles that fit them', async () => {
  const swapped = entries.with(10, entries[11]!).with(11, entries[10]!)
  const changes = [swapped, entries.toSpliced(10, 1), entries.with(10, Buffer.from('{}'))]
  for (const changed of changes) {
    const directory = await newDirectory()
    await writeSampleLog(directory, [changed.length], changed)
    await publishCheckpoint(directory, current)
    await assert.rejects(verify(directory), { name: 'LedgerError' })
  }
  const directory = await newDirectory()
  await writeSampleLog(directory, [700], swapped)
  await publishCheckpoint(directory, current)
  await assert.rejects(verify(directory), { code: 'LEDGER_ROOT' })
})

test('reordered entries in a bundle alone are found', async () => {
  const directory = await copyOfSample()
  const bundle = formatBundle(entries.slice(0, 256).with(10, entries[11]!).with(11, entries[10]!))
  await writeFile(join(directory, 'tile/entries/000'), bundle)
  await assert.rejects(verify(directory), { code: 'LEDGER_TILE_FALSE' })
})

test('files beyond the checkpoint, as a crash before publication leaves them, are no finding', async () => {
  const directory = await copyOfSample()
  await publishCheckpoint(directory, outside)
  assert.ok(!existsSync(join(directory, 'tile/0/001.p')))
  assert.equal((await verify(directory)).size, 300)
})

test('the log must continue the checkpoint from outside', async () => {
  const forked = await newDirectory()
  const [fork = '', longer = ''] = await writeSampleLog(forked, [300, 800], plainEntries(800))
  for (const note of [fork, longer, outside.replace('300', '301'), 'no note']) {
    await assert.rejects(verify(sample, { outside: note }), { code: 'LEDGER_OUTSIDE' })
  }
  const other = await signCheckpoint({ origin: 'b.example', size: 0, root: merkleRoot([]) }, sampleSigner)
  await assert.rejects(verify(sample, { outside: other }), { code: 'LEDGER_OUTSIDE' })
  const empty = await signCheckpoint({ origin: sampleOrigin, size: 0, root: merkleRoot([]) }, sampleSigner)
  for (const note of [empty, current]) assert.ok((await verify(sample, { outside: note })).outsideChecked)
})

test('a missing checkpoint is unreadable, a foreign key proves nothing, a broken key is told', async () => {
  await assert.rejects(verify(await newDirectory()), { code: 'LEDGER_UNREADABLE' })
  const foreign = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  await assert.rejects(verify(sample, { verifiers: [foreign] }), { code: 'LEDGER_SIGNATURE' })
  await assert.rejects(verify(sample, { verifiers: ['nonsense'] }), { code: 'LEDGER_KEY' })
})

test('verifyLedger asks of every activation whether its parties signed it, with the one before', async () => {
  const asked: unknown[] = []
  const passed: string[] = []
  await verify(sample, {
    checkAgreement: ({ seq, version }, previous) => asked.push([seq, version, previous?.seq]) > 0,
    onPassed: (check) => passed.push(check),
  })
  assert.deepEqual(asked, [
    [1, 1, undefined],
    [34, 2, 1],
  ])
  assert.ok(passed.includes('signatures'))
})

test('signatures that nobody asked for, or of which one could not be told, have not passed', async () => {
  for (const more of [{}, { checkAgreement: ({ seq }: { seq: number }) => Promise.resolve(seq !== 1) }]) {
    const passed: string[] = []
    await verify(sample, { ...more, onPassed: (check) => passed.push(check) })
    assert.ok(!passed.includes('signatures'))
    assert.ok(passed.includes('agreements'))
  }
})

test('an activation that its parties did not sign is a finding; a fault of the check is none', async () => {
  const refuses = (error: Error) => ({ checkAgreement: () => Promise.reject(error) })
  const unsigned = refuses(new ServandaError('ANY', 'nobody signed'))
  await assert.rejects(verify(sample, unsigned), {
    code: 'LEDGER_SIGNATURES',
    index: 1,
    message: 'entry 1: nobody signed',
  })
  await assert.rejects(verify(sample, refuses(new RangeError('ours'))), { name: 'RangeError' })
})

test('a sealed record that is not the logged one is a finding', async () => {
  const readRecord = (seq: number) => Promise.resolve(sampleRecord(seq === 37 ? 38 : seq))
  await assert.rejects(verify(sample, { readRecord }), { code: 'LEDGER_RECORD', index: 37 })
})

/** Replaces one entry of a signed log of 60. */
async function verifyChanged(seq: number, change: object): Promise<unknown> {
  const changed = { ...sampleLeaf(seq), ...change } as Leaf
  const directory = await newDirectory()
  await writeSampleLog(directory, [60], entries.slice(0, 60).with(seq, formatLeaf(changed)))
  return verify(directory)
}

// The sample: 0 opens; 1 and 34 activate; rounds of intent, outcome, denial, hold, its end, intent, interruption, gap
// begin at 2 and at 35.
const findings: readonly [claim: string, seq: number, change: object, code: string][] = [
  ['another origin', 0, { origin: 'b.example' }, 'LEDGER_ORIGIN'],
  ['a first entry that opens nothing', 0, { kind: 'gap', origin: undefined, refusals: 1 }, 'LEDGER_ORIGIN'],
  ['a second opening', 9, { kind: 'opened', refusals: undefined, origin: sampleOrigin }, 'LEDGER_ORIGIN'],
  ['a wrong index', 9, { seq: 10 }, 'LEDGER_SEQUENCE'],
  ['a time that falls', 20, { time: 0 }, 'LEDGER_TIME'],
  ['a first version that supersedes', 1, { supersedes: 0 }, 'LEDGER_ACTIVATION'],
  ['a version that skips one', 34, { version: 3 }, 'LEDGER_ACTIVATION'],
  ['a version that supersedes another entry', 34, { supersedes: 2 }, 'LEDGER_ACTIVATION'],
  ['a version that supersedes nothing', 34, { supersedes: undefined }, 'LEDGER_ACTIVATION'],
  ['an intent under no agreement', 2, { agreement: undefined }, 'LEDGER_AGREEMENT'],
  ['an intent under what is no activation', 2, { agreement: 0 }, 'LEDGER_AGREEMENT'],
  ['an intent under a later version', 2, { agreement: 34 }, 'LEDGER_AGREEMENT'],
  ['an intent under an earlier version', 35, { agreement: 1 }, 'LEDGER_AGREEMENT'],
  [
    'an intent that names another text than its version',
    35,
    { text: digestOf('agreement 1') },
    'LEDGER_AGREEMENT',
  ],
  ['a refusal under an earlier version', 37, { agreement: 1 }, 'LEDGER_AGREEMENT'],
  ['an outcome under an earlier version', 36, { agreement: 1 }, 'LEDGER_AGREEMENT'],
  ['an outcome of what is no intent', 3, { intent: 1 }, 'LEDGER_OUTCOME'],
  ['an outcome before its intent', 3, { intent: 7 }, 'LEDGER_OUTCOME'],
  ['an outcome of another exchange', 3, { exchange: 'ex_7' }, 'LEDGER_OUTCOME'],
  ['a second outcome', 11, { intent: 2, exchange: 'ex_2' }, 'LEDGER_OUTCOME'],
  ['an interruption of what has an outcome', 8, { intent: 2, exchange: 'ex_2' }, 'LEDGER_OUTCOME'],
  ['the end of a hold that never was', 6, { hold: 'hold_6' }, 'LEDGER_HOLD'],
  ['a member that no kind has', 4, { more: 1 }, 'LEDGER_LEAF'],
]

for (const [claim, seq, change, code] of findings) {
  test(`verifyLedger finds ${claim}`, async () => {
    await assert.rejects(verifyChanged(seq, change), { code, index: seq })
  })
}

test('a refusal under no agreement at all is no finding', async () => {
  await verifyChanged(4, { agreement: undefined, provider: undefined })
})

test('an outcome may end under the version its exchange began under, and is counted', async () => {
  const leaves = Array.from({ length: 40 }, (_, seq) => sampleLeaf(seq))
  const [intent, outcome] = [leaves[26]!, leaves[27]!]
  assert.deepEqual([intent.kind, outcome.kind], ['intent', 'outcome'])
  const gap = { v: 1, seq: 27, time: outcome.time, kind: 'gap', refusals: 1 } as const
  const late = { ...outcome, seq: 40, time: leaves[39]!.time }
  const directory = await newDirectory()
  const changed = [...leaves.with(27, gap), late].map((leaf) => formatLeaf(leaf))
  await writeSampleLog(directory, [41], changed)
  assert.equal((await verify(directory)).outcomesUnderEarlierVersion, 1)
})

test('entries that are no leaves are a finding even in a perfect tree', async () => {
  const directory = await newDirectory()
  await writeSampleLog(directory, [3], plainEntries(3))
  await assert.rejects(verify(directory), { code: 'LEDGER_LEAF', index: 0 })
  assert.equal(leafHash(entries[0]!).length, 32)
})
