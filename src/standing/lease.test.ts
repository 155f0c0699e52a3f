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
  activations: [{ seq: version, text, envelope }],
})

describe('a lease', () => {
  let now = 0
  let answer = answerOf(1)
  let fails = false
  let failures = 0
  let refused = false
  let changes: [Standing, Standing][] = []
  beforeEach(() => {
    ;[now, answer, fails, failures, refused, changes] = [0, answerOf(1), false, 0, false, []]
  })

  const open = async (t: TestContext): Promise<Lease> => {
    const lease = await Lease.open({
      recorder: {
        lease: () => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(answer.version)),
        standing: () => Promise.resolve(answer),
      },
      clock: { now: () => now },
      wallClock: { now: () => sampleTime },
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
      () => (answer = { ...answerOf(2), activations: [{ seq: 2, text: 'x', envelope }] }),
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
