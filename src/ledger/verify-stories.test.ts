/** An audit follows holds, orders and served calls from entry to entry, and finds each that cannot be true. */
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ServandaError, digestOf } from '../base/index.ts'
import { formatLeaf } from './leaf-bytes.ts'
import type { ActivationLeaf, Leaf } from './leaf.ts'
import { sampleVkey, writeSampleLog } from './sample-log.ts'
import { agencyStory, amendmentStory, gateStory, holdsEnd, sampleReceipt } from './sample-stories.ts'
import { verifyLedger } from './verify.ts'
import type { VerifyOptions } from './verify.ts'

async function verify(leaves: readonly Leaf[], more: Partial<VerifyOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-stories-'))
  const entries = leaves.map((leaf) => formatLeaf(leaf))
  await writeSampleLog(directory, [entries.length], entries)
  return verifyLedger({ directory, verifiers: [sampleVkey], ...more })
}

/** The story with one entry changed. */
function changed(story: readonly Leaf[], seq: number, change: object): Leaf[] {
  return story.map((leaf) => (leaf.seq === seq ? { ...leaf, ...change } : leaf))
}

test('verifyLedger accepts holds, decisions and orders, and says what became of them', async () => {
  const { role, holds, stopsInForce, openIntents } = await verify(agencyStory)
  assert.equal(role, 'agency')
  assert.deepEqual(holds, { opened: 5, redeemed: 2, denied: 1, expired: 1, open: ['hold_e'] })
  assert.deepEqual([stopsInForce, openIntents], [[], []])
})

test('verifyLedger accepts what a provider served, ended and turned away', async () => {
  const { role, openServed, entries } = await verify(gateStory)
  assert.deepEqual([role, openServed, entries.served, entries['turned-away']], ['gate', [10], 3, 2])
})

test('verifyLedger accepts an amendment that was made known, and disputes', async () => {
  const { holds, entries } = await verify(amendmentStory)
  assert.deepEqual([entries.announced, entries.dispute, holds.expired], [1, 2, 1])
})

test('verifyLedger names the stops that are in force at the end', async () => {
  const { stopsInForce } = await verify(agencyStory.slice(0, 19))
  assert.deepEqual(stopsInForce, [
    { id: 'stop_1', agreement: 'department', entry: 15 },
    { id: 'stop_2', agreement: 'department', entry: 18 },
  ])
})

const gap = { kind: 'gap', refusals: 1 } as const
/** An entry of no weight in the place of one that others rely on. */
const nothing = (seq: number): Leaf => ({ ...gap, v: 1, seq, time: agencyStory[seq]?.time ?? 0 })
const timeOf = (seq: number): number => agencyStory[seq]?.time ?? 0
const without = (story: readonly Leaf[], seq: number) => story.with(seq, nothing(seq))
/** What stands at `from`, once more at `seq`. */
const again = (story: readonly Leaf[], from: number, seq: number) =>
  story.with(seq, { ...story[from]!, seq, time: story[seq]!.time })

const first = amendmentStory[1]! as ActivationLeaf
/** A version of two, later than the last, with no announcement of its own. */
const third: ActivationLeaf = {
  ...first,
  ...{ seq: 10, time: amendmentStory[10]!.time, version: 3, hash: digestOf('v3'), supersedes: 9 },
}
/** Another agreement comes into force at the end. */
const rivals = amendmentStory.with(10, { ...first, seq: 10, time: third.time, agreement: 'rival' })
const other = digestOf('another text')

