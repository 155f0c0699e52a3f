/** Refused calls are counted into few entries, and none is forgotten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { TurnedAwayLeaf } from '../ledger/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { PlainLeaf, Recorded, Unsequenced } from '../recorder/index.ts'
import { TurnedAway } from './turned-away.ts'

function open(t: TestContext, { waitingMax = 100 } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const notes: Unsequenced<TurnedAwayLeaf>[] = []
  const state = { fails: false }
  const failed: string[] = []
  const note = (leaf: Unsequenced<PlainLeaf>): Promise<Recorded> => {
    if (state.fails) return Promise.reject(new RecorderError('RECORDER_UNAVAILABLE', 'the disk is full'))
    notes.push(leaf as Unsequenced<TurnedAwayLeaf>)
    return Promise.resolve({ seq: notes.length, receipt: 'a receipt' })
  }
  const turnedAway = new TurnedAway({
    recorder: { note },
    waitingMax,
    failed: (message) => failed.push(message),
  })
  return { turnedAway, notes, state, failed, tick: () => t.mock.timers.tick(1000) }
}

test('the first is written at once, what follows within a second in one entry', async (t) => {
  const { turnedAway, notes, tick } = open(t)
  assert.equal(await turnedAway.add('missing', null), 'written')
  const waiting = Array.from({ length: 40 }, (_, i) => turnedAway.add('missing', i % 20))
  assert.equal(notes.length, 1)
  tick()
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['written']))
  assert.deepEqual(
    notes.map(({ count, intents }) => [count, intents.length]),
    [
      [1, 0],
      [40, 16],
    ],
  )
  tick()
  tick()
  assert.equal(await turnedAway.add('missing', 5), 'written')
  assert.deepEqual(notes.at(-1), { kind: 'turned-away', reason: 'missing', count: 1, intents: [5] })
})

test('each reason has its own entries', async (t) => {
  const { turnedAway, notes } = open(t)
  await Promise.all([turnedAway.add('missing', null), turnedAway.add('reused', 3)])
  assert.deepEqual(
    notes.map(({ reason }) => reason),
    ['missing', 'reused'],
  )
})

test('what cannot be written is counted in the next entry', async (t) => {
  const { turnedAway, notes, state, failed, tick } = open(t)
  state.fails = true
  assert.equal(await turnedAway.add('altered', 9), 'unwritten')
  assert.equal(failed.length, 1)
  const later = turnedAway.add('altered', 4)
  state.fails = false
  tick()
  assert.equal(await later, 'written')
  assert.deepEqual(notes, [{ kind: 'turned-away', reason: 'altered', count: 2, intents: [4, 9] }])
})

test('beyond the limit nobody waits, and all are counted', async (t) => {
  const { turnedAway, notes, tick } = open(t, { waitingMax: 2 })
  await turnedAway.add('false', null)
  const waiting = [turnedAway.add('false', null), turnedAway.add('false', null)]
  assert.equal(await turnedAway.add('false', null), 'full')
  tick()
  await Promise.all(waiting)
  assert.equal(notes.at(-1)?.count, 3)
  // Those that waited have left room.
  tick()
  assert.equal(await turnedAway.add('false', null), 'written')
})

test('what is still counted is written at the end', async (t) => {
  const { turnedAway, notes } = open(t)
  await turnedAway.add('expired', 1)
  const waiting = turnedAway.add('expired', 2)
  await turnedAway[Symbol.asyncDispose]()
  assert.equal(await waiting, 'written')
  assert.equal(
    notes.reduce((sum, { count }) => sum + count, 0),
    2,
  )
})
