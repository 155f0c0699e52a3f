import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agreement } from '../agreement.ts'
import { requireAgreement, sampleText } from '../sample-agreement.ts'
import { compareAgreements } from './compare.ts'
import type { ChangedRegion, Comparison, Side } from './comparison.ts'
import type { Situation, SituationBox } from './situation-box.ts'
import { boxInWords, vocabularyOfBoth } from './words-box.ts'
import { comparisonInWords } from './words.ts'
import type { ComparisonWords } from './words.ts'

const sample = requireAgreement(sampleText())
const vocabulary = vocabularyOfBoth(sample, sample)

const witness: Situation = {
  stage: 'request',
  act: { call: 'model' },
  unit: 'ward',
  chain: [],
  model: 'large',
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  provenance: [],
  findings: [],
  time: 0,
  committed: 0,
  persons: 0,
}

const denied: Side = { verdict: 'deny', clause: '4.1', rule: '4.1#1', asks: [], waiting: [] }
const allowed: Side = { verdict: 'allow', clause: '3', rule: '3#1', asks: [], waiting: [] }
const ungranted: Side = {
  verdict: 'deny',
  clause: 'system.no-grant',
  rule: 'system.no-grant#default',
  asks: [],
  waiting: [],
}
function held(...asks: string[]): Side {
  return { verdict: 'hold', clause: '4.2', rule: '4.2#1', asks, waiting: [] }
}

function regionOf(
  change: ChangedRegion['change'],
  before: Side,
  after: Side,
  ...boxes: readonly SituationBox[]
): ChangedRegion {
  return {
    change,
    before,
    after,
    boxes,
    covered: true,
    essence: boxes,
    told: true,
    witness,
    contains: () => true,
  }
}

function wordsOf(regions: readonly ChangedRegion[], parts: Partial<Comparison> = {}): ComparisonWords {
  const comparison: Comparison = {
    verdict: 'both',
    regions,
    common: {},
    terms: [],
    textChanged: true,
    ...parts,
  }
  return comparisonInWords(comparison, sample, sample)
}

const model: SituationBox = { units: ['ward'], acts: [{ call: 'model' }] }

test('a sentence says who may do what, and by which clauses', () => {
  const table: readonly (readonly [ChangedRegion, string])[] = [
    [
      regionOf('weaker', denied, allowed, model),
      '`ward` may now have a model answer: was denied by 4.1 (Red lines), is allowed by 3 (Grants)',
    ],
    [
      regionOf('weaker', ungranted, allowed, model),
      '`ward` may now have a model answer: was granted by no clause, is allowed by 3 (Grants)',
    ],
    [
      regionOf('weaker', denied, held('official'), model),
      '`ward` may now have a model answer, once `official` has approved: was denied by 4.1 (Red lines), waits for `official` under 4.2 (Sending waits)',
    ],
    [
      regionOf('weaker', held('official'), allowed, model),
      '`ward` may now have a model answer, without waiting: waited for `official` under 4.2 (Sending waits), is allowed by 3 (Grants)',
    ],
    [
      regionOf('weaker', held('official', 'two-person'), held('official'), model),
      '`ward` may now have a model answer, once `official` has approved, where approval by `official` and `two-person` was needed: waited for `official` and `two-person` under 4.2 (Sending waits), waits for `official` under 4.2 (Sending waits)',
    ],
    [
      regionOf('stronger', allowed, denied, model),
      '`ward` may no longer have a model answer: was allowed by 3 (Grants), is denied by 4.1 (Red lines)',
    ],
    [
      regionOf('stronger', allowed, held('official', 'two-person'), model),
      '`ward` may now have a model answer, but only once `official` and `two-person` have approved: was allowed by 3 (Grants), waits for `official` and `two-person` under 4.2 (Sending waits)',
    ],
    [
      regionOf('stronger', held('official'), denied, model),
      '`ward` may no longer have a model answer, whoever approves: waited for `official` under 4.2 (Sending waits), is denied by 4.1 (Red lines)',
    ],
    [
      regionOf('stronger', allowed, { ...denied, clause: '2', rule: '2#unlisted-purpose' }, model),
      '`ward` may no longer have a model answer: was allowed by 3 (Grants), is denied by 2 (Who and what) as not listed',
    ],
  ]
  for (const [region, sentence] of table) {
    const words = wordsOf([region])
    const [group] = words[region.change]
    assert.deepEqual(group?.regions[0]?.sentences, [sentence])
  }
})