const findings: readonly [claim: string, leaves: readonly Leaf[], seq: number, code: string][] = [
  ['a hold that is opened again', changed(agencyStory, 12, { hold: 'hold_a' }), 12, 'LEDGER_HOLD'],
  [
    'a hold opened by an outcome that was opened',
    changed(agencyStory, 8, { hold: 'hold_a' }),
    8,
    'LEDGER_HOLD',
  ],
  ['a hold without an end', changed(agencyStory, 3, { expires: undefined }), 3, 'LEDGER_HOLD'],
  ['a hold of an answer without an end', changed(agencyStory, 8, { expires: undefined }), 8, 'LEDGER_HOLD'],
  ['a hold that is over when it opens', changed(agencyStory, 3, { expires: timeOf(3) }), 3, 'LEDGER_HOLD'],
  ['an end of no hold', changed(agencyStory, 17, { expires: holdsEnd }), 17, 'LEDGER_HOLD'],
  ['a repeat that moves the end', changed(agencyStory, 4, { expires: holdsEnd }), 4, 'LEDGER_HOLD'],
  ['a repeat after the end', changed(agencyStory, 3, { expires: timeOf(4) }), 4, 'LEDGER_HOLD'],
  ['a decision after the end', changed(agencyStory, 3, { expires: timeOf(5) }), 5, 'LEDGER_HOLD'],
  ['a hold that is used after its end', changed(agencyStory, 8, { expires: timeOf(10) }), 10, 'LEDGER_HOLD'],
  ['a hold that expires before its end', without(agencyStory, 15), 16, 'LEDGER_HOLD'],
  ['a repeat of a hold that is over', again(agencyStory, 4, 20), 20, 'LEDGER_HOLD'],
  ['a denial that opens a hold', changed(agencyStory, 3, { decision: 'deny' }), 3, 'LEDGER_HOLD'],
  ['a decision about a hold that never was', changed(agencyStory, 5, { hold: 'hold_x' }), 5, 'LEDGER_HOLD'],
  ['a decision about another exchange', changed(agencyStory, 5, { exchange: 'ex_4' }), 5, 'LEDGER_HOLD'],
  ['a decision after the hold was used', again(agencyStory, 5, 20), 20, 'LEDGER_HOLD'],
  ['a decision after a denial', again(agencyStory, 13, 14), 14, 'LEDGER_HOLD'],
  ['a decision after a stop', changed(agencyStory, 16, decisionOf(14, 'hold_d')), 16, 'LEDGER_HOLD'],
  ['a hold that expires twice', again(agencyStory, 16, 17), 17, 'LEDGER_HOLD'],
  ['the end of another exchange', changed(agencyStory, 16, { exchange: 'ex_1' }), 16, 'LEDGER_HOLD'],
  [
    'the end of a hold that was denied',
    changed(agencyStory, 16, { exchange: 'ex_12', hold: 'hold_c' }),
    16,
    'LEDGER_HOLD',
  ],
  ['an intent of a hold that never was', changed(agencyStory, 7, { hold: 'hold_x' }), 7, 'LEDGER_HOLD'],
  ['a hold that is used twice', changed(agencyStory, 20, { hold: 'hold_a' }), 20, 'LEDGER_HOLD'],
  [
    'a hold that is used though it was denied',
    changed(agencyStory, 20, { hold: 'hold_c' }),
    20,
    'LEDGER_HOLD',
  ],
  [
    'a hold that is used after a stop',
    changed(without(agencyStory, 16), 20, { hold: 'hold_d' }),
    20,
    'LEDGER_HOLD',
  ],
  ['a hold that is used and nobody approved', without(agencyStory, 9), 10, 'LEDGER_HOLD'],
  [
    'a hold of an answer that calls a model',
    changed(agencyStory, 10, { stage: 'request' }),
    10,
    'LEDGER_HOLD',
  ],
  ['a hold of a request that calls none', changed(agencyStory, 7, { stage: 'answer' }), 7, 'LEDGER_HOLD'],
  [
    'an answer that is given out for no hold',
    changed(agencyStory, 20, { stage: 'answer' }),
    20,
    'LEDGER_HOLD',
  ],
  ['an intent under a stop', without(agencyStory, 19), 20, 'LEDGER_STOPPED'],
  ['an intent under one of two stops', changed(agencyStory, 19, { lifts: ['stop_1'] }), 20, 'LEDGER_STOPPED'],
  [
    'a hold opened under a stop',
    changed(agencyStory, 17, { decision: 'hold', hold: 'hold_s', expires: holdsEnd }),
    17,
    'LEDGER_STOPPED',
  ],
  ['an order that is carried out twice', again(agencyStory, 15, 18), 18, 'LEDGER_ORDER'],
  ['an order with the id of another', changed(agencyStory, 19, { id: 'stop_1' }), 19, 'LEDGER_ORDER'],
  ['a stop that lifts', changed(agencyStory, 18, { lifts: ['stop_1'] }), 18, 'LEDGER_ORDER'],
  ['a resume that lifts nothing', changed(agencyStory, 19, { lifts: [] }), 19, 'LEDGER_ORDER'],
  ['a resume of a stop that is none', changed(agencyStory, 19, { lifts: ['hold_a'] }), 19, 'LEDGER_ORDER'],
  [
    'a resume that names a stop twice',
    changed(agencyStory, 19, { lifts: ['stop_1', 'stop_1'] }),
    19,
    'LEDGER_ORDER',
  ],
  ['an order under what is no agreement', changed(agencyStory, 15, { agreement: 0 }), 15, 'LEDGER_ORDER'],
  ['an order under an earlier version', again(agencyStory, 15, 25), 25, 'LEDGER_ORDER'],
  ['two intents of one exchange', changed(agencyStory, 20, { exchange: 'ex_10' }), 20, 'LEDGER_EXCHANGE'],
  ['what was denied and completed', changed(agencyStory, 21, { status: 'completed' }), 21, 'LEDGER_OUTCOME'],
  ['what was held and completed', changed(agencyStory, 8, { status: 'completed' }), 8, 'LEDGER_OUTCOME'],
  [
    'a hold used under a later version',
    changed(agencyStory.slice(0, 25), 24, used('hold_d', 23)),
    24,
    'LEDGER_HOLD',
  ],
  ['a call that an agency serves', moved(gateStory, 2, agencyStory, 25), 25, 'LEDGER_ROLE'],
  ['the end of a call that an agency serves', moved(gateStory, 4, agencyStory, 25), 25, 'LEDGER_ROLE'],
  ['a call that an agency turns away', moved(gateStory, 6, agencyStory, 25), 25, 'LEDGER_ROLE'],
  ['an intent in the log of a gate', moved(agencyStory, 20, gateStory, 6), 6, 'LEDGER_ROLE'],
  ['a refusal in the log of a gate', moved(agencyStory, 3, gateStory, 6), 6, 'LEDGER_ROLE'],
  ['a receipt that is none', changed(gateStory, 2, { receipt: 'none' }), 2, 'LEDGER_SERVED'],
  [
    'an intent that is served twice',
    changed(gateStory, 3, { receipt: await sampleReceipt(7, 3) }),
    3,
    'LEDGER_SERVED',
  ],
  [
    'an intent that is served after its time',
    changed(gateStory, 3, { receipt: await sampleReceipt(9, -58) }),
    3,
    'LEDGER_SERVED',
  ],
  [
    'an intent that is served before its time',
    changed(gateStory, 3, { receipt: await sampleReceipt(9, 64) }),
    3,
    'LEDGER_SERVED',
  ],
  ['a call that is served under a stop', moved(gateStory, 10, gateStory, 8), 8, 'LEDGER_STOPPED'],
  [
    'a call that is served under no agreement',
    changed(gateStory, 2, { agreement: 0 }),
    2,
    'LEDGER_AGREEMENT',
  ],
  ['a second end', changed(gateStory, 5, { served: 2, exchange: 'ex_a' }), 5, 'LEDGER_SERVED'],
  ['the end of what was not served', changed(gateStory, 4, { served: 1 }), 4, 'LEDGER_SERVED'],
  ['the end of another exchange', changed(gateStory, 4, { exchange: 'ex_b' }), 4, 'LEDGER_SERVED'],
  ['an announcement to no agreement', changed(amendmentStory, 4, { agreement: 0 }), 4, 'LEDGER_ACTIVATION'],
  ['a version made known twice over', changed(amendmentStory, 4, { version: 3 }), 4, 'LEDGER_ACTIVATION'],
  [
    'a version made known that is in force',
    changed(amendmentStory, 4, { version: 1 }),
    4,
    'LEDGER_ACTIVATION',
  ],
  [
    'an amendment made known to a version that is over',
    moved(amendmentStory, 4, amendmentStory, 10),
    10,
    'LEDGER_ACTIVATION',
  ],
  [
    'a version that was never made known',
    changed(amendmentStory, 9, { announced: 5 }),
    9,
    'LEDGER_ACTIVATION',
  ],
  ['a version made known later', changed(amendmentStory, 9, { announced: 10 }), 9, 'LEDGER_ACTIVATION'],
  ['another text than was made known', changed(amendmentStory, 4, { hash: other }), 9, 'LEDGER_ACTIVATION'],
  [
    'other signatures than were made known',
    changed(amendmentStory, 4, { envelope: 'another' }),
    9,
    'LEDGER_ACTIVATION',
  ],
  ['a first version that was made known', changed(rivals, 10, { announced: 4 }), 10, 'LEDGER_ACTIVATION'],
  [
    'a version that was made known to the one before the last',
    amendmentStory.with(10, { ...third, announced: 4 }),
    10,
    'LEDGER_ACTIVATION',
  ],
  ['a dispute over no agreement', changed(amendmentStory, 5, { agreement: 4 }), 5, 'LEDGER_DISPUTE'],
  ['a dispute over an earlier version', changed(amendmentStory, 10, { agreement: 1 }), 10, 'LEDGER_DISPUTE'],
  ['a dispute that is opened twice', changed(amendmentStory, 10, { id: 'dispute_1' }), 10, 'LEDGER_DISPUTE'],
  [
    'a hold that is decided after a dispute',
    changed(amendmentStory, 6, { ...decisionOf(3, 'hold_a'), seq: 6, time: timeOf(6) }),
    6,
    'LEDGER_HOLD',
  ],
  [
    'a hold that is used after a dispute',
    changed(amendmentStory, 7, { hold: 'hold_a' }).with(6, nothing(6)),
    7,
    'LEDGER_HOLD',
  ],
]

