/** Claims about a provider's gate: an intent is served once and in its time, whatever meets in a commit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { intentWindowMs, parseLeaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { Plan } from './plan-batch.ts'
import { codes, emptyMemory, plan as planAt } from './planned.fixture.ts'
import { ask, serving } from './sample-asks.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

const now = 1_000_000
const conflict = 'RECORDER_CONFLICT'
const reused = 'RECORDER_REUSED'

function plan(memory: SequencerMemory, asks: readonly DurableAsk[], at = now): Plan {
  return planAt(memory, asks, at)
}

function leaves({ batch }: Plan) {
  return batch.entries.map(({ leaf }) => parseLeaf(leaf))
}

function started(): SequencerMemory {
  const memory = emptyMemory('gate')
  plan(memory, [ask.activate()]).apply()
  return memory
}

const serve = (intent: number, time = now, exchange = `ex_${intent}`) => ask.serve({ exchange, intent, time })

test('a gate’s log says in its first entry that it is one', () => {
  const [first] = leaves(plan(emptyMemory('gate'), []))
  assert.equal(first?.kind === 'opened' && first.role, 'gate')
})

test('an intent is served once, in the same commit or later', async () => {
  const memory = started()
  const planned = plan(memory, [await serve(7), await serve(7, now, 'ex_again'), await serve(8)])
  assert.deepEqual(codes(planned), [null, reused, null])
  planned.apply()
  assert.deepEqual(codes(plan(memory, [await serve(8, now, 'ex_again')])), [reused])
})

test('an intent is served within its window by the later of clock and log, on either side', async () => {
  const memory = started()
  for (const [time, code] of [
    [now - intentWindowMs, null],
    [now - intentWindowMs - 1, reused],
    [now + intentWindowMs, null],
    [now + intentWindowMs + 1, reused],
  ] as const) {
    assert.deepEqual(codes(plan(memory, [await serve(7, time)])), [code])
  }
  const early = plan(memory, [await serve(7, now - intentWindowMs - 1)], now - 5)
  assert.deepEqual(codes(early), [reused], 'a clock that is set back brings no time back')
})

test('what was served is remembered until its time alone keeps it out', async () => {
  const memory = started()
  plan(memory, [await serve(7)]).apply()
  for (const at of [now, now + intentWindowMs, now + 2 * intentWindowMs]) {
    plan(memory, [await serve(100 + at, at)], at).apply()
    assert.deepEqual(codes(plan(memory, [await serve(7, now, 'ex_again')], at)), [reused])
    assert.deepEqual(codes(plan(memory, [await serve(7, now, 'ex_again')], now)), [reused])
  }
  assert.equal(memory.log.wasServed('agency.example/log', 7), false)
})

test('serve refuses a receipt that is none, or for another intent than was named', async () => {
  const memory = started()
  const good = await serving({ exchange: 'ex_1', intent: 7, time: now })
  const bad = [
    { ...good, intent: 8 },
    { ...good, intentTime: now + 1 },
    { ...good, leaf: { ...good.leaf, receipt: 'none' } },
  ]
  const asks = bad.map((one): DurableAsk => ({ op: 'serve', serving: one }))
  assert.deepEqual(codes(plan(memory, asks)), [conflict, conflict, conflict])
})

test('nothing is served under a stop, a version that is superseded, or no agreement', async () => {
  const memory = started()
  const one = await serve(7)
  const unknown = await ask.serve({ exchange: 'ex_8', intent: 8, time: now, agreement: 0 })
  assert.deepEqual(codes(plan(memory, [ask.order('stop_1'), one])), [null, 'RECORDER_SUPERSEDED'])
  assert.deepEqual(codes(plan(memory, [ask.activate('department', 2), one])), [null, 'RECORDER_SUPERSEDED'])
  assert.deepEqual(codes(plan(memory, [unknown])), [conflict])
})

test('a served call is ended once, by the entry that serves it', async () => {
  const memory = started()
  const served = plan(memory, [await serve(7), ask.end('ex_7', 2)])
  assert.deepEqual(codes(served), [null, null])
  assert.deepEqual([served.batch.intentsClosed, served.batch.spent], [['ex_7'], []])
  plan(memory, [await serve(8)]).apply()
  const ends = [ask.end('ex_8', 1), ask.end('ex_9', 2), ask.end('ex_8', 2), ask.end('ex_8', 2)]
  assert.deepEqual(codes(plan(memory, ends)), [conflict, conflict, null, conflict])
})

test('a call that nobody will end is interrupted, and costs nothing', async () => {
  const memory = started()
  plan(memory, [await serve(7)]).apply()
  memory.owed.add('ex_7')
  const planned = plan(memory, [])
  const [leaf] = leaves(planned)
  assert.deepEqual(leaf?.kind === 'served-end' && [leaf.status, leaf.served], ['interrupted', 2])
  planned.apply()
  assert.deepEqual([[...memory.intents.keys()], memory.owed.size], [[], 0])
})

test('a gate’s log takes no intent, refusal, outcome or decision', () => {
  const memory = started()
  const { id } = memory.purse.reserve('department', 1, 1)
  memory.purse.claim(id)
  const asks = [
    ask.admit({ exchange: 'ex_1', reservation: id }),
    ask.refuse({ exchange: 'ex_2' }),
    ask.settle({ exchange: 'ex_3', micros: 1 }),
    ask.decide({ exchange: 'ex_4', redeems: 'hold_1' }),
  ]
  assert.deepEqual(codes(plan(memory, asks)), [conflict, conflict, conflict, conflict])
})
