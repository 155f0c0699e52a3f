/** Claims about publishing and about starting again: after any crash the same call goes on, after any lie it refuses. */
import assert from 'node:assert/strict'
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseLeaf, readCheckpoint, verifyLedger } from '../ledger/index.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { openRecorder } from './open-recorder.ts'
import type { OpenRecorderOptions } from './open-recorder.ts'
import { HeldClock, ask, origin, refusal, signer, vkey } from './sample-asks.ts'
import type { Sequencer } from './sequencer.ts'
import { temporaryDirectory } from './temporary-directory.ts'

interface Place extends AsyncDisposable {
  readonly rows: MemoryRows
  readonly evidence: string
  readonly guard: string
  open(options?: Partial<OpenRecorderOptions>): ReturnType<typeof openRecorder>
}

async function place(rows = new MemoryRows()): Promise<Place> {
  const directory = await temporaryDirectory()
  const evidence = join(directory.path, 'evidence')
  const guard = join(directory.path, 'guard')
  const common = { clock: new HeldClock(), signer, origin, directory: evidence, guardDirectory: guard }
  return {
    rows,
    evidence,
    guard,
    open: (options = {}) => openRecorder({ store: new MemoryStore(rows), ...common, ...options }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

async function write(sequencer: Sequencer, count: number): Promise<void> {
  const asks = Array.from({ length: count }, (_, i) => ask.refuse({ exchange: `ex_${i}` }))
  await Promise.all(asks.map((one) => sequencer.record(one, 1)))
}

/** A place with an agreement in force and `count` refusals, all published. */
async function published(count: number): Promise<Place> {
  const started = await place()
  const { sequencer, publisher } = await started.open()
  await sequencer.record(ask.activate(), 1)
  await write(sequencer, count)
  await publisher.publish(sequencer.head())
  return started
}

async function audit({ evidence }: Place) {
  return verifyLedger({ directory: evidence, verifiers: [vkey] })
}

async function sizeIn(path: string): Promise<number> {
  return readCheckpoint(await readFile(path, 'utf8')).size
}

const damaged = { name: 'RecorderError', code: 'RECORDER_DAMAGED' }

test('openRecorder opens, signs and publishes a new log', async () => {
  await using here = await place()
  const { publisher } = await here.open()
  assert.equal(publisher.size, 1)
  assert.equal((await audit(here)).size, 1)
})

test('publish makes each head the public one, across tile boundaries', async () => {
  await using here = await place()
  const { sequencer, publisher } = await here.open()
  await sequencer.record(ask.activate(), 1)
  for (const count of [1, 252, 1, 1, 1, 300]) {
    await write(sequencer, count)
    await publisher.publish(sequencer.head())
    assert.equal((await audit(here)).size, sequencer.head().size)
    assert.equal(publisher.size, sequencer.head().size)
  }
})

test('a start publishes what was written and not yet signed', async () => {
  await using here = await published(3)
  const { sequencer } = await here.open()
  await write(sequencer, 4)
  await here.open()
  assert.equal((await audit(here)).size, 9)
})

test('a start after a crash between guard and checkpoint file publishes the signed one', async () => {
  await using here = await published(3)
  const before = await readFile(join(here.evidence, 'checkpoint'))
  const { sequencer, publisher } = await here.open()
  await write(sequencer, 300)
  await publisher.publish(sequencer.head())
  await writeFile(join(here.evidence, 'checkpoint'), before)
  await here.open()
  assert.equal((await audit(here)).size, 305)
})

test('a start after a crash between tiles and signature goes on over the tiles', async () => {
  await using here = await published(3)
  const checkpoint = await readFile(join(here.evidence, 'checkpoint'))
  const guarded = await readFile(join(here.guard, 'last-signed'))
  const { sequencer, publisher } = await here.open()
  await write(sequencer, 300)
  await publisher.publish(sequencer.head())
  await writeFile(join(here.evidence, 'checkpoint'), checkpoint)
  await writeFile(join(here.guard, 'last-signed'), guarded)
  await here.open()
  assert.equal((await audit(here)).size, 305)
})

test('a start derives evidence anew that was deleted, wholly or in part', async () => {
  const deletions = ['.', 'checkpoint', 'tile/0', 'tile/entries/000', 'tile/1', 'tile/0/001.p']
  await using here = await published(300)
  for (const deleted of deletions) {
    await rm(join(here.evidence, deleted), { recursive: true })
    await here.open()
    assert.equal((await audit(here)).size, 302, `after ${deleted} was deleted`)
  }
})

test('a start refuses evidence that is not what the entries give', async () => {
  for (const path of ['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']) {
    await using here = await published(300)
    const bytes = await readFile(join(here.evidence, path))
    bytes[7]! ^= 1
    await writeFile(join(here.evidence, path), bytes)
    await assert.rejects(here.open(), { code: 'LEDGER_TILE_CONFLICT' })
  }
})

test('a start refuses a partial tile of an earlier checkpoint that was altered, until it is deleted', async () => {
  for (const path of ['tile/0/001.p/46', 'tile/entries/001.p/46']) {
    await using here = await published(300)
    const { sequencer, publisher } = await here.open()
    await write(sequencer, 4)
    await publisher.publish(sequencer.head())
    await here.open()
    const altered = join(here.evidence, path)
    const bytes = await readFile(altered)
    bytes[7]! ^= 1
    for (const lie of [bytes, bytes.subarray(0, 32)]) {
      await writeFile(altered, lie)
      await assert.rejects(here.open(), { code: 'LEDGER_TILE_CONFLICT', message: /001\.p\/46/ })
    }
    await rm(altered)
    await here.open()
    assert.equal((await audit(here)).size, 306)
  }
})

test('a start refuses a checkpoint file that is none', async () => {
  await using here = await published(1)
  await writeFile(join(here.evidence, 'checkpoint'), 'gone\n')
  await assert.rejects(here.open(), damaged)
})

test('a start refuses an old copy of the database', async () => {
  await using here = await published(5)
  const old = here.rows.entries.slice(0, 4)
  here.rows.entries.length = 0
  here.rows.entries.push(...old)
  await assert.rejects(here.open(), { ...damaged, message: /7 entries were signed, but only 4/ })
})

test('a start refuses rows that do not give the signed root', async () => {
  await using here = await published(5)
  const row = here.rows.entries[4]!
  const leaf = Buffer.from(row.leaf.toString().replace('4.2#1', '4.2#2'))
  here.rows.entries[4] = { ...row, leaf }
  await assert.rejects(here.open(), { ...damaged, message: /root that was signed/ })
})

test('a start refuses a damaged entry that no signature covers yet', async () => {
  await using here = await published(1)
  const { sequencer } = await here.open()
  await write(sequencer, 3)
  const row = here.rows.entries[4]!
  for (const leaf of [Buffer.from('{}'), here.rows.entries[3]!.leaf]) {
    here.rows.entries[4] = { ...row, leaf }
    await assert.rejects(here.open(), damaged)
  }
})

test('a start refuses a store that misses an entry', async () => {
  await using here = await published(5)
  const store = new MemoryStore(here.rows)
  const readLeaves = store.readLeaves.bind(store)
  store.readLeaves = async (from, to) => (await readLeaves(from, to)).slice(1)
  await assert.rejects(here.open({ store }), { ...damaged, message: /missing/ })
})

test('a start refuses the log of another origin, whether guard or rows name it', async () => {
  await using here = await published(1)
  const other = { origin: 'gateway.example/other' }
  await assert.rejects(here.open(other), { ...damaged, message: /guard keeps/ })
  await rm(here.guard, { recursive: true })
  await rm(here.evidence, { recursive: true })
  await assert.rejects(here.open(other), { ...damaged, message: /and the log is/ })
})

test('a start refuses a log of the other role', async () => {
  await using here = await published(1)
  await assert.rejects(here.open({ role: 'gate' }), {
    ...damaged,
    message: /of the role `agency`, not `gate`/,
  })
  await using gate = await place()
  await gate.open({ role: 'gate' })
  await assert.rejects(gate.open(), { ...damaged, message: /of the role `gate`, not `agency`/ })
})

test('a start refuses a guard that has forgotten what the evidence shows', async () => {
  await using here = await published(5)
  const later = await readFile(join(here.guard, 'last-signed'))
  await rm(join(here.guard, 'last-signed'))
  await assert.rejects(here.open(), { ...damaged, message: /the guard keeps none/ })
  await using elsewhere = await published(2)
  await cp(join(elsewhere.guard, 'last-signed'), join(here.guard, 'last-signed'))
  await assert.rejects(here.open(), { ...damaged, message: /the guard keeps one of 4/ })
  await writeFile(join(here.guard, 'last-signed'), later)
  await here.open()
})

test('a start refuses texts of agreements that are not those the entries put into force', async () => {
  await using here = await published(1)
  const { sequencer } = await here.open()
  await sequencer.record(ask.activate('department', 2), 1)
  const rows = here.rows.activations
  const [first, second] = [rows[0]!, rows[1]!]
  const lies = [
    [first],
    [first, { ...second, text: first.text }],
    [first, { ...second, envelope: null }],
    [first, { ...second, version: 3 }],
    [first, second, { ...second, seq: 9 }],
    [second, first],
  ]
  for (const lie of lies) {
    rows.splice(0, rows.length, ...lie)
    await assert.rejects(here.open(), { ...damaged, message: /agreements in the rows/ })
  }
  rows.splice(0, rows.length, first, second)
  await here.open()
})

/** A log with money spent, an intent without outcome and a hold: all signed, as an attacker finds it. */
async function busy(): Promise<Place> {
  const here = await published(1)
  const { sequencer, publisher } = await here.open()
  for (const exchange of ['ex_settled', 'ex_free', 'ex_open']) {
    const reservation = sequencer.reserve('department', 10, 1).id
    await sequencer.record(ask.admit({ exchange, reservation }), 1)
  }
  await sequencer.record(ask.settle({ exchange: 'ex_settled', micros: 7 }), 1)
  await sequencer.record(ask.settle({ exchange: 'ex_free', micros: 0 }), 1)
  const hold = { id: 'hold_1', expiresAt: new HeldClock().time + 1_000 }
  await sequencer.record(ask.refuse({ exchange: 'ex_held', hold }), 1)
  // One that was used, and a repeat of the one that is open.
  const used = { id: 'hold_0', expiresAt: hold.expiresAt }
  await sequencer.record(ask.refuse({ exchange: 'ex_used', hold: used }), 1)
  await sequencer.record(ask.decide({ exchange: 'ex_used', redeems: 'hold_0' }), 1)
  const reservation = sequencer.reserve('department', 0, 1).id
  await sequencer.record(ask.admit({ exchange: 'ex_redeems', reservation, redeems: 'hold_0' }), 1)
  await sequencer.record(ask.settle({ exchange: 'ex_redeems', micros: 0 }), 1)
  const { leaf, sealed, judgedUnder } = refusal({ exchange: 'ex_repeat', hold })
  await sequencer.record({ op: 'refuse', refusal: { leaf, sealed, judgedUnder } }, 1)
  await publisher.publish(sequencer.head())
  return here
}

type Lie = (rows: MemoryRows) => unknown
const forged = { exchange: 'ex_fake', seq: 2, agreement: 'department', reservedMicros: 99 }
const changeIntent =
  (change: object): Lie =>
  ({ intents }) =>
    intents.set('ex_open', { ...intents.get('ex_open')!, ...change })
const changeSpent =
  (at: number, change: object): Lie =>
  ({ spent }) =>
    spent.splice(at, 1, { ...spent[at]!, ...change })

const changeHold =
  (change: object): Lie =>
  ({ holds }) =>
    holds.set('hold_1', { ...holds.get('hold_1')!, ...change })

const lies: Readonly<Record<string, readonly [Lie, RegExp]>> = {
  'money that was deleted': [({ spent }) => spent.splice(0), /what the outcome at entry 6 cost is missing/],
  'money of one outcome that was deleted': [({ spent }) => spent.splice(1, 1), /entry 7 cost is missing/],
  'money of an entry that is no outcome': [changeSpent(0, { seq: 5 }), /entry 6 cost is missing/],
  'money that was added at an entry that is no outcome': [
    ({ spent }) => spent.unshift({ seq: 2, agreement: 'department', micros: 0 }),
    /what entry 2 cost, which is no outcome/,
  ],
  'money given back beyond the last entry': [
    ({ spent }) => spent.push({ seq: 99, agreement: 'department', micros: -7 }),
    /add up to 0, those of its outcomes to 7/,
  ],
  'money of another agreement': [changeSpent(0, { agreement: 'other' }), /not one of department/],
  'money below nothing': [changeSpent(0, { micros: -7 }), /not one of department/],
  'an intent that was made up': [({ intents }) => intents.set('ex_fake', forged), /entry 2 .* of ex_fake/],
  'an intent that was deleted': [({ intents }) => intents.clear(), /open intent at entry 5 is missing/],
  'an intent at another entry': [changeIntent({ seq: 4 }), /entry 4 is the open intent of ex_open/],
  'an intent of another agreement': [changeIntent({ agreement: 'other' }), /open intent of ex_open/],
  'a hold that was deleted': [({ holds }) => holds.clear(), /open hold hold_1 is missing/],
  'a hold that was made up': [
    ({ holds }) => holds.set('hold_2', { ...holds.get('hold_1')!, id: 'hold_2' }),
    /ex_held waits for the hold hold_2/,
  ],
  'a hold of another entry': [changeHold({ seq: 2 }), /ex_held waits for the hold hold_1/],
  'a hold of another exchange': [changeHold({ exchange: 'ex_free' }), /ex_free waits for the hold hold_1/],
  'a hold under another agreement': [changeHold({ agreement: 0 }), /waits for the hold hold_1/],
  'a hold with another end': [changeHold({ expiresAt: 1 }), /waits for the hold hold_1/],
  'a hold of another stage': [changeHold({ stage: 'answer' }), /waits for the hold hold_1/],
  'a hold by other rules': [changeHold({ rules: [] }), /waits for the hold hold_1/],
  'a hold with other commitments': [changeHold({ commitments: 'ab' }), /waits for the hold hold_1/],
  'a hold that was used and is open again': [
    ({ holds }) => holds.set('hold_0', { ...holds.get('hold_1')!, id: 'hold_0' }),
    /waits for the hold hold_0/,
  ],
  'a time that was set back': [
    ({ entries }) => entries.push({ ...entries.pop()!, time: 0 }),
    /the last entry has the time 0/,
  ],
}

for (const [name, [lie, message]] of Object.entries(lies)) {
  test(`a start refuses ${name}`, async () => {
    await using here = await busy()
    lie(here.rows)
    const entries = here.rows.entries.length
    await assert.rejects(here.open(), { ...damaged, message })
    assert.equal(here.rows.entries.length, entries)
  })
}

test('a start goes on over money, an open intent and a hold that nobody touched', async () => {
  await using here = await busy()
  const { sequencer } = await here.open()
  assert.equal(sequencer.reserve('department', 0, 1).committedMicros, 17)
  await here.open()
  await audit(here)
})

test('a start refuses a clock before the last entry, and says what can be done', async () => {
  await using here = await published(1)
  await assert.rejects(here.open({ clock: { now: () => 0 } }), {
    ...damaged,
    message: /correct the clock if it is wrong now; if it was wrong then, wait/,
  })
})

test('publish refuses rows that have changed since they were written', async () => {
  await using here = await published(1)
  const { sequencer, publisher } = await here.open()
  await write(sequencer, 1)
  const row = here.rows.entries.at(-1)!
  here.rows.entries[here.rows.entries.length - 1] = { ...row, leaf: Buffer.from('{}') }
  await assert.rejects(publisher.publish(sequencer.head()), damaged)
  assert.equal(await sizeIn(join(here.guard, 'last-signed')), 3)
})

test('publish refuses to go on when another program has signed since', async () => {
  await using here = await published(1)
  const { sequencer, publisher } = await here.open()
  await write(sequencer, 1)
  const twin = await here.open()
  await write(twin.sequencer, 1)
  await twin.publisher.publish(twin.sequencer.head())
  await assert.rejects(publisher.publish(sequencer.head()), { code: 'LEDGER_GUARD_CONFLICT' })
})

test('a full disk delays publication, says so, and a later call catches up', async () => {
  await using here = await published(1)
  const delays: string[] = []
  const store = new MemoryStore(here.rows)
  const { sequencer, publisher } = await here.open({ store, delayed: (message) => delays.push(message) })
  const before = publisher.size
  await write(sequencer, 300)
  const readLeaves = store.readLeaves.bind(store)
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    store.readLeaves = () => Promise.reject(Object.assign(new Error(code), { code }))
    await publisher.publish(sequencer.head())
  }
  assert.deepEqual(delays, ['ENOSPC', 'EDQUOT', 'EFBIG'])
  assert.equal(publisher.size, before)
  assert.equal(await sizeIn(join(here.evidence, 'checkpoint')), before)
  store.readLeaves = readLeaves
  await publisher.publish(sequencer.head())
  assert.equal((await audit(here)).size, before + 300)
})

test('an error of the disk other than a full one ends publication', async () => {
  await using here = await published(1)
  const store = new MemoryStore(here.rows)
  const { sequencer, publisher } = await here.open({ store })
  await write(sequencer, 1)
  store.readLeaves = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
  await assert.rejects(publisher.publish(sequencer.head()), { code: 'EIO' })
})

test('a start over open intents leaves a log in which each has its outcome', async () => {
  await using here = await published(0)
  const { sequencer } = await here.open()
  for (const exchange of ['ex_1', 'ex_2']) {
    const reservation = sequencer.reserve('department', 10, 1).id
    await sequencer.record(ask.admit({ exchange, reservation }), 1)
  }
  await here.open()
  const summary = await audit(here)
  assert.deepEqual(summary.openIntents, [])
  assert.equal(summary.entries.outcome, 2)
  assert.equal(parseLeaf(here.rows.entries.at(-1)!.leaf).kind, 'outcome')
})

test('the evidence directory holds nothing but checkpoint and tiles', async () => {
  await using here = await published(300)
  assert.deepEqual((await readdir(here.evidence)).sort(), ['checkpoint', 'tile'])
})