function decisionOf(exchange: number, hold: string): object {
  return { ...agencyStory[5], exchange: `ex_${exchange}`, hold, seq: 16, time: agencyStory[16]?.time }
}

function used(hold: string, agreement: number): object {
  const place = { seq: 24, time: agencyStory[24]?.time, expires: undefined }
  return { ...agencyStory[7], exchange: 'ex_24', hold, agreement, text: digestOf('v2'), ...place }
}

/** An entry of one story in the place of one of another. */
function moved(from: readonly Leaf[], at: number, to: readonly Leaf[], seq: number): Leaf[] {
  return to.with(seq, { ...from[at]!, seq, time: to[seq]!.time })
}

for (const [claim, leaves, index, code] of findings) {
  test(`verifyLedger finds ${claim}`, async () => {
    await assert.rejects(verify(leaves), { code, index })
  })
}

test('a hold expires at its end, with no order and no amendment', async () => {
  const story = changed(without(agencyStory, 15), 14, { expires: timeOf(16) }).slice(0, 17)
  assert.equal((await verify(story)).holds.expired, 1)
})

test('an intent may be served up to a minute from its time, whichever came first', async () => {
  for (const receipt of [await sampleReceipt(9, -57), await sampleReceipt(9, 63)]) {
    await verify(changed(gateStory, 3, { receipt }))
  }
})

