import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { requireAgreement } from '../agreement/sample-agreement.ts'
import { envelopeOf, sampleTime } from '../gateway/sample-exchange.fixture.ts'
import type { StandingAnswer } from '../recorder/index.ts'
import { Lease } from './lease.ts'
import type { Standing } from './standing.ts'

const text = sampleText()
const envelope = await envelopeOf(requireAgreement(text))
const answerOf = (version: number): StandingAnswer => ({
  version,
  origin: 'example.org/log',
  activations: [{ seq: version, time: sampleTime, text, envelope, judgedBefore: false }],
  orders: [],
  disputes: [],
  announced: [],
  reviewers: [],
})

describe('a lease', () => {
  let now = 0
  let wall = sampleTime
  let logTime = sampleTime
  let answer = answerOf(1)
  let fails = false
  let failures = 0
  let refused = false
  let changes: [Standing, Standing][] = []
  beforeEach(() => {
    ;[wall, logTime] = [sampleTime, sampleTime]
    ;[now, answer, fails, failures, refused, changes] = [0, answerOf(1), false, 0, false, []]
  })

  const open = async (t: TestContext): Promise<Lease> => {
    const lease = await Lease.open({
      recorder: {
        lease: () =>
          fails ? Promise.reject(new Error('gone')) : Promise.resolve({ version: answer.version, logTime }),
        standing: () => Promise.resolve(answer),
      },
      clock: { now: () => now },
      wallClock: { now: () => wall },
      renewMs: 1_000_000,
      accept: () => {
        if (refused) throw new Error('not this')
      },
      changed: (before, after) => void changes.push([before, after]),
      failed: () => failures++,
    })
    t.after(() => lease[Symbol.dispose]())
    return lease
  }

  test('is fresh for two seconds and stale after', async (t) => {
    const lease = await open(t)
    now = 2000
    assert.equal(lease.require().version, 1)
    now = 2001
    assert.equal(lease.fresh, false)
    assert.throws(() => lease.require(), { code: 'STANDING_STALE' })
    await lease.renew()
    assert.equal(lease.require().version, 1)
  })

  test('grows old when the recorder does not answer', async (t) => {
    const lease = await open(t)
    fails = true
    now = 1500
    await lease.renew()
    now = 2001
    assert.throws(() => lease.require(), { code: 'STANDING_STALE' })
    assert.equal(failures, 1)
  })

  test('counts from the moment of asking', async (t) => {
    const lease = await open(t)
    now = 1000
    const renewed = lease.renew()
    now = 3500
    await renewed
    assert.equal(lease.fresh, false)
  })

  const year = 365 * 24 * 3600 * 1000
  test('says a time that never falls, whatever the wall clock does', async (t) => {
    const lease = await open(t)
    assert.equal(lease.now(), sampleTime)
    wall += 30_000
    assert.equal(lease.now(), sampleTime + 30_000)
    wall -= 50_000
    assert.equal(lease.now(), sampleTime + 30_000)
    logTime = sampleTime + 40_000
    await lease.renew()
    assert.equal(lease.now(), logTime)
    assert.equal(lease.require().version, 1)
  })

  test('a clock that is set back behind the log permits nothing until it has caught up', async (t) => {
    const lease = await open(t)
    // Another worker judged while the clock was years ahead, and the log remembers it.
    logTime = sampleTime + 5 * year
    await lease.renew()
    assert.equal(lease.now(), logTime)
    assert.throws(() => lease.require(), { code: 'STANDING_STALE', message: /clock was set back/ })
    assert.equal(lease.fresh, false)
    assert.equal(failures, 1)
    wall = logTime - 60_000
    assert.equal(lease.require().version, 1)
    assert.equal(lease.fresh, true)
  })

  test('a clock that is set back behind what this lease has said permits nothing either', async (t) => {
    const lease = await open(t)
    wall += 5 * year
    lease.now()
    wall = sampleTime
    assert.throws(() => lease.require(), { code: 'STANDING_STALE' })
  })

  test('does not permit anything from the start where the log is ahead of the clock', async (t) => {
    logTime = sampleTime + year
    const lease = await open(t)
    assert.equal(lease.now(), logTime)
    assert.throws(() => lease.require(), { code: 'STANDING_STALE' })
  })

  test('asks again after a renewal under way, for that one may have asked too early', async (t) => {
    const lease = await open(t)
    const early = lease.renew()
    answer = answerOf(2)
    await Promise.all([early, lease.renew(), lease.renew()])
    assert.equal(lease.require().version, 2)
  })

  test('takes over what has come into force, and tells of it once', async (t) => {
    const lease = await open(t)
    answer = answerOf(2)
    await lease.renew()
    await lease.renew()
    assert.equal(lease.require().version, 2)
    assert.deepEqual(
      changes.map(([before, after]) => [before.version, after.version]),
      [[1, 2]],
    )
  })

  test('grows old on what it may not accept, or cannot read, and never takes it over', async (t) => {
    const lease = await open(t)
    for (const spoil of [
      () => (refused = true),
      () => (answer = { ...answerOf(2), activations: [{ ...answerOf(2).activations[0]!, text: 'x' }] }),
    ]) {
      answer = answerOf(2)
      spoil()
      now += 1500
      await lease.renew()
      refused = false
    }
    assert.equal(failures, 2)
    assert.deepEqual(changes, [])
    assert.throws(() => lease.require(), { code: 'STANDING_STALE' })
  })

  test('does not open on what it may not accept', async (t) => {
    refused = true
    await assert.rejects(open(t), /not this/)
  })
})
