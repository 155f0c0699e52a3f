/** Claims about planning: pure until applied, and no ask makes the log false or harms another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../base/index.ts'
import { parseLeaf } from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { Plan } from './plan-batch.ts'
import { codes, emptyMemory, plan, started } from './planned.fixture.ts'
import { activation, admission, ask, decision, holdRow, newHold, refusal, settlement } from './sample-asks.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

function reserved(memory: SequencerMemory, micros = 100, agreement = 'department'): number {
  const { id } = memory.purse.reserve(agreement, micros, 1)
  memory.purse.claim(id)
  return id
}

function kinds({ batch }: Plan): string[] {
  return batch.entries.map(({ leaf }) => {
    const parsed = parseLeaf(leaf)
    return parsed.kind === 'outcome' ? parsed.status : parsed.kind
  })
}

/** Everything in memory that a plan might touch. */
function snapshot(memory: SequencerMemory) {
  const { purse, intents, holds, log, ...rest } = memory
  const { version, orders, reviewers } = log
  const open = { intents: [...intents.entries()], holds: [...holds.values()] }
  const told = { version, orders, reviewers, used: [log.hasExchange('ex_2'), log.hasHold('hold_1')] }
  return structuredClone({ ...rest, ...open, told, committed: purse.committed('department') })
}

test('planBatch opens an empty log first', () => {
  const memory = emptyMemory()
  const first = plan(memory, [ask.activate()])
  assert.deepEqual(kinds(first), ['opened', 'activation'])
  first.apply()
  assert.equal(memory.size, 2)
  assert.deepEqual(kinds(plan(memory, [])), [])
})

test('planBatch changes nothing before apply: a commit that fails leaves no trace', () => {
  const memory = started()
  const first = reserved(memory)
  plan(memory, [ask.admit({ exchange: 'ex_1', reservation: first })]).apply()
  memory.unwritten = 3
  memory.holds.open(holdRow({ id: 'hold_0', expiresAt: 5 }, { exchange: 'ex_0', seq: 0 }))
  memory.due.add('hold_0')
  const second = reserved(memory)
  const asks = [
    ask.settle({ exchange: 'ex_1', micros: 40 }),
    ask.admit({ exchange: 'ex_2', reservation: second }),
    ask.refuse({ exchange: 'ex_3', hold: { id: 'hold_1', expiresAt: 99_999 } }),
    ask.activate('hospital'),
    ask.settle({ exchange: 'ex_9', micros: 1 }),
  ]
  const before = snapshot(memory)
  const planned = plan(memory, asks)
  assert.deepEqual(snapshot(memory), before)
  assert.deepEqual(kinds(plan(memory, asks)), kinds(planned))
  planned.apply()
  assert.equal(memory.purse.committed('department'), 140)
  assert.deepEqual([...memory.intents.keys()], ['ex_2'])
  assert.deepEqual(
    [...memory.holds.values()].map(({ id }) => id),
    ['hold_1'],
  )
  assert.equal(memory.unwritten, 0)
})

test('planBatch gives entries indexes without gaps, and a time that never falls', () => {
  const memory = started()
  memory.lastTime = 50_000
  const planned = plan(memory, [ask.refuse({ exchange: 'ex_1' }), ask.refuse({ exchange: 'ex_2' })], 20_000)
  assert.deepEqual(
    planned.batch.entries.map(({ seq, time }) => [seq, time]),
    [
      [2, 50_000],
      [3, 50_000],
    ],
  )
})

test('an intent and its outcome may meet in one commit', () => {
  const memory = started()
  const reservation = reserved(memory)
  const planned = plan(memory, [
    ask.admit({ exchange: 'ex_1', reservation }),
    ask.settle({ exchange: 'ex_1', micros: 30 }),
  ])
  assert.deepEqual(kinds(planned), ['intent', 'completed'])
  planned.apply()
  assert.equal(memory.purse.committed('department'), 30)
  assert.deepEqual([...memory.intents.keys()], [])
})

test('an outcome names its intent, whatever index the worker gave', () => {
  const memory = started()
  plan(memory, [ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })]).apply()
  const planned = plan(memory, [ask.settle({ exchange: 'ex_1', micros: 1, intent: 77 })])
  const leaf = parseLeaf(planned.batch.entries[0]!.leaf)
  assert.equal(leaf.kind === 'outcome' ? leaf.intent : null, 2)
})

test('what settles lies between nothing and what was reserved; nonsense settles the worst case', () => {
  for (const [micros, settled] of [
    [-5, 0],
    [0, 0],
    [99, 99],
    [101, 100],
    [Number.NaN, 100],
    [0.5, 100],
    [Number.POSITIVE_INFINITY, 100],
  ] as const) {
    const memory = started()
    plan(memory, [ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })]).apply()
    plan(memory, [ask.settle({ exchange: 'ex_1', micros })]).apply()
    assert.equal(memory.purse.committed('department'), settled, `settling ${micros}`)
  }
})

