import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { createMetrics } from '../gateway/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import { watchedStanding } from './watched-standing.ts'

const agreement = requireAgreement(sampleText())
const standing = {
  agreements: new Map([['sample', { entry: 1, agreement, stops: [] }]]),
  reviewers: [{ key: 'k', person: 'ada', agreement: 'sample', levels: ['official'], roles: [], callers: [] }],
} as unknown as Standing
const recorder = {
  reserve: () => Promise.resolve({ id: 1, committedMicros: 8_000_000 }),
  release: () => undefined,
}

function metricsText(now: () => Standing, money: typeof recorder = recorder): Promise<string> {
  return createMetrics(() => 0, watchedStanding({ require: now }, money)).registry.metrics()
}

test('the counters tell of levels that nobody can satisfy and of the share of the money', async () => {
  const text = await metricsText(() => standing)
  assert.match(text, /^servanda_levels_unsatisfiable\{agreement="sample",level="two-person"\} 1$/m)
  assert.doesNotMatch(text, /level="official"/)
  assert.match(text, /^servanda_amount_committed_percent\{agreement="sample"\} 76$/m)
})

test('the counters tell nothing of what is not known, and all the rest', async () => {
  const stale = await metricsText(() => {
    throw new StandingError('STANDING_STALE', 'not confirmed')
  })
  assert.doesNotMatch(stale, /agreement="sample"/)
  assert.match(stale, /^servanda_running_exchanges 0$/m)
  const reserve = () => Promise.reject(new RecorderError('RECORDER_UNAVAILABLE', 'the disk is full'))
  const full = await metricsText(() => standing, { ...recorder, reserve })
  assert.doesNotMatch(full, /percent\{/)
  assert.match(full, /level="two-person"\} 1$/m)
})
