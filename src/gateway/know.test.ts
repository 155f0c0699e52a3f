import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Standing } from '../standing/index.ts'
import { actionOf, judgeNow, know, requireStanding } from './know.ts'
import { sampleArrival, sampleCaller, sampleStanding, sampleTime } from './sample-exchange.fixture.ts'

let standing: Standing
before(async () => {
  standing = await sampleStanding()
})
const clock = { now: () => sampleTime }
const facts = { stage: 'request', signals: new Set<string>(), committedMicros: 0 } as const

test('know gives no route of an agreement that the caller is not registered under', () => {
  const known = know({ ...sampleArrival('a'), caller: { ...sampleCaller, agreements: ['other'] } }, standing)
  assert.deepEqual([known.route, known.inForce], [null, null])
  const { verdict, citations } = judgeNow(known, facts, clock).decision
  assert.deepEqual([verdict, citations[0]?.clause], ['deny', 'system.no-agreement'])
})

test('know counts a route of an unknown name as an unlisted model, which is denied', () => {
  for (const model of ['none', 'constructor', '__proto__', 'large']) {
    const known = know(sampleArrival('a', { model }), standing)
    assert.equal(known.route, null)
    assert.equal(judgeNow(known, facts, clock).decision.verdict, 'deny')
  }
})

test('judgeNow denies outside the term, whatever was allowed a moment ago', () => {
  const known = know(sampleArrival('a'), standing)
  assert.equal(judgeNow(known, facts, clock).decision.verdict, 'allow')
  assert.equal(judgeNow(known, facts, { now: () => Date.parse('2031-01-01') }).decision.verdict, 'deny')
})

test('actionOf knows the tools of the schedule and no other', () => {
  const known = know(sampleArrival('a'), standing)
  assert.deepEqual(
    ['post', 'search_documents', 'toString'].map((tool) => actionOf(known, tool)),
    ['send', 'look-up', 'unlisted'],
  )
})

test('requireStanding refuses another version and no version', async () => {
  const known = know(sampleArrival('a'), standing)
  requireStanding(known, { require: () => standing })
  const other = await sampleStanding({}, 7)
  const none = { ...standing, agreements: new Map() }
  for (const now of [other, none]) {
    assert.throws(() => requireStanding(known, { require: () => now }), { code: 'STANDING_STALE' })
  }
})
