import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schedule } from '../../agreement/index.ts'
import { requireAgreement, sampleText } from '../../agreement/sample-agreement.ts'
import { instant, listTables, singleLines } from './schedule-words.ts'

const { schedule } = requireAgreement(sampleText())
const digest = `sha256:${'0'.repeat(64)}`
const line = { id: 'x', clause: '1' }
const later = Date.parse('2026-04-01T12:30:00Z')

/** A line of each list with every field that it may have. */
const full: { readonly [K in keyof typeof listTables]: Schedule[K][number] } = {
  parties: {
    ...line,
    role: 'agency',
    signers: [{ id: 's', keys: ['k'] }],
    threshold: 1,
    loosening: 1,
    control: 'other',
  },
  duties: { id: 'notice', clause: '1', days: 30 },
  units: { ...line, in: 'above' },
  delegations: { ...line, from: 'one', to: 'two', until: later },
  integrators: { ...line, unit: 'one', for: ['two', 'three'] },
  purposes: { ...line, owner: 'Head', authority: 'Order 1', until: later, persons: { max: 1000, days: 30 } },
  providers: line,
  models: { ...line, provider: 'p', name: 'upstream/name' },
  versions: { ...line, model: 'm', name: 'upstream/name', digest },
  routes: {
    ...line,
    model: 'm',
    version: 'v',
    upstream: 'https://example.org',
    price: { inputMicros: 3, outputMicros: 15 },
    outputTokensMax: 4096,
  },
  surfaces: line,
  consumers: line,
  actions: line,
  tools: { ...line, action: 'send' },
  signals: { ...line, phrases: ['one', 'two'] },
  provenances: line,
  roles: { ...line, holders: 4 },
  levels: { ...line, persons: 2, quorum: [{ count: 2, role: 'r', unit: 'u' }] },
  exclusions: { ...line, unit: 'u', unlockVia: 'amendment' },
  norms: { ...line, edition: '1st', date: '2026-01-01', digest },
}

test('no field of a line is left out: another value gives other words', () => {
  for (const key of Object.keys(listTables) as (keyof typeof listTables)[]) {
    const says = (of: object): string => listTables[key].says(of as never, schedule).join(' ')
    for (const changed of variants(full[key]))
      assert.notEqual(says(changed), says(full[key]), JSON.stringify(changed))
  }
  const single = {
    term: { clause: '1', from: 0, until: later },
    amounts: { clause: '1', currency: 'EUR', ceilingMicros: 9, allottedMicros: 5, warningPercent: 75 },
    retention: { clause: '1', days: 180 },
    protected: { clause: '1', persons: 'us-persons', data: ['private'] },
  }
  for (const key of Object.keys(singleLines) as (keyof typeof singleLines)[]) {
    const says = (of: object): string => singleLines[key].says(of as never).join(' ')
    for (const changed of variants(single[key]))
      assert.notEqual(says(changed), says(single[key]), JSON.stringify(changed))
  }
})

test('words of the schedule stand as a lawyer reads them', () => {
  const says = listTables
  assert.deepEqual(says.levels.says(full.levels, schedule), [
    '2 persons must approve, no one counted twice: two of r of u.',
  ])
  assert.deepEqual(says.levels.says({ ...line, persons: 1 }, schedule), ['1 person must approve.'])
  assert.deepEqual(says.integrators.says({ ...line, unit: 'one', for: [] }, schedule), [
    "one may act on nobody's behalf.",
  ])
  assert.match(says.purposes.says(full.purposes, schedule).join(' '), /at most 1,000 persons within 30 days/)
  assert.match(
    says.exclusions.says({ ...line, provider: 'p', unlockVia: 'new-agreement' }, schedule).join(' '),
    /^The provider p with all its models is excluded\. Only a new agreement/,
  )
  assert.match(says.routes.says(full.routes, schedule).join(' '), /cost 0\.000003 USD in/)
})

test('instant tells a time to its last part, in words that are read in one way', () => {
  assert.equal(instant(Date.parse('2026-03-01T00:00:00Z')), '1 March 2026, 00:00 UTC')
  assert.equal(instant(Date.parse('2026-12-31T23:59:59Z')), '31 December 2026, 23:59:59 UTC')
  assert.equal(instant(Date.parse('2026-12-31T23:59:59.999Z')), '31 December 2026, 23:59:59.999 UTC')
})

/** The line with each of its own fields, and each field within, changed once. */
function variants(of: object): object[] {
  return Object.entries(of).flatMap(([key, value]) => {
    // These have columns of their own.
    if (['id', 'clause', 'title'].includes(key)) return []
    return changesOf(value).map((changed) => ({ ...of, [key]: changed }))
  })
}

function changesOf(value: unknown): unknown[] {
  if (typeof value === 'string') return [`${value}-x`]
  if (typeof value === 'number') return [value + 86_400_000]
  if (Array.isArray(value)) return [[...(value as unknown[]), ...(value as unknown[])]]
  return Object.entries(value as object).flatMap(([key, part]) =>
    changesOf(part).map((changed) => ({ ...(value as object), [key]: changed })),
  )
}
