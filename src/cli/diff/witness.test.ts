import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Situation } from '../../agreement/index.ts'
import { requireAgreement, sampleText } from '../../agreement/sample-agreement.ts'
import { parseJson } from '../../base/index.ts'
import { parseExplainRequest, requestOf } from '../../decision/index.ts'
import { witnessRequest } from './witness.ts'

const agreement = requireAgreement(sampleText())

const ofModel: Situation = {
  stage: 'answer',
  act: { call: 'model' },
  unit: 'ward',
  chain: ['clinic', null],
  model: 'large',
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  provenance: ['own', null],
  findings: ['population-watch'],
  time: Date.parse('2027-01-01T00:00:00.001Z'),
  committed: 10_500_001,
  persons: 3,
}

const situations: Readonly<Record<string, Situation>> = {
  'of a model': ofModel,
  'of a tool': { ...ofModel, stage: 'tool', act: { call: 'tool', tool: 'post' } },
  'of words that nobody lists': {
    ...ofModel,
    stage: 'tool',
    act: { call: 'tool', tool: null },
    unit: null,
    model: null,
    purpose: null,
    surface: null,
    consumer: null,
  },
}

for (const [name, situation] of Object.entries(situations)) {
  test(`witnessRequest gives the request that explain reads as the situation itself: ${name}`, () => {
    const read = parseExplainRequest(parseJson(JSON.stringify(witnessRequest(situation))), agreement.schedule)
    assert.deepEqual(read, requestOf(agreement, situation))
  })
}
