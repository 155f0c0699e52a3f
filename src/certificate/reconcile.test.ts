import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../base/index.ts'
import { formatLeaf } from '../ledger/index.ts'
import type { Leaf, OutcomeLeaf, OutcomeStatus } from '../ledger/index.ts'
import type { Reconciliation } from './difference.ts'
import { openReconciliation } from './reconcile.ts'
import type { ReconcileOptions } from './reconcile.ts'
import { activation, agencyKey, gateKey, intent, minute, outcome, sampleLogs, served } from './sample-logs.ts'
import { openSampleLog } from './sample-logs.ts'
import type { SampleCall, SampleLog } from './sample-logs.ts'

const good: SampleCall = { at: 10, outcome: 'completed', served: 'answered' }
/** The last entry of the gate's log: later than all that is compared. */
const last: SampleCall = { ...good, at: 60 }

function reconcile(
  { agency, gate }: { agency: SampleLog; gate: SampleLog },
  options: Partial<ReconcileOptions> = {},
): Reconciliation {
  const reconciliation = openReconciliation({ agency: agencyKey.verifier, windowMs: 60_000, ...options })
  for (const [index, leaf] of gate.leaves.entries()) reconciliation.gate.add(leaf, index, formatLeaf(leaf))
  for (const [index, leaf] of agency.leaves.entries()) {
    reconciliation.agency.add(leaf, index, formatLeaf(leaf))
  }
  return reconciliation.result()
}

const found = ({ differences }: Reconciliation) =>
  differences.map(({ kind, entry, served: at }) => [kind, entry, at])

test('reconcile finds nothing between two logs of the same calls', async () => {
  const ended = (how: 'failed' | 'stopped'): SampleCall => ({ ...good, outcome: how, served: how })
  const { differences, matched, notServed, newer, endsDiffer } = reconcile(
    await sampleLogs([good, ended('failed'), ended('stopped'), last]),
  )
  assert.deepEqual([matched, differences, notServed, newer, endsDiffer], [4, [], [], [], []])
})

test('reconcile names a call that the agency answered past the gate', async () => {
  const logs = await sampleLogs([good, { ...good, served: false }, last])
  assert.deepEqual(found(reconcile(logs)), [['answered-elsewhere', 4, null]])
})

test('reconcile names an entry that the agency has cut out of its log', async () => {
  const { agency, gate } = await sampleLogs([good, good, last])
  // The call of entries 4 and 5 is taken out, and what follows is written anew as if it had never been.
  const { agency: rewritten } = await sampleLogs([good, last])
  assert.deepEqual(found(reconcile({ agency: rewritten, gate })), [
    ['another-entry', 4, 4],
    ['not-shown', 6, 6],
  ])
  const { agency: forged } = await sampleLogs([good, { ...good, served: false }, last])
  const leaves = forged.leaves.map((leaf): Leaf =>
    'exchange' in leaf ? { ...leaf, time: leaf.time + 1 } : leaf,
  )
  assert.deepEqual(
    found(reconcile({ agency: openSampleLog(leaves), gate })).map(([kind]) => kind),
    ['another-entry', 'another-entry', 'another-entry'],
  )
  assert.deepEqual(found(reconcile({ agency, gate })), [])
})

test('reconcile names every call of an hour that the agency no longer shows', async () => {
  const { agency, gate } = await sampleLogs([good, { ...good, at: 20 }, { ...good, at: 30 }])
  const cut = openSampleLog(agency.leaves.slice(0, 4))
  assert.deepEqual(found(reconcile({ agency: cut, gate })), [
    ['not-shown', 4, 4],
    ['not-shown', 6, 6],
  ])
})

test('reconcile names an intent that was altered after it was promised', async () => {
  const { agency, gate } = await sampleLogs([good, last])
  const leaves = agency.leaves.map((leaf, index): Leaf =>
    index === 2 && leaf.kind === 'intent' ? { ...leaf, provider: 'nimbus' } : leaf,
  )
  assert.deepEqual(found(reconcile({ agency: openSampleLog(leaves), gate })), [['another-entry', 2, 2]])
})