test('a box says who: a whole subtree by its head, and what is left out of it', () => {
  const table: readonly (readonly [SituationBox['units'], string])[] = [
    [undefined, 'any unit'],
    [['ward'], '`ward`'],
    [['clinic'], '`clinic` itself'],
    [['clinic', 'ward'], '`clinic` and every unit within it'],
    [['ward', 'intelligence'], '`ward` and `intelligence`'],
    [['clinic', 'ward', 'contractor'], '`clinic` and every unit within it, and `contractor`'],
    [
      ['department', 'clinic', 'ward', 'intelligence', 'contractor'],
      'every listed unit',
    ],
    [['department', 'clinic', 'ward', 'intelligence'], '`department` and every unit within it'],
    [
      ['department', 'intelligence', 'contractor'],
      'every listed unit except all of `clinic`',
    ],
    [[null], 'a unit that neither version lists'],
    [['ward', null], '`ward` and a unit that neither version lists'],
  ] // prettier-ignore
  for (const [units, who] of table) {
    const box: SituationBox = units === undefined ? {} : { units }
    assert.equal(boxInWords(box, vocabulary).who, who)
  }
})

test('a box says what is done: models that answer, tools by their class where it is whole', () => {
  const post = { call: 'tool', tool: 'post' } as const
  const search = { call: 'tool', tool: 'search_documents' } as const
  const table: readonly (readonly [SituationBox, string])[] = [
    [{}, 'have a model answer or call any tool'],
    [{ acts: [{ call: 'model' }] }, 'have a model answer'],
    [{ stages: ['request'] }, 'ask a model'],
    [{ stages: ['answer'], acts: [{ call: 'model' }] }, 'be given the answer of a model'],
    [{ stages: ['tool'] }, 'call any tool'],
    [{ acts: [post] }, 'call tools of class `send`'],
    [{ acts: [post, search] }, 'call any listed tool'],
    [{ acts: [{ call: 'tool', tool: null }] }, 'call a tool that neither version lists'],
    [{ stages: ['request', 'tool'], acts: [{ call: 'model' }, post] }, 'ask a model or call tools of class `send`'],
  ] // prettier-ignore
  for (const [box, does] of table) assert.equal(boxInWords(box, vocabulary).does, does)
})

test('a box names a tool where its class is not whole', () => {
  const line = '{ search_documents: { action: send, clause: "2" }, post: { action: send, clause: "2" } }'
  const both = vocabularyOfBoth(sample, requireAgreement(sampleText({ lines: { tools: line } })))
  assert.equal(boxInWords({ acts: [{ call: 'tool', tool: 'post' }] }, both).does, 'call `post`')
})

test('a box says under which circumstances, and leaves out what is free', () => {
  const { term, amounts } = sample.schedule
  const day = 86_400_000
  const table: readonly (readonly [SituationBox, readonly string[]])[] = [
    [{}, []],
    [{ purposes: ['care'] }, ['for `care`']],
    [{ purposes: ['care', 'admin'] }, ['for `care` or `admin`']],
    [{ purposes: ['care', 'admin', 'policing'] }, ['for any listed purpose']],
    [{ purposes: [null] }, ['for a purpose that neither version lists']],
    [{ models: ['large', 'small', 'north'], surfaces: ['console'], consumers: ['seat', 'batch'] }, []],
    [{ models: ['north'] }, ['with `north`']],
    [{ surfaces: [null] }, ['from a surface that neither version lists']],
    [{ consumers: ['batch'] }, ['through `batch`']],
    [{ provenance: { has: [['purchased']], not: ['own'] } }, ['with data of origin `purchased`']],
    [{ chain: { has: [['clinic', 'ward']], not: [] } }, ['on behalf of `clinic` or a unit within it']],
    [{ chain: { has: [], not: ['contractor'] } }, []],
    [{ findings: { has: [['population-watch']], not: ['force-advice'] } }, ['where `population-watch` is found']],
    [
      { findings: { has: [['population-watch'], ['force-advice']], not: [] } },
      ['where `population-watch` and `force-advice` are found'],
    ],
    [{ times: [{ min: term.from, max: term.until - 1 }] }, []],
    [{ times: [{ min: term.until, max: term.until + day - 1 }] }, ['from 2030-01-01 until 2030-01-02']],
    [{ times: [{ max: term.from - 1 }] }, ['before 2026-03-01']],
    [{ times: [{ min: term.until }] }, ['from 2030-01-01 on']],
    [{ committed: [{ max: amounts?.allottedMicros ?? 0 }] }, []],
    [
      { committed: [{ min: 1_500_000_000_001, max: 2_000_000_500_000 }] },
      ['while more than 1,500,000 and at most 2,000,000.5 USD are committed'],
    ],
    [{ persons: [{ min: 101 }] }, ['touching more than 100 persons']],
    [{ persons: [{ max: 1 }] }, ['touching at most 1 person']],
  ] // prettier-ignore
  for (const [box, said] of table) {
    const { circumstances, conditions } = boxInWords(box, vocabulary)
    assert.deepEqual([...circumstances, ...conditions], said)
  }
})

