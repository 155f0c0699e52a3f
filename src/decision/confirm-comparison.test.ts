import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { compareAgreements } from '../agreement/index.ts'
import type { Agreement, ChangedRegion, Comparison } from '../agreement/index.ts'
import { wholeVersion } from '../agreement/comparison/random-pair.fixture.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { confirmComparison } from './confirm-comparison.ts'
import { exampleAgreements } from './example-agreements.ts'
import { randomFrom } from './random.ts'

/** Another one on every run; `SEED=… node --test src/decision/confirm-comparison.test.ts` repeats a run. */
const seed = process.env.SEED === undefined ? randomInt(2 ** 32) : Number(process.env.SEED)

test('confirmComparison confirms every region of random pairs, and that nothing changes outside', (t) => {
  const random = randomFrom(seed)
  let [regions, situations, outside] = [0, 0, 0]
  for (let pair = 0; outside < 100_000; pair++) {
    const [before, after] = [wholeVersion(random), wholeVersion(random)]
    const comparison = compareAgreements(before, after)
    const confirmed = confirmComparison(before, after, comparison, { anywhere: 30_000, seed: pair })
    regions += comparison.regions.length
    situations += confirmed.situations
    outside += confirmed.outside
  }
  t.diagnostic(`SEED=${seed}: ${regions} regions, ${situations} situations of them, ${outside} outside`)
  assert.ok(regions > 50)
})

const [first, second] = exampleAgreements()
  .filter(({ name }) => name.startsWith('examples/department/'))
  .map(({ agreement }) => agreement) as [Agreement, Agreement]

test('confirmComparison confirms the amendment of the department, in either direction', () => {
  for (const [before, after] of [
    [first, second],
    [second, first],
  ] as const) {
    const comparison = compareAgreements(before, after)
    assert.ok(comparison.regions.length > 0)
    const { situations } = confirmComparison(before, after, comparison, { perBox: 0, anywhere: 2_000 })
    assert.equal(situations, comparison.regions.length)
  }
})

/** The comparison with its first region told otherwise. */
function retold(comparison: Comparison, change: (region: ChangedRegion) => ChangedRegion): Comparison {
  return {
    ...comparison,
    regions: comparison.regions.map((region, i) => (i === 0 ? change(region) : region)),
  }
}

const small = [sampleText(), sampleText({ body: '' })].map(requireAgreement) as [Agreement, Agreement]
const honest = compareAgreements(...small)

const tampered: Readonly<Record<string, Comparison>> = {
  'another verdict': retold(honest, (region) => ({
    ...region,
    before: { ...region.before, verdict: 'allow' },
  })),
  'another clause': retold(honest, (region) => ({ ...region, after: { ...region.after, clause: '4.1' } })),
  'another rule at the witness': retold(honest, (region) => ({
    ...region,
    after: { ...region.after, rule: '3#2' },
  })),
  'fewer levels': retold(honest, (region) => ({ ...region, before: { ...region.before, asks: [] } })),
  'a witness from elsewhere': retold(honest, (region) => ({
    ...region,
    witness: { ...region.witness, purpose: null },
  })),
  'a box that is too large': retold(honest, (region) => ({ ...region, boxes: [{}] })),
  'a region left out': { ...honest, regions: honest.regions.slice(1) },
  'no region at all': { ...honest, verdict: 'equivalent', regions: [] },
}

test('confirmComparison accepts what it refuses once one thing of it is false', () => {
  assert.equal(honest.verdict, 'weaker')
  confirmComparison(...small, honest, { anywhere: 20_000 })
})

for (const [what, comparison] of Object.entries(tampered)) {
  test(`confirmComparison refuses ${what}`, () => {
    assert.throws(() => confirmComparison(...small, comparison, { perBox: 5, anywhere: 20_000 }), {
      code: 'DECISION_COMPARISON',
    })
  })
}

test('confirmComparison refuses a version whose rules are not those that cedar reads', () => {
  const [before, after] = small
  const rules = before.rules.map((rule) =>
    rule.liftedBy.includes('two-person') ? { ...rule, liftedBy: ['official'] } : rule,
  )
  const other = { ...before, rules }
  const comparison = compareAgreements(other, after)
  assert.throws(() => confirmComparison(other, after, comparison), { code: 'DECISION_COMPARISON' })
})