test('an outcome that comes late is better than one that says it never came', () => {
  const memory = started()
  plan(memory, [ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })]).apply()
  memory.owed.add('ex_1')
  const planned = plan(memory, [ask.settle({ exchange: 'ex_1', micros: 9 })])
  assert.deepEqual(kinds(planned), ['completed'])
  planned.apply()
  assert.equal(memory.owed.size, 0)
  assert.equal(memory.purse.committed('department'), 9)
})

test('planBatch brings at most a thousand owed outcomes in one commit', () => {
  const memory = started()
  for (let i = 0; i < 1_500; i++) {
    const one = ask.admit({ exchange: `ex_${i}`, reservation: reserved(memory, 1) })
    plan(memory, [one]).apply()
  }
  for (const exchange of memory.intents.keys()) memory.owed.add(exchange)
  const planned = plan(memory, [])
  assert.equal(planned.batch.entries.length, 1_000)
  planned.apply()
  assert.equal(memory.owed.size, 500)
})

test('a version that follows names the activation before; one that does not is refused', () => {
  const memory = started()
  const planned = plan(memory, [
    ask.activate('department', 3),
    ask.activate('department', 2),
    ask.activate('department', 2),
    ask.activate('department', 3),
    ask.activate('hospital', 7),
  ])
  assert.deepEqual(codes(planned), ['RECORDER_CONFLICT', null, 'RECORDER_CONFLICT', null, null])
  const leaves = planned.batch.entries.map(({ leaf }) => parseLeaf(leaf))
  assert.deepEqual(
    leaves.map((leaf) => (leaf.kind === 'activation' ? leaf.supersedes : null)),
    [1, 2, undefined],
  )
})

test('a step under a version that is no longer in force is not written, in the same commit or later', () => {
  const memory = started()
  const asks = (): DurableAsk[] => [
    ask.admit({ exchange: 'ex_1', reservation: reserved(memory) }),
    ask.refuse({ exchange: 'ex_2' }),
  ]
  const together = plan(memory, [ask.activate('department', 2), ...asks()])
  assert.deepEqual(codes(together), [null, 'RECORDER_SUPERSEDED', 'RECORDER_SUPERSEDED'])
  together.apply()
  assert.deepEqual(codes(plan(memory, asks())), ['RECORDER_SUPERSEDED', 'RECORDER_SUPERSEDED'])
})

test('an outcome may name the version its exchange began under or the one in force, and no other', () => {
  const memory = started()
  plan(memory, [ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })]).apply()
  plan(memory, [
    ask.activate('department', 2),
    ask.activate('department', 3),
    ask.activate('hospital'),
  ]).apply()
  const settle = (agreement: number) =>
    codes(plan(memory, [ask.settle({ exchange: 'ex_1', micros: 1, agreement })]))
  assert.deepEqual(settle(1), [null])
  assert.deepEqual(settle(4), [null])
  assert.deepEqual(settle(3), ['RECORDER_SUPERSEDED'])
  assert.deepEqual(settle(5), ['RECORDER_CONFLICT'])
})

const hold = newHold({ id: 'hold_1', expiresAt: 20_000 })
const sealed = Buffer.from('another record')
const admit = admission({ exchange: 'ex_1', reservation: 1 })
const refuse = refusal({ exchange: 'ex_1', hold })
const settle = settlement({ exchange: 'ex_0', micros: 1 })
const decide = decision({ exchange: 'ex_h', redeems: 'hold_0' })
const activate = activation('hospital')