test('a box without a member that could lighten a decision says so', () => {
  const body = `### 4.2 Whoever acts for the clinic

\`\`\`cedar
forbid (principal, action, resource)
when { context.findings.contains(Signal::"force-advice") && !(context.chain.contains(Unit::"clinic")) };
\`\`\`
`
  const both = vocabularyOfBoth(sample, requireAgreement(sampleText({ body })))
  const box: SituationBox = { chain: { has: [], not: ['ward', 'contractor'] } }
  assert.deepEqual(boxInWords(box, vocabulary).conditions, [])
  assert.deepEqual(boxInWords(box, both).conditions, ['not on behalf of `ward`'])
})

test('a group stands under the clause that makes the difference, with what it singles out and what cases share', () => {
  const found = { findings: { has: [['population-watch']], not: [] } } satisfies SituationBox
  const seat: SituationBox = { ...model, ...found, consumers: ['seat'] }
  const words = wordsOf([
    { ...regionOf('stronger', allowed, denied, seat, { ...seat, units: ['clinic', 'ward'] }), essence: [found] },
    { ...regionOf('stronger', held('official'), denied, { ...seat, units: ['intelligence'] }), essence: [found] },
  ]) // prettier-ignore
  const [group, ...others] = words.stronger
  assert.equal(others.length, 0)
  assert.equal(group?.heading, '4.1 (Red lines) now denies, where `population-watch` is found')
  assert.deepEqual(group.shared, ['through `seat`'])
  assert.deepEqual(
    group.regions.map(({ cases, summary }) => [summary, ...cases]),
    [
      [
        'was allowed by 3 (Grants)',
        '`ward` may no longer have a model answer',
        '`clinic` and every unit within it may no longer have a model answer',
      ],
      [
        'waited for `official` under 4.2 (Sending waits)',
        '`intelligence` may no longer have a model answer, whoever approves',
      ],
    ],
  )
})

test('a heading claims for all regions only what is singled out in all of them', () => {
  const found = { findings: { has: [['population-watch']], not: [] } } satisfies SituationBox
  const post = { acts: [{ call: 'tool', tool: 'post' }] } satisfies SituationBox
  const region = regionOf('stronger', allowed, denied, model)
  const second = regionOf('stronger', held('official'), denied, model)
  const headings = (...regions: readonly ChangedRegion[]): unknown =>
    wordsOf(regions).stronger.map(({ heading, regions: told }) => [heading, ...told.map((each) => each.summary)])
  const [allowedBy, waitedUnder] = ['was allowed by 3 (Grants)', 'waited for `official` under 4.2 (Sending waits)']
  assert.deepEqual(headings({ ...region, essence: [found, post, { ...post, consumers: ['seat'] }] }), [
    ['4.1 (Red lines) now denies, where `population-watch` is found or in calls of tools of class `send`', allowedBy],
  ])
  assert.deepEqual(headings({ ...region, essence: [found], told: false }), [
    ['4.1 (Red lines) now denies, for example where `population-watch` is found', allowedBy],
  ])
  assert.deepEqual(headings({ ...region, essence: [found] }, { ...second, essence: [{}] }), [
    [
      '4.1 (Red lines) now denies, for example where `population-watch` is found',
      allowedBy,
      `${waitedUnder}, in every case`,
    ],
  ])
  assert.deepEqual(headings({ ...region, essence: [found] }, { ...second, essence: [post] }), [
    [
      '4.1 (Red lines) now denies, where `population-watch` is found or in calls of tools of class `send`',
      `${allowedBy}, where \`population-watch\` is found`,
      `${waitedUnder}, in calls of tools of class \`send\``,
    ],
  ])
  assert.deepEqual(headings({ ...region, essence: [{}] }), [['4.1 (Red lines) now denies', allowedBy]])
}) // prettier-ignore

