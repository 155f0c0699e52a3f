/** Claims about the sequencer: what it answers is durable, and what fails is neither written nor forgotten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  leafHash,
  merkleRoot,
  openFrontier,
  parseLeaf,
  parseReceipt,
  parseVkey,
  verifyReceipt,
} from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { LogMemory } from './log-memory.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { readTree } from './read-tree.ts'
import { HeldClock, ask, origin, signer, vkey } from './sample-asks.ts'
import { Sequencer } from './sequencer.ts'
import type { SequencerOptions } from './sequencer.ts'

interface Started {
  readonly store: MemoryStore
  readonly clock: HeldClock
  readonly sequencer: Sequencer
}

async function open(rows = new MemoryRows(), options: Partial<SequencerOptions> = {}): Promise<Started> {
  const store = new MemoryStore(rows)
  const clock = new HeldClock()
  const state = await store.load()
  const read = await readTree(store, state, { origin, role: options.role ?? 'agency', signed: null })
  const sequencer = await Sequencer.open({ store, clock, signer, origin, state, ...read, ...options })
  return { store, clock, sequencer }
}

/** With `department` version 1 in force since entry 1. */
async function start(options: Partial<SequencerOptions> = {}): Promise<Started> {
  const started = await open(new MemoryRows(), options)
  await started.sequencer.record(ask.activate(), 1)
  return started
}

function kinds({ rows }: MemoryStore): string[] {
  return rows.entries.map(({ leaf }) => {
    const parsed = parseLeaf(leaf)
    return parsed.kind === 'outcome' ? parsed.status : parsed.kind
  })
}

function admit(sequencer: Sequencer, exchange: string, micros = 100, worker = 1) {
  const reservation = sequencer.reserve('department', micros, worker).id
  return sequencer.record(ask.admit({ exchange, reservation }), worker)
}

function committed(sequencer: Sequencer, worker = 9): number {
  const { id, committedMicros } = sequencer.reserve('department', 0, worker)
  sequencer.release(id)
  return committedMicros
}

