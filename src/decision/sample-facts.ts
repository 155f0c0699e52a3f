/** A call that the sample agreement grants, for tests to change. */
import type { Facts } from './decision.ts'

export const sampleFacts: Facts = {
  stage: 'request',
  unit: 'ward',
  chain: ['ward'],
  action: 'generate',
  model: 'large',
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  provenance: ['own'],
  time: Date.parse('2027-01-01T00:00:00Z'),
  committedMicros: 1_000_000,
  persons: 1,
}