test('verifyLedger asks of every order, decision and hold that was used whether it was signed for', async () => {
  const asked: unknown[] = []
  const passed: string[] = []
  await verify(agencyStory, {
    checkOrder: ({ id }, { seq }) => asked.push([id, seq]) > 0,
    checkDecision: ({ decided, first, reviewers, activation }) =>
      asked.push([decided.seq, first?.seq ?? 'first', reviewers.length, activation.seq]) > 0,
    checkHold: ({ intent, opening, approvals, reviewers, activation }) => {
      const entries = [intent.seq, opening.seq, approvals.map(({ seq }) => seq), activation.seq]
      return asked.push([...entries, reviewers.length]) > 0
    },
    onPassed: (check) => passed.push(check),
  })
  assert.deepEqual(asked, [
    [5, 'first', 1, 1],
    [6, 5, 1, 1],
    [7, 3, [5, 6], 1, 1],
    [9, 'first', 1, 1],
    [10, 8, [9], 1, 1],
    [13, 'first', 1, 1],
    ['stop_1', 1],
    ['stop_2', 1],
    ['resume_1', 1],
  ])
  assert.ok(passed.includes('orders') && passed.includes('approvals') && passed.includes('stops'))
  assert.ok(passed.includes('decisions'))
})

test('verifyLedger asks of every amendment how it came about, and of every dispute', async () => {
  const asked: unknown[] = []
  const passed: string[] = []
  const story = amendmentStory.with(10, third)
  for (const leaves of [amendmentStory, story]) {
    await verify(leaves, {
      checkAgreement: ({ seq }, previous, { announced, judgedBefore }) =>
        asked.push([seq, previous?.seq, announced?.seq, judgedBefore]) > 0,
      checkAnnounced: ({ seq }, activation) => asked.push([seq, activation.seq]) > 0,
      checkDispute: ({ id }, activation) => asked.push([id, activation.seq]) > 0,
      onPassed: (check) => passed.push(check),
    })
  }
  const both = [
    [1, undefined, undefined, false],
    [4, 1],
    ['dispute_1', 1],
    [9, 1, 4, true],
  ]
  // Nothing was judged under the second version, and yet something under the first.
  assert.deepEqual(asked, [...both, ['dispute_2', 9], ...both, [10, 9, undefined, true]])
  assert.ok(passed.includes('announcements') && passed.includes('disputes') && passed.includes('signatures'))
})

