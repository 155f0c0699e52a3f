import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireAgreement, sampleBody, sampleText } from '../sample-agreement.ts'
import type { SampleParts } from '../sample-agreement.ts'
import { compareAgreements } from './compare.ts'
import type { ChangedRegion, Comparison } from './comparison.ts'
import type { SituationBox } from './situation-box.ts'

function compared(before: SampleParts, after: SampleParts): Comparison {
  return compareAgreements(requireAgreement(sampleText(before)), requireAgreement(sampleText(after)))
}

/** `deny 3 → allow 3`, with the levels asked for. */
function told({ before, after }: ChangedRegion): string {
  const side = ({ verdict, clause, asks }: ChangedRegion['before']): string =>
    [verdict, clause, ...asks].join(' ')
  return `${side(before)} → ${side(after)}`
}

const units = (ward: string): string => `
  department: { clause: "2" }
  clinic: { in: department, clause: "2" }
  ward: { ${ward}clause: "2" }
  intelligence: { in: department, clause: "2" }
  contractor: { clause: "2" }`
const tools = (post: string): string =>
  `{ search_documents: { action: look-up, clause: "2" }, mail: { action: send, clause: "2" }, post: { action: ${post}, clause: "2" } }`
const models = (north: string): string => `
  large: { provider: meridian, clause: "2" }
  small: { provider: meridian, clause: "2" }
  north: { provider: ${north}, clause: "2" }`
const purposes = (more = ''): string =>
  `{ care: { clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" }${more} }`
const term = (until: number): string =>
  `{ from: 2026-03-01T00:00:00Z, until: ${until}-01-01T00:00:00Z, clause: "8" }`
const sendingAsks = (...levels: readonly string[]): string =>
  sampleBody.replace(
    'context.approvals.contains(Level::"two-person")',
    levels.map((level) => `context.approvals.contains(Level::"${level}")`).join(' && '),
  )

interface OneFact {
  readonly what: string
  readonly before: SampleParts
  readonly after: SampleParts
  readonly verdict: Comparison['verdict']
  readonly regions: readonly string[]
  /** What makes the difference, in the first region. */
  readonly essence?: readonly SituationBox[]
}

const facts: readonly OneFact[] = [
  {
    what: 'the same text',
    before: {},
    after: {},
    verdict: 'equivalent',
    regions: [],
  },
  {
    what: 'a unit that joins a tree',
    before: { lines: { units: units('') } },
    after: { lines: { units: units('in: clinic, ') } },
    verdict: 'weaker',
    regions: ['deny system.no-grant → allow 3', 'deny system.no-grant → hold 4.2 two-person'],
    // A batch of its was granted before, by the second permit.
    essence: [
      { units: ['ward'], purposes: ['care'] },
      { units: ['ward'], consumers: ['seat'] },
    ],
  },
  {
    what: 'a unit under an excluded one, also in the chain',
    before: { lines: { units: units('in: clinic, ') } },
    after: { lines: { units: units('in: intelligence, ') } },
    verdict: 'stronger',
    regions: ['allow 3 → deny 6', 'hold 4.2 two-person → deny 6', 'hold 4.3 official → deny 6'],
    essence: [{ units: ['ward'] }, { chain: { has: [['ward']], not: [] } }],
  },
  {
    what: 'a tool of another class',
    before: { lines: { tools: tools('send') } },
    after: { lines: { tools: tools('look-up') } },
    verdict: 'weaker',
    regions: ['hold 4.2 two-person → allow 3'],
    essence: [{ acts: [{ call: 'tool', tool: 'post' }] }],
  },
  {
    what: 'a level more for what waits',
    before: {},
    after: { body: sendingAsks('two-person', 'official') },
    verdict: 'stronger',
    regions: ['hold 4.2 two-person → hold 4.2 official two-person'],
  },
  {
    what: 'another level, which neither holds the other',
    before: {},
    after: { body: sendingAsks('official') },
    verdict: 'both',
    regions: ['hold 4.2 two-person → hold 4.2 official'],
  },
  {
    what: 'a prohibition of one model that moves to the other provider',
    before: { lines: { models: models('borealis') } },
    after: { lines: { models: models('meridian') } },
    verdict: 'weaker',
    regions: ['deny 6 → allow 3', 'deny 6 → hold 4.2 two-person'],
    essence: [{ models: ['north'] }],
  },
  {
    what: 'a term that ends later',
    before: { lines: { term: term(2030) } },
    after: { lines: { term: term(2031) } },
    verdict: 'weaker',
    regions: ['deny 8 → allow 3', 'deny 8 → hold 4.2 two-person', 'deny 8 → hold 4.3 official'],
    essence: [
      { times: [{ min: Date.parse('2030-01-01T00:00:00Z'), max: Date.parse('2031-01-01T00:00:00Z') - 1 }] },
    ],
  },
  {
    what: 'a new word that no rule names',
    before: { lines: { purposes: purposes() } },
    after: { lines: { purposes: purposes(', study: { clause: "2" }') } },
    verdict: 'equivalent',
    regions: [],
  },
  {
    what: 'a rule the other way round, which says the same',
    before: { body: sampleBody },
    after: {
      body: sampleBody.replace('context.stage != Stage::"answer"', '!(context.stage == Stage::"answer")'),
    },
    verdict: 'equivalent',
    regions: [],
  },
]

for (const { what, before, after, verdict, regions, essence } of facts) {
  test(`compareAgreements of ${what}`, () => {
    const comparison = compared(before, after)
    assert.deepEqual(comparison.regions.map(told).sort(), [...regions].sort())
    const changes = new Set(comparison.regions.map((region) => region.change))
    assert.deepEqual([...changes], regions.length === 0 ? [] : [verdict])
    assert.ok(comparison.regions.every((region) => region.told))
    if (essence !== undefined) assert.deepEqual(comparison.regions[0]?.essence, essence)
    // Seen from the other side, all is turned round.
    const back = compared(after, before)
    assert.deepEqual(
      back.regions.map((region) => told({ ...region, before: region.after, after: region.before })).sort(),
      comparison.regions.map(told).sort(),
    )
  })
}

test('compareAgreements says so when the versions differ in too many ways for its bound', () => {
  const [before, after] = [sampleText(), sampleText({ body: '' })].map(requireAgreement)
  assert.ok(before !== undefined && after !== undefined)
  assert.throws(() => compareAgreements(before, after, { stepsMax: 1_000 }), { code: 'COMPARISON_LIMIT' })
})

test('compareAgreements says of prose alone that the text changed and nothing else', () => {
  const { verdict, regions, textChanged } = compareAgreements(
    requireAgreement(sampleText()),
    requireAgreement(sampleText().replace('# A sample', '# Another sample')),
  )
  assert.deepEqual([verdict, regions, textChanged], ['equivalent', [], true])
})