test('reconcile names what the gate served twice, on a false promise or as another exchange', async () => {
  const { agency, gate } = await sampleLogs([good, last])
  const again = await served(agency, 2)
  gate.add(61, again)
  gate.add(61, { ...again, exchange: 'ex_other', receipt: 'none' } as typeof again)
  const other = await sampleLogs([{ ...good, at: 11 }])
  gate.add(61, { ...(await served(other.agency, 2)), receipt: flipped(receiptOf(again)) } as typeof again)
  const result = reconcile({ agency, gate })
  assert.deepEqual(found(result), [
    ['served-twice', 2, 6],
    ['false-receipt', null, 7],
    ['false-receipt', null, 8],
  ])
  const renamed = await sampleLogs([good, last])
  const leaves = renamed.gate.leaves.map((leaf): Leaf =>
    leaf.kind === 'served' && leaf.seq === 2 ? { ...leaf, exchange: 'ex_other' } : leaf,
  )
  const swapped = renamed.gate.leaves.map((leaf): Leaf =>
    leaf.kind === 'served' && leaf.seq === 2 ? { ...leaf, provider: 'nimbus' } : leaf,
  )
  for (const each of [leaves, swapped]) {
    const result = reconcile({ agency: renamed.agency, gate: openSampleLog(each) })
    assert.deepEqual(found(result), [['another-exchange', 2, 2]])
  }
})

function receiptOf(leaf: object): string {
  return 'receipt' in leaf ? String(leaf.receipt) : ''
}

/** The same receipt with its signature broken. */
function flipped(receipt: string): string {
  return receipt.replace(/\.(.)/, (_, first: string) => `.${first === 'A' ? 'B' : 'A'}`)
}

test('reconcile takes a receipt of another log for no promise of this one', async () => {
  const logs = await sampleLogs([good])
  const kinds = reconcile(logs, { agency: gateKey.verifier }).differences.map(({ kind }) => kind)
  assert.ok(kinds.includes('false-receipt'))
})

test('reconcile names a call that was served under another text of the agreement', async () => {
  const { agency, gate } = await sampleLogs([good, last])
  const leaves = gate.leaves.map((leaf): Leaf =>
    leaf.kind === 'activation' ? { ...leaf, hash: digestOf('another text') } : leaf,
  )
  const result = reconcile({ agency, gate: openSampleLog(leaves) })
  assert.deepEqual(found(result), [
    ['another-agreement', 2, 2],
    ['another-agreement', 4, 4],
  ])
})

test('reconcile names what was served for an entry that sends nothing to a model', async () => {
  const { agency, gate } = await sampleLogs([last])
  const at = agency.add(61, intent('ex_held', 'cumulus', { stage: 'answer', hold: 'hold_1' }))
  agency.add(61, outcome('ex_held', at))
  assert.deepEqual(found(reconcile({ agency, gate })), [])
  assert.equal(reconcile({ agency, gate }).redeemedAnswers, 1)
  gate.add(62, await served(agency, at))
  assert.deepEqual(found(reconcile({ agency, gate })), [['no-call', at, 4]])
})

/** A call of entry 2 that the gate never served, and what the agency says became of it. */
async function unserved(status: OutcomeStatus, change: Partial<OutcomeLeaf>) {
  const logs = await sampleLogs([{ at: 10, served: false, outcome: null }, last])
  logs.agency.add(61, outcome('ex_0', 2, status, change))
  return logs
}

test('reconcile names a held answer of another model, which is given out later', async () => {
  const hold = 'hold_1'
  const logs = await unserved('stopped', { decision: 'hold', hold, rules: ['4.2#1'] })
  assert.deepEqual(found(reconcile(logs)), [['answered-elsewhere', 2, null]])
  const at = logs.agency.add(62, intent('ex_again', 'cumulus', { stage: 'answer', hold }))
  logs.agency.add(62, outcome('ex_again', at))
  const redeemed = reconcile(logs)
  assert.deepEqual(found(redeemed), [['answered-elsewhere', 2, null]])
  assert.equal(redeemed.redeemedAnswers, 1)
  const byTool = await unserved('stopped', { stage: 'tool', decision: 'hold', hold, rules: ['4.2#1'] })
  assert.deepEqual(found(reconcile(byTool)), [['answered-elsewhere', 2, null]])
})

test('reconcile names an answer of another model that a clause stopped, and no call that was stopped without', async () => {
  const unanswered = ['gate', 'order', 'standing', 'holds'].map((name) => `system.${name}#always`)
  for (const rules of [['4.2#1'], ['system.default#always'], [...unanswered, '4.2#1']]) {
    const result = reconcile(await unserved('stopped', { decision: 'deny', rules }))
    assert.deepEqual([found(result), result.notServed], [[['answered-elsewhere', 2, null]], []], rules.join())
  }
  for (const rule of unanswered) {
    const result = reconcile(await unserved('stopped', { decision: 'deny', rules: [rule] }))
    assert.deepEqual(result.differences, [], rule)
    assert.deepEqual(
      result.notServed.map(({ entry, status, answered }) => [entry, status, answered]),
      [[2, 'stopped', false]],
    )
  }
  // What a caller left behind or an upstream broke off proves no answer, whatever the rules that let it out.
  for (const status of ['failed', 'client-gone'] as const) {
    assert.deepEqual(reconcile(await unserved(status, { rules: ['4.2#1'] })).differences, [])
  }
})