/** Lets everything run that does not wait for something else. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

const unavailable = { name: 'RecorderError', code: 'RECORDER_UNAVAILABLE' }
const conflict = { name: 'RecorderError', code: 'RECORDER_CONFLICT' }
const damaged = { name: 'RecorderError', code: 'RECORDER_DAMAGED' }

test('open writes the opening entry, once', async () => {
  const { store } = await open()
  assert.deepEqual(kinds(store), ['opened'])
  const again = await open(store.rows)
  assert.deepEqual(kinds(again.store), ['opened'])
})

test('record resolves with the index and a receipt that verifies for the stored bytes', async () => {
  const { store, sequencer } = await start()
  const { seq, receipt } = await sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  const signed = parseReceipt(receipt)
  verifyReceipt(signed, parseVkey(vkey))
  assert.equal(signed.index, seq)
  assert.deepEqual(Buffer.from(signed.leafHash), Buffer.from(leafHash(store.rows.entries[seq]!.leaf)))
  assert.equal(signed.time, store.rows.entries[seq]!.time)
})

test('record resolves only once the commit has returned', async () => {
  const { store, sequencer } = await start()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  store.gate = promise
  let answered = false
  const recorded = sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1).then(() => (answered = true))
  await settled()
  assert.equal(answered, false)
  resolve(undefined)
  await recorded
})

test('head is the root over the leaves that are stored', async () => {
  const { store, sequencer } = await start()
  await Promise.all([1, 2, 3].map((n) => sequencer.record(ask.refuse({ exchange: `ex_${n}` }), 1)))
  const root = merkleRoot(store.rows.entries.map(({ leaf }) => leaf))
  assert.deepEqual(sequencer.head(), { size: 5, root })
})

test('what arrives while a commit runs is written in the next one, together', async () => {
  const { store, sequencer } = await start()
  const before = store.commits.length
  const { promise, resolve } = Promise.withResolvers<undefined>()
  store.gate = promise
  const first = sequencer.record(ask.refuse({ exchange: 'ex_0' }), 1)
  await settled()
  const rest = Array.from({ length: 50 }, (_, i) =>
    sequencer.record(ask.refuse({ exchange: `ex_${i + 1}` }), 1),
  )
  resolve(undefined)
  await Promise.all([first, ...rest])
  assert.deepEqual(
    store.commits.slice(before).map(({ entries }) => entries.length),
    [1, 50],
  )
})

test('a commit takes at most batchMax asks', async () => {
  const { store, sequencer } = await start({ batchMax: 3 })
  const before = store.commits.length
  await Promise.all(
    Array.from({ length: 7 }, (_, i) => sequencer.record(ask.refuse({ exchange: `ex_${i}` }), 1)),
  )
  assert.deepEqual(
    store.commits.slice(before).map(({ entries }) => entries.length),
    [3, 3, 1],
  )
})

test('an ask beyond waitingMax or waitingBytesMax is refused, counted, and its money given back', async () => {
  for (const limits of [{ waitingMax: 2 }, { waitingBytesMax: 30 }]) {
    const { store, sequencer } = await start(limits)
    const asks = ['ex_1', 'ex_2', 'ex_3'].map((exchange) => admit(sequencer, exchange))
    await assert.rejects(asks[2]!, unavailable)
    await Promise.all(asks.slice(0, 2))
    assert.equal(committed(sequencer), 200)
    assert.deepEqual(kinds(store), ['opened', 'activation', 'gap', 'intent', 'intent'])
  }
})

test('an order is taken when nothing else is, and written before everything that waits', async () => {
  for (const limits of [{ waitingMax: 3 }, { waitingBytesMax: 33 }]) {
    const { store, sequencer } = await start({ ...limits, batchMax: 2 })
    const waiting = ['ex_1', 'ex_2', 'ex_3'].map((exchange) => sequencer.record(ask.refuse({ exchange }), 1))
    const call = sequencer.record(ask.refuse({ exchange: 'ex_4' }), 1)
    const orders = ['order_1', 'order_2', 'order_3'].map((id) => sequencer.record(ask.order(id), 1))
    await assert.rejects(call, unavailable)
    await Promise.all([...orders, ...waiting])
    const written = kinds(store).filter((kind) => kind === 'order' || kind === 'refusal')
    assert.deepEqual(written, [...Array<string>(3).fill('order'), ...Array<string>(3).fill('refusal')])
    const leaves = store.rows.entries.map(({ leaf }) => parseLeaf(leaf))
    assert.deepEqual(
      leaves.flatMap((leaf) => (leaf.kind === 'order' ? [leaf.id] : [])),
      ['order_1', 'order_2', 'order_3'],
    )
  }
})

test('a dispute is taken when nothing else is, and what waited was judged before it', async () => {
  const { store, sequencer } = await start({ waitingMax: 2 })
  const { version: judgedUnder } = sequencer.lease()
  const reservation = sequencer.reserve('department', 1, 1).id
  const calls = [
    sequencer.record(ask.admit({ exchange: 'ex_1', reservation, judgedUnder }), 1),
    sequencer.record(ask.refuse({ exchange: 'ex_2', judgedUnder }), 1),
  ]
  await sequencer.record(ask.dispute('dispute_1'), 1)
  for (const call of calls) await assert.rejects(call, { code: 'RECORDER_SUPERSEDED' })
  assert.deepEqual(kinds(store), ['opened', 'activation', 'dispute'])
  assert.equal(committed(sequencer), 0)
})

test('a call that waited when an order came is not admitted under what the order has stopped', async () => {
  const { store, sequencer } = await start({ waitingMax: 2 })
  const calls = [admit(sequencer, 'ex_1'), admit(sequencer, 'ex_2')]
  await sequencer.record(ask.order('order_1'), 1)
  for (const call of calls) await assert.rejects(call, { code: 'RECORDER_SUPERSEDED' })
  assert.deepEqual(kinds(store), ['opened', 'activation', 'order'])
})

test('a full disk refuses all that waited; when it has room one gap entry says how many refusals are missing', async () => {
  const { store, sequencer } = await start()
  store.script.push('STORE_UNAVAILABLE')
  const failed = [
    admit(sequencer, 'ex_1'),
    sequencer.record(ask.refuse({ exchange: 'ex_2' }), 1),
    sequencer.record(ask.activate('hospital'), 1),
  ]
  for (const one of failed) await assert.rejects(one, unavailable)
  assert.equal(committed(sequencer), 0)
  store.script.push('STORE_UNAVAILABLE')
  await assert.rejects(sequencer.record(ask.refuse({ exchange: 'ex_3' }), 1), unavailable)
  await sequencer.record(ask.refuse({ exchange: 'ex_4' }), 1)
  const [gap] = store.commits.at(-1)!.entries.map(({ leaf }) => parseLeaf(leaf))
  assert.deepEqual(gap?.kind === 'gap' ? gap.refusals : null, 3)
  assert.deepEqual(kinds(store), ['opened', 'activation', 'gap', 'refusal'])
  await sequencer.record(ask.refuse({ exchange: 'ex_5' }), 1)
  assert.equal(kinds(store).filter((kind) => kind === 'gap').length, 1)
})

test('a refusal that cannot be written gives back its reservation', async () => {
  const { store, sequencer } = await start()
  for (const outcome of ['STORE_UNAVAILABLE', 'ok'] as const) {
    const reservation = sequencer.reserve('department', 100, 1).id
    store.script.push(outcome)
    const recorded = sequencer.record(ask.refuse({ exchange: 'ex_1', reservation }), 1)
    if (outcome === 'ok') await recorded
    else await assert.rejects(recorded, { code: 'RECORDER_UNAVAILABLE' })
    assert.equal(committed(sequencer), 0)
  }
})

test('an outcome that could not be written is owed: interrupted, at worst case, with the next tick', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1', 100)
  store.script.push('STORE_UNAVAILABLE', 'STORE_UNAVAILABLE')
  await assert.rejects(sequencer.record(ask.settle({ exchange: 'ex_1', micros: 7 }), 1), unavailable)
  assert.equal(committed(sequencer), 100)
  sequencer.tick()
  await settled()
  assert.equal(kinds(store).at(-1), 'intent')
  sequencer.tick()
  await sequencer.close()
  assert.equal(kinds(store).at(-1), 'interrupted')
  assert.equal(store.rows.sums().get('department'), 100)
  assert.equal(store.rows.intents.size, 0)
})

test('an outcome that is asked again after a failure is taken if it comes before the interrupted one', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1', 100)
  store.script.push('STORE_UNAVAILABLE')
  const settle = ask.settle({ exchange: 'ex_1', micros: 7 })
  await assert.rejects(sequencer.record(settle, 1), unavailable)
  await sequencer.record(settle, 1)
  assert.deepEqual(kinds(store).slice(-2), ['intent', 'completed'])
  await assert.rejects(sequencer.record(settle, 1), conflict)
  assert.equal(committed(sequencer), 7)
})

test('a bad outcome interrupts its own exchange and no other', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1')
  const bad = ask.settle({ exchange: 'ex_1', micros: 7, agreement: 0 })
  await assert.rejects(sequencer.record(bad, 1), conflict)
  await assert.rejects(sequencer.record(ask.settle({ exchange: 'ex_2', micros: 1 }), 1), conflict)
  await admit(sequencer, 'ex_2')
  await sequencer.close()
  assert.deepEqual(kinds(store).slice(2), ['intent', 'interrupted', 'intent'])
})

test('an ask of no form is refused, and the next one is written', async () => {
  const { store, sequencer } = await start()
  for (const bad of [{ op: 'admit' }, { op: 'settle', settlement: {} }, { op: 'nothing' }, null]) {
    await assert.rejects(sequencer.record(bad as unknown as DurableAsk, 1), conflict)
  }
  await sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  assert.equal(sequencer.broken, null)
  assert.equal(kinds(store).at(-1), 'refusal')
})

test('a store that is broken, or has another writer, ends everything', async () => {
  for (const code of ['STORE_BROKEN', 'STORE_CONFLICT'] as const) {
    const { store, sequencer } = await start({ batchMax: 1 })
    store.script.push(code)
    const asks = ['ex_1', 'ex_2', 'ex_3'].map((exchange) => sequencer.record(ask.refuse({ exchange }), 1))
    for (const one of asks) await assert.rejects(one, damaged)
    await assert.rejects(sequencer.record(ask.refuse({ exchange: 'ex_4' }), 1), damaged)
    assert.equal(sequencer.broken?.code, 'RECORDER_DAMAGED')
    assert.throws(() => sequencer.lease(), damaged)
    assert.throws(() => sequencer.standing(), damaged)
    assert.throws(() => sequencer.reserve('department', 1, 1), damaged)
    sequencer.tick()
    sequencer.forget(1)
    await assert.rejects(sequencer.close(), damaged)
    assert.deepEqual(kinds(store), ['opened', 'activation'])
  }
})

test('a receipt that cannot be signed ends everything, for the entry is written and cannot be acknowledged', async () => {
  let fails = false
  const sign = (bytes: Uint8Array) => (fails ? Promise.reject(new Error('no key')) : signer.sign(bytes))
  const { store, sequencer } = await start({ signer: { ...signer, sign } })
  fails = true
  await assert.rejects(sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1), damaged)
  assert.equal(kinds(store).at(-1), 'refusal')
  assert.equal(sequencer.broken?.code, 'RECORDER_DAMAGED')
})

test('time never falls in the log, and a clock that is set back keeps no start but a small one', async () => {
  const { store, clock, sequencer } = await start()
  const before = store.rows.entries.at(-1)!.time
  clock.time -= 30_000
  await sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  assert.equal(store.rows.entries.at(-1)!.time, before)
  await open(store.rows, { clock: { now: () => before - 60_000 } })
  await assert.rejects(open(store.rows, { clock: { now: () => before - 60_001 } }), damaged)
})

test('a hold whose time is over is ended by the tick, or at the next start', async () => {
  const { store, clock, sequencer } = await start()
  const expiresAt = clock.time + 1_000
  for (const id of ['hold_1', 'hold_2']) {
    const hold = { id, expiresAt: id === 'hold_1' ? expiresAt : expiresAt + 1_000 }
    await sequencer.record(ask.refuse({ exchange: `ex_${id}`, hold }), 1)
  }
  sequencer.tick()
  await settled()
  assert.equal(kinds(store).at(-1), 'refusal')
  clock.time = expiresAt
  sequencer.tick()
  await sequencer.close()
  assert.equal(kinds(store).at(-1), 'hold-expired')
  assert.deepEqual([...store.rows.holds.keys()], ['hold_2'])
  const again = await open(store.rows, { clock: { now: () => expiresAt + 1_000 } })
  assert.deepEqual(kinds(again.store).slice(-2), ['hold-expired', 'hold-expired'])
})

test('forget gives back what a worker reserved and settles what it opened at worst case; others keep theirs', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1', 100, 1)
  await admit(sequencer, 'ex_2', 10, 2)
  sequencer.reserve('department', 1_000, 1)
  const kept = sequencer.reserve('department', 1, 2).id
  sequencer.forget(1)
  await settled()
  assert.equal(kinds(store).at(-1), 'interrupted')
  assert.equal(store.rows.sums().get('department'), 100)
  assert.equal(committed(sequencer), 111)
  await sequencer.record(ask.admit({ exchange: 'ex_3', reservation: kept }), 2)
  await sequencer.record(ask.settle({ exchange: 'ex_2', micros: 5 }), 2)
})

test('a worker that dies while its intent is being written leaves no intent open and no money free meanwhile', async () => {
  const { store, sequencer } = await start()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  store.gate = promise
  const admitted = admit(sequencer, 'ex_1', 100, 1)
  await settled()
  const waiting = admit(sequencer, 'ex_2', 10, 1)
  sequencer.forget(1)
  await assert.rejects(waiting, unavailable)
  assert.equal(committed(sequencer), 100)
  resolve(undefined)
  await admitted
  await settled()
  assert.deepEqual(kinds(store).slice(-3), ['intent', 'gap', 'interrupted'])
  assert.equal(store.rows.sums().get('department'), 100)
  assert.throws(() => sequencer.reserve('department', 1, 1), unavailable)
})

test('a release while the intent is being written, or after, takes no money from under it', async () => {
  const { sequencer } = await start()
  const reservation = sequencer.reserve('department', 100, 1).id
  const admitted = sequencer.record(ask.admit({ exchange: 'ex_1', reservation }), 1)
  sequencer.release(reservation)
  await assert.rejects(sequencer.record(ask.admit({ exchange: 'ex_2', reservation }), 1), conflict)
  await admitted
  sequencer.release(reservation)
  await sequencer.record(ask.refuse({ exchange: 'ex_3', reservation }), 1)
  assert.equal(committed(sequencer), 100)
  await sequencer.record(ask.settle({ exchange: 'ex_1', micros: 60 }), 1)
  assert.equal(committed(sequencer), 60)
})

test('a start over open intents writes an interrupted outcome for each, thousands too', async () => {
  const { store, sequencer } = await start()
  await Promise.all(Array.from({ length: 2_500 }, (_, i) => admit(sequencer, `ex_${i}`, 2)))
  const again = await open(store.rows)
  assert.equal(kinds(again.store).filter((kind) => kind === 'interrupted').length, 2_500)
  assert.equal(again.store.rows.intents.size, 0)
  assert.equal(committed(again.sequencer), 5_000)
})

test('a start that cannot write what is owed rejects with what the store said', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1')
  const failing = new MemoryStore(store.rows)
  failing.script.push('STORE_UNAVAILABLE')
  const options = {
    clock: new HeldClock(),
    signer,
    origin,
    state: await failing.load(),
    tree: openFrontier(),
    log: new LogMemory(),
  }
  await assert.rejects(Sequencer.open({ ...options, store: failing }), { code: 'STORE_UNAVAILABLE' })
})

test('lease grows with each activation, and standing gives all versions in order', async () => {
  const { sequencer } = await open()
  assert.equal(sequencer.lease().version, -1)
  const one = await sequencer.record(ask.activate(), 1)
  assert.equal(sequencer.lease().version, one.seq)
  const two = await sequencer.record(ask.activate('department', 2), 1)
  assert.equal(sequencer.lease().version, two.seq)
  const { version, activations } = sequencer.standing()
  assert.equal(version, two.seq)
  assert.deepEqual(
    activations.map(({ seq, text }) => [seq, text]),
    [
      [1, '# department, version 1'],
      [2, '# department, version 2'],
    ],
  )
})

test('lease says the time of the last entry, which does not fall when the clock does', async () => {
  const { sequencer, clock } = await start()
  const year = 365 * 24 * 3600 * 1000
  clock.time += 5 * year
  await sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  const { logTime } = sequencer.lease()
  assert.equal(logTime, clock.time)
  clock.time -= 5 * year
  await sequencer.record(ask.refuse({ exchange: 'ex_2' }), 1)
  assert.equal(sequencer.lease().logTime, logTime)
})

test('an activation that cannot be written is not in force', async () => {
  const { store, sequencer } = await start()
  store.script.push('STORE_UNAVAILABLE')
  await assert.rejects(sequencer.record(ask.activate('department', 2), 1), unavailable)
  assert.equal(sequencer.lease().version, 1)
  await admit(sequencer, 'ex_1')
})

test('close writes what waits, and refuses what comes after', async () => {
  const { store, sequencer } = await start()
  const last = sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  const closed = sequencer.close()
  await assert.rejects(sequencer.record(ask.refuse({ exchange: 'ex_2' }), 1), unavailable)
  assert.throws(() => sequencer.reserve('department', 1, 1), unavailable)
  assert.throws(() => sequencer.lease(), unavailable)
  await last
  await closed
  sequencer.forget(1)
  sequencer.tick()
  await settled()
  assert.deepEqual(kinds(store), ['opened', 'activation', 'gap', 'refusal'])
})