/** Asks that must not be written, each beside a good one. Reservation 1 is claimed for `department`. */
const badAsks: Readonly<Record<string, unknown>> = {
  'a reservation that is not known': { op: 'admit', admission: { ...admit, reservation: 9 } },
  'money of another agreement': { op: 'admit', admission: { ...admit, reservation: 2 } },
  'an entry that puts nothing into force': ask.admit({ exchange: 'ex_1', reservation: 1, agreement: 0 }),
  'an intent under no agreement': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, agreement: undefined } },
  },
  'an exchange that has an intent': ask.admit({ exchange: 'ex_0', reservation: 1 }),
  'a record with another digest': { op: 'admit', admission: { ...admit, sealed } },
  'a record that is none': { op: 'admit', admission: { ...admit, sealed: null } },
  'an intent under another text': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, text: digestOf('another') } },
  },
  'an intent under no text': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, text: undefined } },
  },
  'a hold with another end': {
    op: 'refuse',
    refusal: { ...refuse, leaf: { ...refuse.leaf, expires: 20_001 } },
  },
  'an end of no hold': {
    op: 'refuse',
    refusal: {
      ...refuse,
      hold: undefined,
      leaf: { ...refuse.leaf, decision: 'deny', hold: undefined, expires: 20_000 },
    },
  },
  'an end of no hold in an outcome': {
    op: 'settle',
    settlement: { ...settle, leaf: { ...settle.leaf, expires: 20_000 } },
  },
  'a leaf of another kind': { op: 'admit', admission: { ...admit, leaf: { ...refuse.leaf, agreement: 1 } } },
  'a leaf with a member too many': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, caller: 'x' } },
  },
  'a leaf with a lone surrogate': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, provider: '\ud800' } },
  },
  'a leaf that is too large': {
    op: 'admit',
    admission: { ...admit, leaf: { ...admit.leaf, rules: ['x'.repeat(70_000)] } },
  },
  'no leaf at all': { op: 'admit', admission: { reservation: 1, sealed } },
  'a hold of a caller without name': { op: 'refuse', refusal: { ...refuse, hold: { ...hold, caller: '' } } },
  'a hold of no call': { op: 'refuse', refusal: { ...refuse, hold: { ...hold, call: 7 } } },
  'a hold that asks no list': { op: 'refuse', refusal: { ...refuse, hold: { ...hold, asks: 'two-person' } } },
  'a hold of what was denied': {
    op: 'refuse',
    refusal: { ...refuse, leaf: { ...refuse.leaf, decision: 'deny' } },
  },
  'a hold of what names no agreement': {
    op: 'refuse',
    refusal: { ...refuse, leaf: { ...refuse.leaf, agreement: undefined } },
  },
  'an answer that is given out for no hold': ask.admit({ exchange: 'ex_1', reservation: 1, stage: 'answer' }),
  'what was denied and completed': {
    op: 'settle',
    settlement: { ...settle, leaf: { ...settle.leaf, decision: 'deny' } },
  },
  'what was held and completed': {
    op: 'settle',
    settlement: { ...settle, leaf: { ...settle.leaf, decision: 'hold' } },
  },
  'an outcome that names a hold it does not open': {
    op: 'settle',
    settlement: { ...settle, leaf: { ...settle.leaf, hold: 'hold_0' } },
  },
  'a decision with another record': { op: 'decideHold', decision: { ...decide, sealed } },
  'a decision about another exchange': ask.decide({ exchange: 'ex_0', redeems: 'hold_0' }),
  'a note that is for no noting': { op: 'note', leaf: { kind: 'gap', refusals: 1 } },
  'a note of no form': { op: 'note', leaf: { kind: 'certificate' } },
  'no note at all': { op: 'note' },
  'an outcome without intent': ask.settle({ exchange: 'ex_7', micros: 1 }),
  'an outcome of no valid form': {
    op: 'settle',
    settlement: { ...settle, leaf: { ...settle.leaf, status: 'interrupted' } },
  },
  'a version that does not say under what it was judged': {
    op: 'activate',
    activation: { ...activate, judgedUnder: Number.NaN },
  },
  'a version before the time that was signed': {
    op: 'activate',
    activation: { ...activate, notBefore: Number.MAX_SAFE_INTEGER },
  },
  'a text with another digest': { op: 'activate', activation: { ...activate, text: 'another' } },
  'a first version that supersedes': {
    op: 'activate',
    activation: { ...activate, leaf: { ...activate.leaf, supersedes: 1 } },
  },
  'an envelope that has no canonical form': {
    op: 'activate',
    activation: { ...activate, leaf: { ...activate.leaf, envelope: Number.NaN } },
  },
}

for (const [what, bad] of Object.entries(badAsks)) {
  test(`planBatch refuses ${what}, alone and without a trace`, () => {
    const memory = started()
    reserved(memory)
    memory.purse.claim(memory.purse.reserve('hospital', 5, 1).id)
    plan(memory, [
      ask.admit({ exchange: 'ex_0', reservation: reserved(memory) }),
      ask.refuse({ exchange: 'ex_h', hold: { id: 'hold_0', expiresAt: 99_999 } }),
    ]).apply()
    const good = ask.refuse({ exchange: 'ex_5', hold: { id: 'hold_5', expiresAt: 30_000 } })
    const alone = plan(memory, [good])
    const planned = plan(memory, [bad as DurableAsk, good])
    assert.deepEqual(codes(planned), ['RECORDER_CONFLICT', null])
    assert.deepEqual(planned.batch, alone.batch)
  })
}

test('planBatch refuses the second of two asks that meet: one reservation, one exchange, one hold', () => {
  const memory = started()
  const [one, two] = [reserved(memory), reserved(memory)]
  const twice = (first: DurableAsk, second: DurableAsk) => codes(plan(memory, [first, second]))
  const admitOne = ask.admit({ exchange: 'ex_1', reservation: one })
  assert.deepEqual(twice(admitOne, ask.admit({ exchange: 'ex_2', reservation: one })), [
    null,
    'RECORDER_CONFLICT',
  ])
  assert.deepEqual(twice(admitOne, ask.admit({ exchange: 'ex_1', reservation: two })), [
    null,
    'RECORDER_CONFLICT',
  ])
  const held = ask.refuse({ exchange: 'ex_1', hold })
  assert.deepEqual(twice(held, held), [null, 'RECORDER_HOLD'])
})

test('an exchange that is settled in a commit is not admitted again in the same one', () => {
  const memory = started()
  plan(memory, [ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })]).apply()
  const again = ask.admit({ exchange: 'ex_1', reservation: reserved(memory) })
  const planned = plan(memory, [ask.settle({ exchange: 'ex_1', micros: 1 }), again])
  assert.deepEqual(codes(planned), [null, 'RECORDER_CONFLICT'])
})

test('the sample records have the digests that their leaves name', () => {
  assert.equal(digestOf(admit.sealed), admit.leaf.record)
})