test('a region that its boxes do not cover says that there are more cases', () => {
  const region = { ...regionOf('stronger', allowed, denied, model), covered: false }
  const [group] = wordsOf([region]).stronger
  assert.deepEqual(
    group?.regions.map(({ more }) => more),
    [true],
  )
})

test('the verdict names the places, weaker first', () => {
  const regions = [
    regionOf('weaker', denied, allowed, model),
    regionOf('stronger', allowed, { ...denied, clause: '4.10', rule: '4.10#1' }, model),
    regionOf('stronger', allowed, { ...denied, clause: '4.2', rule: '4.2#2' }, model),
  ]
  const line = { line: 'term', clause: '8', says: 'the term ends later' }
  const after: Agreement = { ...sample, schedule: { ...sample.schedule, version: 2 } }
  const said = (parts: Partial<Comparison>): string =>
    comparisonInWords(
      { verdict: 'both', regions: [], common: {}, terms: [], textChanged: true, ...parts },
      sample,
      after,
    ).verdict
  assert.equal(
    said({ regions, terms: [{ ...line, change: 'weaker' }] }),
    '`sample` version 2 is weaker than version 1 in 2 places (4.1 and 8) and stronger in 2 places (4.2 and 4.10)',
  )
  assert.equal(
    said({ terms: [{ ...line, change: 'stronger' }], verdict: 'stronger' }),
    '`sample` version 2 is stronger than version 1 in 1 place (8)',
  )
  assert.equal(
    said({ verdict: 'equivalent' }),
    '`sample` version 2 is equivalent to version 1: both decide every call alike, and the text changed',
  )
})

test('a comparison in words is the same each time, and tells every region', () => {
  const other = requireAgreement(
    sampleText({ body: '', lines: { consumers: '{ seat: { clause: "2" }, batch: { clause: "2" }, pump: { clause: "2" } }' } }),
  ) // prettier-ignore
  const comparison = compareAgreements(sample, other)
  const words = comparisonInWords(comparison, sample, other)
  const again = comparisonInWords(compareAgreements(sample, other), sample, other)
  assert.equal(JSON.stringify(words), JSON.stringify(again))
  const told = [...words.weaker, ...words.both, ...words.stronger].flatMap(({ regions }) => regions)
  assert.equal(told.length, comparison.regions.length)
  for (const { sentences } of told) assert.ok(sentences.length > 0)
})

test('of two holds the clause is named that asks for what only one of them asks', () => {
  const unknown = `forbid (principal, action, resource)
when { context.provenance.contains(Provenance::"purchased") }
unless { context.approvals.contains(Level::"official") };`
  const sending = `forbid (principal, action == Action::"send", resource)
unless { context.approvals.contains(Level::"two-person") };`
  const version = (...rules: readonly string[]): Agreement => {
    const clauses = rules.map((rule, i) => `### 4.${i + 2} Clause\n\n\`\`\`cedar\n${rule}\n\`\`\`\n`)
    return requireAgreement(sampleText({ body: clauses.join('\n') }))
  }
  const [one, both] = [version(unknown), version(unknown, sending)]
  const told = ({ weaker, stronger }: ComparisonWords): string[] =>
    [...weaker, ...stronger].flatMap(({ heading, regions }) => [
      heading,
      ...regions.map(({ summary }) => summary),
    ])
  assert.deepEqual(told(comparisonInWords(compareAgreements(both, one), both, one)), [
    '4.3 (Clause) no longer asks for approval, in calls of tools of class `send`',
    'waited for `official` and `two-person` under 4.2 (Clause) and other clauses, waits for `official` under 4.2 (Clause)',
    'waited for `two-person` under 4.3 (Clause), is allowed by 3 (Grants)',
  ])
  assert.deepEqual(told(comparisonInWords(compareAgreements(one, both), one, both)).slice(0, 1), [
    '4.3 (Clause) now asks for approval, in calls of tools of class `send`',
  ])
})

test('two versions that decide alike by other rules say so', () => {
  const idle = `### 4.2 Nobody may send anyway

\`\`\`cedar
forbid (principal in Unit::"contractor", action == Action::"send", resource);
\`\`\`
`
  const [before, after] = [idle, ''].map((body) => requireAgreement(sampleText({ body })))
  assert.ok(before && after)
  const { verdict } = comparisonInWords(compareAgreements(before, after), before, after)
  assert.match(
    verdict,
    /both decide every call alike, and the text changed, with other rules in 1 place \(4\.2\)$/,
  )
})
