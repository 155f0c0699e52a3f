/** Claims about holds and orders as they meet in commits: used once, by whom it waited for, and never past a stop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLeaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { Plan } from './plan-batch.ts'
import { admit, codes, kinds, now, plan, started, write } from './planned.fixture.ts'
import { holdsPerCallerMax } from './recorder.ts'
import { ask, order, refusal } from './sample-asks.ts'
import type { SampleHold } from './sample-asks.ts'

const later = 20_000
const holds = 'RECORDER_HOLD'
const superseded = 'RECORDER_SUPERSEDED'
const conflict = 'RECORDER_CONFLICT'

const hold: SampleHold = { id: 'hold_1', expiresAt: later }
const opened = ask.refuse({ exchange: 'ex_h', hold })
const approve = ask.decide({ exchange: 'ex_h', redeems: 'hold_1' })
const deny = ask.decide({ exchange: 'ex_h', redeems: 'hold_1', verdict: 'deny' })

test('a hold that was approved is used by the intent that names it, in the same commit or a later one', () => {
  const together = started()
  const planned = plan(together, [opened, approve, admit(together, 'ex_1', { redeems: 'hold_1' })])
  assert.deepEqual(kinds(planned), ['refusal', 'hold-decided', 'intent'])
  assert.deepEqual(planned.batch.holdsClosed, ['hold_1'])
  const apart = started()
  write(apart, opened)
  write(apart, approve)
  const used = plan(apart, [admit(apart, 'ex_1', { redeems: 'hold_1' })])
  assert.deepEqual([codes(used), used.batch.holdsClosed], [[null], ['hold_1']])
  used.apply()
  assert.deepEqual([...apart.holds.values()], [])
  assert.deepEqual(apart.log.approvalsOf('hold_1'), [])
})

test('a hold is used once, whether its intents meet in one commit or not', () => {
  const memory = started()
  write(memory, opened, approve)
  const both = [admit(memory, 'ex_1', { redeems: 'hold_1' }), admit(memory, 'ex_2', { redeems: 'hold_1' })]
  const planned = plan(memory, both)
  assert.deepEqual(codes(planned), [null, holds])
  planned.apply()
  assert.deepEqual(codes(plan(memory, [admit(memory, 'ex_3', { redeems: 'hold_1' })])), [holds])
})

test('a hold is not used before it is approved, after a denial, past its end, nor by another call', () => {
  const memory = started()
  const use = (more: object = {}) => admit(memory, 'ex_1', { redeems: 'hold_1', ...more })
  assert.deepEqual(codes(plan(memory, [opened, use()])), [null, holds])
  assert.deepEqual(codes(plan(memory, [opened, approve, deny, use()])), [null, null, null, holds])
  write(memory, opened, approve)
  assert.deepEqual(codes(plan(memory, [use({ call: 'another call' })])), [holds])
  assert.deepEqual(codes(plan(memory, [use({ redeems: 'hold_2' })])), [holds])
  assert.deepEqual(codes(plan(memory, [use({ stage: 'answer' })])), [holds])
  assert.deepEqual(codes(plan(memory, [use()], later)), [holds])
  assert.deepEqual(codes(plan(memory, [use()], later - 1)), [null])
})

test('a hold of an answer is used by an intent that gives it out, and by no other', () => {
  const memory = started()
  const { leaf, ...rest } = refusal({ exchange: 'ex_h', hold })
  for (const stage of ['tool', 'answer'] as const) {
    const held: DurableAsk = { op: 'refuse', refusal: { ...rest, leaf: { ...leaf, stage } } }
    const use = (as: string) => admit(memory, 'ex_1', { redeems: 'hold_1', stage: as })
    assert.deepEqual(codes(plan(memory, [held, approve, use('request')])), [null, null, holds])
    assert.deepEqual(codes(plan(memory, [held, approve, use('answer')])), [null, null, null])
  }
})

test('an outcome opens a hold as a refusal does', () => {
  const memory = started()
  write(memory, admit(memory, 'ex_h'))
  const planned = plan(memory, [ask.settle({ exchange: 'ex_h', micros: 1, hold }), approve])
  assert.deepEqual(codes(planned), [null, null])
  const [row] = planned.batch.holdsOpened
  assert.deepEqual([row?.id, row?.exchange, row?.seq, row?.agreement], ['hold_1', 'ex_h', 3, 1])
})

test('the entry that opens a hold says when it ends, and a repeat does not', () => {
  const memory = started()
  const ends = ({ batch }: Plan) =>
    batch.entries.map(({ leaf }) => {
      const parsed = parseLeaf(leaf)
      return 'expires' in parsed ? parsed.expires : null
    })
  write(memory, admit(memory, 'ex_a'))
  const answered = { id: 'hold_2', expiresAt: later + 1 }
  const planned = plan(memory, [opened, ask.settle({ exchange: 'ex_a', micros: 1, hold: answered })])
  assert.deepEqual(
    [codes(planned), ends(planned)],
    [
      [null, null],
      [later, later + 1],
    ],
  )
  planned.apply()
  const { leaf, sealed, judgedUnder } = refusal({ exchange: 'ex_2', hold })
  const repeat = plan(memory, [{ op: 'refuse', refusal: { leaf, sealed, judgedUnder } }])
  assert.deepEqual([codes(repeat), ends(repeat)], [[null], [null]])
})

test('a hold does not expire before its time, though a clock that was set back since said so', () => {
  const memory = started()
  write(memory, opened)
  memory.due.add('hold_1')
  const early = plan(memory, [])
  assert.deepEqual(kinds(early), [])
  early.apply()
  assert.deepEqual([...memory.due], [])
  memory.due.add('hold_1')
  assert.deepEqual(kinds(plan(memory, [], later)), ['hold-expired'])
})

const unfit: Readonly<Record<string, SampleHold>> = {
  'with the id of one that is open': { ...hold, id: 'hold_0' },
  'for a call that waits already': { ...hold, call: 'call of hold_0' },
  'that ends now': { ...hold, expiresAt: now },
  'without end': { ...hold, expiresAt: Number.NaN },
  'with an end that is no whole number': { ...hold, expiresAt: later + 0.5 },
}

for (const [what, bad] of Object.entries(unfit)) {
  test(`a hold ${what} is not opened, and leaves no trace`, () => {
    const memory = started()
    write(memory, ask.refuse({ exchange: 'ex_0', hold: { id: 'hold_0', expiresAt: later } }))
    const planned = plan(memory, [ask.refuse({ exchange: 'ex_1', hold: bad })])
    assert.deepEqual([codes(planned), kinds(planned)], [[holds], []])
  })
}

test('a hold is not opened under an id that was ever used, nor one that the entry does not name', () => {
  const memory = started()
  write(memory, opened, deny)
  assert.deepEqual(codes(plan(memory, [opened])), [holds])
  const other = refusal({ exchange: 'ex_1', hold: { ...hold, id: 'hold_2' } })
  const misnamed: DurableAsk = {
    op: 'refuse',
    refusal: { ...other, leaf: { ...other.leaf, hold: 'hold_3' } },
  }
  assert.deepEqual(codes(plan(memory, [misnamed])), [holds])
})

test('a caller has at most holdsPerCallerMax open, and one more as soon as one is over', () => {
  const memory = started()
  const of = (n: number) => ({ id: `hold_${n}`, call: `call ${n}`, caller: 'one', expiresAt: later })
  const asks = Array.from({ length: holdsPerCallerMax }, (_, n) =>
    ask.refuse({ exchange: `ex_${n}`, hold: of(n) }),
  )
  write(memory, ...asks)
  const more = ask.refuse({ exchange: 'ex_more', hold: of(99) })
  assert.deepEqual(codes(plan(memory, [more])), [holds])
  const elsewhere = ask.refuse({ exchange: 'ex_other', hold: { ...of(98), caller: 'two' } })
  assert.deepEqual(codes(plan(memory, [elsewhere])), [null])
  const denied = ask.decide({ exchange: 'ex_3', redeems: 'hold_3', verdict: 'deny' })
  assert.deepEqual(codes(plan(memory, [denied, more, more])), [null, null, holds])
})

test('a call whose hold is past its end may be held again, and the log says first that it ended', () => {
  const memory = started()
  write(memory, opened)
  const again = ask.refuse({
    exchange: 'ex_2',
    hold: { id: 'hold_2', call: 'call of hold_1', expiresAt: later + 9 },
  })
  const planned = plan(memory, [again], later)
  assert.deepEqual([codes(planned), planned.batch.holdsClosed], [[null], ['hold_1']])
  planned.apply()
  assert.deepEqual(
    [...memory.holds.values()].map(({ id }) => id),
    ['hold_2'],
  )
  assert.equal(memory.holds.ofCall('call of hold_1')?.id, 'hold_2')
})

test('a repeat names the hold that is open for it, and none that is over', () => {
  const memory = started()
  write(memory, opened)
  const { leaf, sealed, judgedUnder } = refusal({ exchange: 'ex_2', hold })
  const repeat: DurableAsk = { op: 'refuse', refusal: { leaf, sealed, judgedUnder } }
  assert.deepEqual(codes(plan(memory, [repeat, deny, repeat])), [null, null, holds])
  assert.deepEqual(codes(plan(memory, [repeat], later)), [holds])
  assert.deepEqual(plan(memory, [repeat]).batch.holdsOpened, [])
})

test('a decision about a hold that is over, or never was, is not written', () => {
  const memory = started()
  assert.deepEqual(codes(plan(memory, [approve])), [holds])
  write(memory, opened)
  assert.deepEqual(codes(plan(memory, [deny, approve, deny])), [null, holds, holds])
  assert.deepEqual(codes(plan(memory, [approve], later)), [holds])
})

test('approvals have a limit, and a denial has none', () => {
  const memory = started()
  write(memory, opened, ...Array.from({ length: 64 }, () => approve))
  assert.deepEqual(codes(plan(memory, [approve, deny])), [conflict, null])
})

test('a stop ends the open holds of its agreement in its commit, and keeps intents and holds out', () => {
  const memory = started()
  write(
    memory,
    ask.activate('hospital'),
    opened,
    approve,
    ask.refuse({ exchange: 'ex_o', agreement: 2, hold: { id: 'other', expiresAt: later } }),
  )
  const planned = plan(memory, [
    ask.order('stop_1'),
    admit(memory, 'ex_1', { redeems: 'hold_1' }),
    admit(memory, 'ex_2'),
    ask.refuse({ exchange: 'ex_3', hold: { id: 'hold_3', expiresAt: later } }),
    ask.refuse({ exchange: 'ex_4' }),
  ])
  assert.deepEqual(codes(planned), [null, superseded, superseded, superseded, null])
  assert.deepEqual(kinds(planned), ['order', 'hold-expired', 'refusal'])
  planned.apply()
  assert.deepEqual(
    [...memory.holds.values()].map(({ id }) => id),
    ['other'],
  )
  assert.deepEqual(codes(plan(memory, [admit(memory, 'ex_5')])), [superseded])
  assert.equal(memory.log.version, 6)
})

test('an amendment ends the open holds of its agreement in its commit', () => {
  const memory = started()
  write(memory, opened, approve)
  const planned = plan(memory, [
    ask.activate('department', 2),
    admit(memory, 'ex_1', { redeems: 'hold_1', agreement: 4, version: 2 }),
  ])
  assert.deepEqual(kinds(planned), ['activation', 'hold-expired'])
  assert.deepEqual(codes(planned), [null, holds])
})

test('what began before a stop settles, holds nothing, and a resume lifts each stop by name', () => {
  const memory = started()
  write(memory, admit(memory, 'ex_1'), ask.order('stop_1'), ask.order('stop_2'))
  const settle = ask.settle({ exchange: 'ex_1', micros: 1 })
  const holding = ask.settle({ exchange: 'ex_1', micros: 1, hold })
  assert.deepEqual(codes(plan(memory, [holding, settle])), [superseded, null])
  const one = ask.order('resume_1', { lifts: ['stop_1'] })
  const two = ask.order('resume_2', { lifts: ['stop_2'] })
  assert.deepEqual(codes(plan(memory, [one, admit(memory, 'ex_2')])), [null, superseded])
  assert.deepEqual(codes(plan(memory, [one, two, admit(memory, 'ex_3')])), [null, null, null])
  write(memory, ask.activate('department', 2))
  assert.deepEqual(codes(plan(memory, [admit(memory, 'ex_4', { agreement: 5 })])), [superseded])
})

const unfitOrders: Readonly<Record<string, readonly [DurableAsk, string]>> = {
  'an order that was carried out': [ask.order('stop_1'), conflict],
  'a resume with the id of a stop': [ask.order('stop_1', { lifts: ['stop_1'] }), conflict],
  'a resume of a stop that is lifted': [ask.order('resume_2', { lifts: ['stop_0'] }), conflict],
  'a resume of a stop of another agreement': [ask.order('resume_2', { lifts: ['stop_h'] }), conflict],
  'a resume that names a stop twice': [ask.order('resume_2', { lifts: ['stop_1', 'stop_1'] }), conflict],
  'a resume that lifts nothing': [ask.order('resume_2', { lifts: [] }), conflict],
  'a stop that lifts': [{ op: 'note', leaf: { ...order('stop_2'), lifts: ['stop_1'] } }, conflict],
  'an order under what is no agreement': [ask.order('stop_2', { agreement: 0 }), conflict],
  'an order under an earlier version': [ask.order('stop_2', { agreement: 2 }), superseded],
}

for (const [what, [bad, code]] of Object.entries(unfitOrders)) {
  test(`planBatch refuses ${what}`, () => {
    const memory = started()
    write(
      memory,
      ask.activate('hospital'),
      ask.activate('hospital', 2),
      ask.order('stop_h', { agreement: 3 }),
    )
    write(memory, ask.order('stop_0'), ask.order('resume_0', { lifts: ['stop_0'] }), ask.order('stop_1'))
    const planned = plan(memory, [bad])
    assert.deepEqual([codes(planned), kinds(planned)], [[code], []])
  })
}

test('holds, decisions and orders change nothing before apply', () => {
  const memory = started()
  write(memory, opened)
  const planned = plan(memory, [approve, ask.order('stop_1'), ask.refuse({ exchange: 'ex_9' })])
  assert.deepEqual([memory.log.approvalsOf('hold_1'), memory.log.stopsOf('department').size], [[], 0])
  assert.equal(memory.holds.get('hold_1')?.id, 'hold_1')
  assert.equal(memory.log.hasOrder('stop_1'), false)
  planned.apply()
  assert.equal(memory.holds.get('hold_1'), undefined)
  assert.equal(memory.log.hasOrder('stop_1'), true)
})

test('an agency’s log takes nothing that a provider serves', async () => {
  const memory = started()
  const served = await ask.serve({ exchange: 'ex_1', intent: 1, time: now })
  const turnedAway: DurableAsk = {
    op: 'note',
    leaf: { kind: 'turned-away', reason: 'missing', count: 1, intents: [] },
  }
  assert.deepEqual(codes(plan(memory, [served, ask.end('ex_1', 1), turnedAway])), [
    conflict,
    conflict,
    conflict,
  ])
})
