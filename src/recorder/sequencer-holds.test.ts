/** Claims about what a running recorder answers of holds and orders, and about what a restart still knows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLeaf } from '../ledger/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { readTree } from './read-tree.ts'
import { HeldClock, ask, decision, newHold, origin, refusal, signer } from './sample-asks.ts'
import { Sequencer } from './sequencer.ts'
import type { LogRole } from './sequencer-memory.ts'

interface Started {
  readonly store: MemoryStore
  readonly clock: HeldClock
  readonly sequencer: Sequencer
}

async function open(
  rows = new MemoryRows(),
  role: LogRole = 'agency',
  clock = new HeldClock(),
): Promise<Started> {
  const store = new MemoryStore(rows)
  const state = await store.load()
  const read = await readTree(store, state, { origin, role, signed: null })
  const sequencer = await Sequencer.open({ store, clock, signer, origin, role, state, ...read })
  return { store, clock, sequencer }
}

async function start(role: LogRole = 'agency'): Promise<Started> {
  const started = await open(new MemoryRows(), role)
  await started.sequencer.record(ask.activate(), 1)
  return started
}

function kinds({ rows }: MemoryStore): string[] {
  return rows.entries.map(({ leaf }) => {
    const parsed = parseLeaf(leaf)
    return parsed.kind === 'outcome' || parsed.kind === 'served-end' ? parsed.status : parsed.kind
  })
}

function admit(sequencer: Sequencer, exchange: string, more: object = {}) {
  const reservation = sequencer.reserve('department', 10, 1).id
  return sequencer.record(ask.admit({ exchange, reservation, ...more }), 1)
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

const second = 1_000
const expiresAt = new HeldClock().time + 60 * second
const hold = { id: 'hold_1', expiresAt }
const opened = ask.refuse({ exchange: 'ex_h', hold })
const approve = ask.decide({ exchange: 'ex_h', redeems: 'hold_1' })
const reviewers: readonly EnrolledReviewer[] = [
  { key: 'key', person: 'person', agreement: 'department', levels: ['two-person'], roles: [], callers: [] },
]
const enrol: DurableAsk = { op: 'note', leaf: { kind: 'reviewers', reviewers } }

test('reserve answers the open hold of a call with its approvals, and none that is over', async () => {
  const { sequencer, clock } = await start()
  const ofCall = () => sequencer.reserve('department', 1, 1, 'call of hold_1').hold
  assert.equal(ofCall(), undefined)
  const { seq } = await sequencer.record(opened, 1)
  assert.deepEqual(ofCall()?.approvals, [])
  await sequencer.record(approve, 2)
  const { agreement, stage, rules, commitments } = refusal({ exchange: 'ex_h' }).leaf
  const { envelope } = decision({ exchange: 'ex_h', redeems: 'hold_1' }).leaf
  const row = { exchange: 'ex_h', seq, agreement, stage, rules, commitments }
  assert.deepEqual(ofCall(), { ...newHold(hold), ...row, approvals: [envelope] })
  assert.deepEqual(sequencer.holds(), [ofCall()])
  assert.equal(sequencer.reserve('department', 1, 1, 'another call').hold, undefined)
  assert.equal(sequencer.reserve('department', 1, 1).hold, undefined)
  clock.time = expiresAt
  assert.deepEqual([ofCall(), sequencer.holds()], [undefined, []])
})

test('what is judged again leaves no gap, and its money is given back', async () => {
  const { store, sequencer } = await start()
  await sequencer.record(opened, 1)
  await assert.rejects(sequencer.record(opened, 1), { code: 'RECORDER_HOLD' })
  await assert.rejects(admit(sequencer, 'ex_1', { redeems: 'hold_1' }), { code: 'RECORDER_HOLD' })
  await sequencer.record(ask.order('stop_1'), 1)
  await assert.rejects(admit(sequencer, 'ex_2'), { code: 'RECORDER_SUPERSEDED' })
  const reservation = sequencer.reserve('department', 100, 1).id
  const again = ask.refuse({ exchange: 'ex_3', reservation, hold: { ...hold, id: 'hold_2' } })
  await assert.rejects(sequencer.record(again, 1), { code: 'RECORDER_SUPERSEDED' })
  assert.equal(sequencer.reserve('department', 0, 1).committedMicros, 0)
  await sequencer.record(ask.refuse({ exchange: 'ex_3', reservation }), 1)
  assert.ok(!kinds(store).includes('gap'))
})

test('an outcome that must be judged again waits for its worker, and is interrupted after two ticks', async () => {
  const { store, sequencer } = await start()
  await admit(sequencer, 'ex_1')
  await admit(sequencer, 'ex_2')
  await sequencer.record(ask.order('stop_1'), 1)
  for (const exchange of ['ex_1', 'ex_2']) {
    const holding = ask.settle({ exchange, micros: 1, hold: { ...hold, id: `hold_${exchange}` } })
    await assert.rejects(sequencer.record(holding, 1), { code: 'RECORDER_SUPERSEDED' })
  }
  await settled()
  sequencer.tick()
  await sequencer.record(ask.settle({ exchange: 'ex_1', micros: 1 }), 1)
  assert.deepEqual(kinds(store).slice(-1), ['completed'])
  sequencer.tick()
  await sequencer.close()
  assert.deepEqual(kinds(store).slice(-2), ['completed', 'interrupted'])
})

test('whatever changes what is in force, and what is made known, is told at once, and stands in what is in force', async () => {
  const { sequencer } = await start()
  const told: number[] = []
  sequencer.watch((version) => told.push(version))
  const asks = [
    ask.order('stop_1'),
    enrol,
    ask.order('resume_1', { lifts: ['stop_1'] }),
    ask.activate('hospital'),
    ask.announce(),
    ask.dispute('dispute_1'),
  ]
  const answered: number[] = []
  for (const one of asks) {
    const { seq } = await sequencer.record(one, 1)
    answered.push(seq)
    assert.equal(told.at(-1), seq)
    assert.equal(sequencer.lease().version, seq)
  }
  await sequencer.record(ask.refuse({ exchange: 'ex_1' }), 1)
  assert.deepEqual(told, answered)
  const standing = sequencer.standing()
  assert.deepEqual(
    standing.orders.map(({ seq, agreement }) => [seq, agreement]),
    [
      [2, 1],
      [4, 1],
    ],
  )
  assert.deepEqual([standing.version, standing.reviewers], [7, reviewers])
})

test('an order that cannot be written is not in force, and nobody is told of it', async () => {
  const { store, sequencer } = await start()
  const told: number[] = []
  sequencer.watch((version) => told.push(version))
  store.script.push('STORE_UNAVAILABLE')
  await assert.rejects(sequencer.record(ask.order('stop_1'), 1), { code: 'RECORDER_UNAVAILABLE' })
  await admit(sequencer, 'ex_1')
  assert.deepEqual(told, [])
})

test('a restart knows approvals, stops, disputes, what was made known, reviewers and what was used before', async () => {
  const { store, sequencer } = await start()
  const elsewhere = ask.order('stop_h', { agreement: 2 })
  const disputed = ask.dispute('dispute_h', 2)
  const known = ask.announce(2, 2, 'hospital')
  for (const one of [ask.activate('hospital'), enrol, opened, approve, elsewhere, disputed, known])
    await sequencer.record(one, 1)
  await admit(sequencer, 'ex_1')
  const before = [sequencer.holds(), sequencer.standing()]

  const { sequencer: again } = await open(store.rows)
  assert.deepEqual([again.holds(), again.standing()], before)
  for (const one of [elsewhere, disputed, known]) {
    await assert.rejects(again.record(one, 1), { code: 'RECORDER_CONFLICT' })
  }
  const late = ask.refuse({ exchange: 'ex_late', agreement: 2, judgedUnder: 6 })
  await assert.rejects(again.record(late, 1), { code: 'RECORDER_SUPERSEDED' })
  await assert.rejects(admit(again, 'ex_1'), { code: 'RECORDER_CONFLICT' })
  await admit(again, 'ex_2', { redeems: 'hold_1' })
  const { sequencer: last } = await open(store.rows)
  assert.deepEqual(last.holds(), [])
  await assert.rejects(admit(last, 'ex_3', { redeems: 'hold_1' }), { code: 'RECORDER_HOLD' })
  await assert.rejects(last.record(opened, 1), { code: 'RECORDER_HOLD' })
})

test('a restart of a gate ends what was being served, and serves none of it again', async () => {
  const { store, clock, sequencer } = await start('gate')
  const serve = await ask.serve({ exchange: 'ex_1', intent: 7, time: clock.time })
  await sequencer.record(serve, 1)
  const { store: after, sequencer: again } = await open(store.rows, 'gate')
  assert.deepEqual(kinds(after).slice(-2), ['served', 'interrupted'])
  await assert.rejects(again.record(serve, 1), { code: 'RECORDER_REUSED' })
  assert.ok(!kinds(after).includes('gap'))
})

test('a worker of a gate that dies leaves no call open', async () => {
  const { store, clock, sequencer } = await start('gate')
  await sequencer.record(await ask.serve({ exchange: 'ex_1', intent: 7, time: clock.time }), 1)
  sequencer.forget(1)
  await sequencer.close()
  assert.deepEqual(kinds(store).slice(-1), ['interrupted'])
})

test('an end that could not be written is owed: interrupted with the next tick', async () => {
  const { store, clock, sequencer } = await start('gate')
  const { seq } = await sequencer.record(
    await ask.serve({ exchange: 'ex_1', intent: 7, time: clock.time }),
    1,
  )
  store.script.push('STORE_UNAVAILABLE')
  await assert.rejects(sequencer.record(ask.end('ex_1', seq), 1), { code: 'RECORDER_UNAVAILABLE' })
  sequencer.tick()
  await sequencer.close()
  assert.deepEqual(kinds(store).slice(-1), ['interrupted'])
})

test('sealed gives the record of an entry while a commit takes its time, and null where there is none', async () => {
  const { store, sequencer } = await start()
  const { seq } = await sequencer.record(opened, 1)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  store.gate = promise
  const waiting = sequencer.record(ask.refuse({ exchange: 'ex_2' }), 1)
  assert.equal(Buffer.from((await sequencer.sealed(seq)) ?? []).toString(), 'sealed ex_h')
  assert.deepEqual([await sequencer.sealed(0), await sequencer.sealed(99)], [null, null])
  await assert.rejects(sequencer.sealed(Number.NaN), { code: 'RECORDER_CONFLICT' })
  resolve(undefined)
  await waiting
})