test('nothing was judged before an amendment where no step stands in the log', async () => {
  const judged: boolean[] = []
  const unjudged = amendmentStory.flatMap((leaf) => {
    if (leaf.kind === 'opened' || leaf.kind === 'activation' || leaf.kind === 'announced') return [leaf]
    return [nothing(leaf.seq)]
  })
  const served = gateStory.with(8, { ...third, seq: 8, time: gateStory[8]!.time, version: 2, supersedes: 1 })
  for (const story of [unjudged, served.slice(0, 9)]) {
    await verify(story, {
      checkAgreement: (activation, previous, { judgedBefore }) => judged.push(judgedBefore) > 0,
    })
  }
  assert.deepEqual(judged, [false, false, false, true])
})

test('what was made known and disputes of which one could not be told have not passed', async () => {
  for (const more of [{}, { checkAnnounced: () => false, checkDispute: () => Promise.resolve(false) }]) {
    const passed: string[] = []
    await verify(amendmentStory, { ...more, onPassed: (check) => passed.push(check) })
    assert.ok(!passed.includes('announcements') && !passed.includes('disputes'))
    assert.ok(passed.includes('activations'))
  }
})

test('an amendment that was made known unsigned, and a dispute that nobody signed, are findings', async () => {
  const refuse = () => Promise.reject(new ServandaError('ANY', 'not enough'))
  const announced = { code: 'LEDGER_ANNOUNCED', index: 4, message: 'entry 4: not enough' }
  await assert.rejects(verify(amendmentStory, { checkAnnounced: refuse }), announced)
  await assert.rejects(verify(amendmentStory, { checkDispute: refuse }), {
    code: 'LEDGER_DISPUTES',
    index: 5,
  })
})

test('orders and approvals of which one could not be told have not passed', async () => {
  for (const more of [{}, { checkOrder: () => false, checkHold: () => Promise.resolve(false) }]) {
    const passed: string[] = []
    await verify(agencyStory, { ...more, onPassed: (check) => passed.push(check) })
    assert.ok(!passed.includes('orders') && !passed.includes('approvals') && !passed.includes('decisions'))
    assert.ok(passed.includes('stops') && passed.includes('holds') && passed.includes('served'))
  }
})

test('an order that nobody might give, and approvals that are not enough, are findings', async () => {
  const refuse = () => Promise.reject(new ServandaError('ANY', 'not enough'))
  await assert.rejects(verify(agencyStory, { checkOrder: refuse }), {
    code: 'LEDGER_ORDERS',
    index: 15,
    message: 'entry 15: not enough',
  })
  await assert.rejects(verify(agencyStory, { checkDecision: refuse }), { code: 'LEDGER_DECISIONS', index: 5 })
  await assert.rejects(verify(agencyStory, { checkHold: refuse }), { code: 'LEDGER_APPROVALS', index: 7 })
  const fault = () => Promise.reject(new RangeError('ours'))
  await assert.rejects(verify(agencyStory, { checkHold: fault }), { name: 'RangeError' })
})
