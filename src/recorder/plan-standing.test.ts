/** Claims about amendments that are made known and about disputes: in their order, once, and never judged past. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DurableAsk } from './ask.ts'
import { admit, codes, kinds, now, plan, started, write } from './planned.fixture.ts'
import { announcedMax } from './recorder.ts'
import type { Activation } from './recorder.ts'
import { activation, ask, announcement, dispute, origin, serving } from './sample-asks.ts'
import { standingOf } from './sequencer-memory.ts'

const conflict = 'RECORDER_CONFLICT'
const superseded = 'RECORDER_SUPERSEDED'

const activate = (change: Partial<Activation['leaf']>, version = 2): DurableAsk => {
  const { leaf, ...rest } = activation('department', version)
  return { op: 'activate', activation: { ...rest, leaf: { ...leaf, ...change } } }
}
const announce = (change: object): DurableAsk => ({ op: 'note', leaf: { ...announcement(), ...change } })

test('an amendment is made known once, and comes into force as it was made known', () => {
  const memory = started()
  const { version } = memory.log
  write(memory, ask.announce())
  assert.ok(memory.log.version > version, 'views are told of it')
  assert.deepEqual(codes(plan(memory, [ask.announce(), admit(memory, 'ex_1')])), [conflict, null])
  write(memory, activate({ announced: 2 }))
  const { activations, announced } = standingOf(memory, origin)
  const { hash, envelope } = announcement()
  assert.deepEqual(announced, [{ seq: 2, time: now, agreement: 1, version: 2, hash, envelope }])
  assert.deepEqual(
    activations.map(({ seq, time, announced: known, judgedBefore }) => [seq, time, known, judgedBefore]),
    [
      [1, now, undefined, false],
      [3, now, 2, false],
    ],
  )
})

test('two amendments may be made known to one version, and the one that comes into force ends the other', () => {
  const memory = started()
  write(memory, ask.announce(), announce({ hash: `sha256:${'0'.repeat(64)}` }), activate({ announced: 2 }))
  assert.deepEqual(codes(plan(memory, [activate({ announced: 3 }, 3)])), [conflict])
})

test('the same text is made known anew where it is signed for another time', () => {
  const memory = started()
  write(memory, ask.announce(), announce({ envelope: 'signed anew' }))
  assert.deepEqual(codes(plan(memory, [announce({ envelope: 'signed anew' })])), [conflict])
})

test('what is made known at once to one version is bounded', () => {
  const memory = started()
  const hashOf = (n: number) => ({ hash: `sha256:${n.toString(16).padStart(64, '0')}` })
  write(memory, ...Array.from({ length: announcedMax }, (_, n) => announce(hashOf(n))))
  assert.deepEqual(codes(plan(memory, [announce(hashOf(announcedMax))])), [conflict])
})

const misplaced: Readonly<Record<string, readonly [DurableAsk, string]>> = {
  'an announcement to no agreement': [ask.announce(2, 0), conflict],
  'an announcement to an earlier version': [ask.announce(3, 1), superseded],
  'an announcement of a version that is in force': [ask.announce(2, 2), conflict],
  'an announcement of a version too many': [ask.announce(4, 2), conflict],
  'an announcement of no digest': [announce({ agreement: 2, version: 3, hash: 'v3' }), conflict],
  'an activation of what nobody made known': [activate({ announced: 2 }, 3), conflict],
  'an activation of what was made known before': [activate({ announced: 4 }, 3), conflict],
  'a version with another text than was made known': [activate({ announced: 5 }, 3), conflict],
  'a version with other signatures than were made known': [
    activate({ announced: 6, envelope: 'another' }, 3),
    conflict,
  ],
  'a first version that was made known': [
    { op: 'activate', activation: activation('hospital', 1, 6) },
    conflict,
  ],
  'a dispute over no agreement': [ask.dispute('dispute_2', 0), conflict],
  'a dispute over an earlier version': [ask.dispute('dispute_2', 1), superseded],
  'a dispute that was opened before': [ask.dispute('dispute_1', 2), conflict],
  'a dispute with an id that is none': [ask.dispute('dispute 2', 2), conflict],
}

for (const [name, [one, code]] of Object.entries(misplaced)) {
  test(`${name} is refused, and what stands beside it is written`, () => {
    const memory = started()
    const other = announce({ agreement: 2, version: 3, hash: `sha256:${'0'.repeat(64)}` })
    write(memory, activate({}), ask.dispute('dispute_0', 2), ask.dispute('dispute_1', 2), other)
    write(memory, ask.announce(3, 2))
    const planned = plan(memory, [one, ask.dispute('dispute_9', 2)])
    assert.deepEqual([codes(planned), kinds(planned)], [[code, null], ['dispute']])
  })
}

test('what was judged under any earlier version was judged before, also where another stands between', () => {
  const memory = started()
  write(
    memory,
    activate({}),
    ask.refuse({ exchange: 'ex_1', agreement: 2 }),
    activate({}, 3),
    activate({}, 4),
  )
  write(memory, { op: 'activate', activation: activation('hospital') })
  const judged = standingOf(memory, origin).activations.map(({ judgedBefore }) => judgedBefore)
  assert.deepEqual(judged, [false, false, true, true, false])
})

test('an intent and a served call are judged, and what meets them in a commit knows it', async () => {
  const memory = started()
  write(memory, admit(memory, 'ex_1'), activate({}))
  const gate = started('gate')
  const served = await serving({ exchange: 'ex_1', intent: 1, time: now })
  write(gate, { op: 'serve', serving: served }, activate({}))
  for (const one of [memory, gate]) {
    assert.equal(standingOf(one, origin).activations.at(-1)?.judgedBefore, true)
  }
})

const hold = { id: 'hold_1', expiresAt: 20_000 }

test('a dispute ends the open holds of its agreement, and changes what is in force', () => {
  const memory = started()
  write(memory, ask.refuse({ exchange: 'ex_h', hold }))
  const planned = plan(memory, [
    ask.dispute('dispute_1'),
    ask.decide({ exchange: 'ex_h', redeems: 'hold_1' }),
    ask.refuse({ exchange: 'ex_2', hold: { ...hold, id: 'hold_2' } }),
  ])
  assert.deepEqual(codes(planned), [null, 'RECORDER_HOLD', null])
  assert.deepEqual(kinds(planned), ['dispute', 'hold-expired', 'refusal'])
  planned.apply()
  assert.equal(memory.log.version, 3)
  const { seq, envelope } = { seq: 3, ...dispute('dispute_1') }
  assert.deepEqual(standingOf(memory, origin).disputes, [{ seq, agreement: 1, envelope }])
})

test('nothing is written that was judged before a dispute, and what was judged after it is', () => {
  const memory = started()
  write(memory, admit(memory, 'ex_0'), admit(memory, 'ex_1'))
  const steps = (judgedUnder: number, name: string): DurableAsk[] => [
    admit(memory, `${name}_1`, { judgedUnder }),
    ask.refuse({ exchange: `${name}_2`, judgedUnder }),
    ask.refuse({ exchange: `${name}_3`, judgedUnder, hold: { id: `hold_${name}`, expiresAt: 20_000 } }),
    ask.settle({ exchange: 'ex_0', micros: 1, judgedUnder }),
    ask.settle({
      exchange: 'ex_0',
      micros: 1,
      judgedUnder,
      hold: { id: `answer_${name}`, expiresAt: 20_000 },
    }),
  ]
  // In the very commit of the dispute, and after it.
  const together = plan(memory, [ask.dispute('dispute_1'), ...steps(1, 'a')])
  assert.deepEqual(codes(together), [null, ...Array<string>(5).fill(superseded)])
  assert.deepEqual(kinds(together), ['dispute'])
  together.apply()
  assert.deepEqual(codes(plan(memory, steps(3, 'b'))), Array(5).fill(superseded))
  const since = codes(plan(memory, steps(4, 'c')))
  assert.deepEqual(since, [null, null, null, null, conflict], 'an outcome is written once')
})

test('that an answer failed or was stopped is written, whatever reading it was judged under', () => {
  const memory = started()
  write(memory, admit(memory, 'ex_1'), ask.dispute('dispute_1'))
  for (const status of ['stopped', 'failed', 'client-gone'] as const) {
    const one = ask.settle({ exchange: 'ex_1', micros: 1, judgedUnder: 1 })
    assert.ok(one.op === 'settle')
    const { settlement } = one
    const ended: DurableAsk = {
      op: 'settle',
      settlement: { ...settlement, leaf: { ...settlement.leaf, status } },
    }
    assert.deepEqual(codes(plan(memory, [ended])), [null])
  }
})

test('a dispute about one agreement stands in the way of no other', () => {
  const memory = started()
  write(memory, { op: 'activate', activation: activation('hospital') }, ask.dispute('dispute_1'))
  assert.deepEqual(codes(plan(memory, [ask.refuse({ exchange: 'ex_1', agreement: 2, judgedUnder: 2 })])), [
    null,
  ])
})

test('a step that does not say under what it was judged is refused', () => {
  const memory = started()
  for (const judgedUnder of [undefined, NaN, '7', 1.5] as unknown as number[]) {
    const one = ask.refuse({ exchange: 'ex_1' })
    assert.ok(one.op === 'refuse')
    const untold: DurableAsk = { op: 'refuse', refusal: { ...one.refusal, judgedUnder } }
    assert.deepEqual(codes(plan(memory, [untold])), [conflict])
  }
})

test('announcements and disputes change nothing before apply', () => {
  const memory = started()
  const before = standingOf(memory, origin)
  plan(memory, [ask.announce(), ask.dispute('dispute_1'), ask.refuse({ exchange: 'ex_1' }), activate({})])
  assert.deepEqual(standingOf(memory, origin), before)
  assert.deepEqual([memory.log.hasDispute('dispute_1'), memory.log.disputedAt('department')], [false, -1])
})