test('reconcile counts held and stopped answers among the young calls that were answered', async () => {
  const logs = await sampleLogs([good, { at: 20, served: false, outcome: null }])
  logs.agency.add(21, outcome('ex_1', 4, 'stopped', { decision: 'hold', hold: 'hold_1' }))
  const { newer } = reconcile(logs)
  assert.deepEqual(
    newer.map(({ entry, answered }) => [entry, answered]),
    [[4, true]],
  )
})

test('reconcile lists what did not reach the gate, by the account of the agency', async () => {
  const silent = { at: 10, served: false } as const
  const result = reconcile(
    await sampleLogs([
      { ...silent, outcome: 'failed' },
      { ...silent, outcome: 'interrupted' },
      { ...silent, outcome: null },
      last,
    ]),
  )
  assert.deepEqual(result.differences, [])
  assert.deepEqual(
    result.notServed.map(({ entry, status }) => [entry, status]),
    [
      [2, 'failed'],
      [4, 'interrupted'],
      [6, null],
    ],
  )
})

test('reconcile asks for newer evidence where that of the gate ends too early', async () => {
  const logs = await sampleLogs([
    good,
    { ...good, at: 20, served: false },
    { ...good, at: 10.5, served: false },
  ])
  const early = reconcile(logs)
  assert.deepEqual([early.differences, early.newer.length], [[], 2])
  const taken = reconcile(logs, { gateTakenAt: minute(21) })
  assert.deepEqual(found(taken), [
    ['answered-elsewhere', 4, null],
    ['answered-elsewhere', 6, null],
  ])
  assert.deepEqual(taken.newer, [])
})

test('reconcile expects no call at a gate where its agreement was not in force, or not yet', async () => {
  const { agency, gate } = await sampleLogs([{ ...good, served: false }, last])
  const later = gate.leaves.map((leaf): Leaf => (leaf.seq === 1 ? { ...leaf, time: minute(11) } : leaf))
  const result = reconcile({ agency, gate: openSampleLog(later) })
  assert.deepEqual([result.differences, result.earlier], [[], 1])
  const other = agency.add(20, { ...activation(), agreement: 'hospital' } as Parameters<SampleLog['add']>[1])
  agency.add(21, outcome('ex_h', agency.add(21, intent('ex_h', 'cirrus', { agreement: other }))))
  const { differences, otherAgreements } = reconcile({ agency, gate })
  assert.deepEqual(otherAgreements, { hospital: 1 })
  assert.equal(differences.length, 1)
})

test('reconcile notes every call of which the two logs tell the end differently', async () => {
  const result = reconcile(
    await sampleLogs([
      { ...good, served: 'failed' },
      { ...good, served: 'interrupted' },
      { ...good, outcome: 'failed' },
      { ...good, outcome: 'failed', served: 'failed' },
      { ...good, served: null },
      // Somebody between the gates may have had each of these answers in the place of the agency.
      { ...good, outcome: 'client-gone' },
      { ...good, outcome: 'stopped' },
      { ...good, outcome: 'interrupted' },
      { ...good, outcome: null },
      { ...good, outcome: 'client-gone', served: 'gone' },
      last,
    ]),
  )
  assert.deepEqual(result.differences, [])
  assert.deepEqual(
    result.endsDiffer.map(({ agency, gate }) => [agency, gate]),
    [
      ['completed', 'failed'],
      ['completed', 'interrupted'],
      ['failed', 'answered'],
      ['client-gone', 'answered'],
      ['stopped', 'answered'],
      ['interrupted', 'answered'],
      [null, 'answered'],
    ],
  )
})

test('reconcile accuses nobody of calls to a provider that is said to be behind another gate', async () => {
  const { agency, gate } = await sampleLogs([good, last])
  const at = agency.add(20, intent('ex_n', 'nimbus'))
  agency.add(21, outcome('ex_n', at))
  const strict = reconcile({ agency, gate })
  assert.deepEqual(found(strict), [['answered-elsewhere', at, null]])
  assert.match(strict.differences[0]?.message ?? '', /by `nimbus`.*--provider/)
  const named = reconcile({ agency, gate }, { providers: new Set(['cumulus']) })
  assert.deepEqual([found(named), named.notServed, named.otherProviders], [[], [], { nimbus: 1 }])
  // What the gate has served it stands before, whatever else is named.
  agency.add(22, outcome('ex_c', agency.add(22, intent('ex_c', 'cumulus'))))
  const slip = reconcile({ agency, gate }, { providers: new Set(['cumulos']) })
  assert.deepEqual([found(slip).length, slip.otherProviders], [1, { nimbus: 1 }])
  const both = reconcile({ agency, gate }, { providers: new Set(['cumulus', 'nimbus']) })
  assert.deepEqual([found(both).length, both.otherProviders], [2, {}])
})
