import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Agreement } from '../agreement/index.ts'
import { sameDecision } from './agrees-with-oracle.ts'
import { decide } from './decide.ts'
import type { Decision, Facts, Verdict } from './decision.ts'
import { exampleAgreements } from './example-agreements.ts'
import { explain } from './explain.ts'
import { createOracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'
import type { Request } from './requests.ts'
import { sampleFacts } from './sample-facts.ts'

const examples = exampleAgreements()
const sample = examples[0]!.agreement
const none: ReadonlySet<string> = new Set()

const granted = sampleFacts

function rulesOf(decision: Decision): string[] {
  return decision.citations.map((citation) => citation.rule)
}

interface Row {
  readonly what: string
  readonly facts?: Partial<Facts>
  readonly findings?: readonly string[]
  readonly approvals?: readonly string[]
  readonly verdict: Verdict
  readonly rules: readonly string[]
  readonly asks?: readonly string[]
}

const rows: readonly Row[] = [
  { what: 'a grant', verdict: 'allow', rules: ['3#1'] },
  { what: 'no chain beside the unit', facts: { chain: [] }, verdict: 'allow', rules: ['3#1'] },
  { what: 'no grant', facts: { unit: 'contractor' }, verdict: 'deny', rules: ['system.no-grant#default'] },
  { what: 'a red line', findings: ['population-watch'], verdict: 'deny', rules: ['4.1#1'] },
  {
    what: 'a red line, whatever is approved',
    findings: ['population-watch'],
    approvals: ['two-person', 'official'],
    verdict: 'deny',
    rules: ['4.1#1'],
  },
  { what: 'a hold', facts: { action: 'send' }, verdict: 'hold', rules: ['4.2#1'], asks: ['two-person'] },
  {
    what: 'a hold, approved',
    facts: { action: 'send' },
    approvals: ['two-person'],
    verdict: 'allow',
    rules: ['3#1'],
  },
  {
    what: 'a hold, another level approved',
    facts: { action: 'send' },
    approvals: ['official', 'unheard-of'],
    verdict: 'hold',
    rules: ['4.2#1'],
    asks: ['two-person'],
  },
  {
    what: 'a hold without a grant',
    facts: { action: 'send', unit: 'contractor' },
    verdict: 'deny',
    rules: ['system.no-grant#default'],
  },
  {
    what: 'an excluded unit behind a contractor',
    facts: { chain: ['contractor', 'intelligence'] },
    verdict: 'deny',
    rules: ['6#exclusion:intelligence-unit'],
  },
  {
    what: 'an excluded provider',
    facts: { model: 'north' },
    verdict: 'deny',
    rules: ['6#exclusion:borealis-models'],
  },
  {
    what: 'an unlisted member of the chain',
    facts: { chain: ['stranger'] },
    verdict: 'deny',
    rules: ['2#unlisted-unit'],
  },
  { what: 'an unlisted unit', facts: { unit: 'stranger' }, verdict: 'deny', rules: ['2#unlisted-unit'] },
  { what: 'an unlisted model', facts: { model: 'other' }, verdict: 'deny', rules: ['2#unlisted-model'] },
  { what: 'an unlisted surface', facts: { surface: 'edge' }, verdict: 'deny', rules: ['2#unlisted-surface'] },
  { what: 'an unlisted purpose', facts: { purpose: 'x' }, verdict: 'deny', rules: ['2#unlisted-purpose'] },
  { what: 'an unlisted consumer', facts: { consumer: 'x' }, verdict: 'deny', rules: ['2#unlisted-consumer'] },
  { what: 'an unlisted action', facts: { action: 'x' }, verdict: 'deny', rules: ['2#unlisted-tool'] },
  {
    what: 'an unlisted origin',
    facts: { provenance: ['x'] },
    verdict: 'deny',
    rules: ['2#unlisted-provenance'],
  },
  {
    what: 'a word of an object',
    facts: { purpose: '__proto__' },
    verdict: 'deny',
    rules: ['2#unlisted-purpose'],
  },
  {
    what: 'a failed check',
    findings: ['screening-failed'],
    verdict: 'deny',
    rules: ['system.screening#failed'],
  },
  { what: 'a signal that no line lists', findings: ['cat-picture'], verdict: 'allow', rules: ['3#1'] },
  {
    what: 'before the term',
    facts: { time: Date.parse('2026-02-28T23:59:59.999Z') },
    verdict: 'deny',
    rules: ['8#term'],
  },
  {
    what: 'its first instant',
    facts: { time: Date.parse('2026-03-01T00:00:00Z') },
    verdict: 'allow',
    rules: ['3#1'],
  },
  {
    what: 'its last instant',
    facts: { time: Date.parse('2029-12-31T23:59:59.999Z') },
    verdict: 'allow',
    rules: ['3#1'],
  },
  {
    what: 'after the term',
    facts: { time: Date.parse('2030-01-01T00:00:00Z') },
    verdict: 'deny',
    rules: ['8#term'],
  },
  { what: 'all that is allotted', facts: { committedMicros: 10_500_000 }, verdict: 'allow', rules: ['3#1'] },
  {
    what: 'a millionth more',
    facts: { committedMicros: 10_500_001 },
    verdict: 'deny',
    rules: ['8#allotted'],
  },
  {
    what: 'a millionth more than the ceiling',
    facts: { committedMicros: 100_000_001 },
    verdict: 'deny',
    rules: ['8#allotted', '8#ceiling'],
  },
  {
    what: 'two reasons, in the order of the agreement',
    facts: { unit: 'stranger' },
    findings: ['population-watch'],
    verdict: 'deny',
    rules: ['4.1#1', '2#unlisted-unit'],
  },
]

for (const { what, facts, findings = [], approvals = [], verdict, rules, asks = [] } of rows) {
  test(`decide and cedar answer ${verdict} to ${what}`, () => {
    const request = {
      facts: { ...granted, ...facts },
      findings: new Set(findings),
      approvals: new Set(approvals),
    }
    const decision = decide(sample, request.facts, request.findings, request.approvals)
    assert.deepEqual(
      { verdict: decision.verdict, rules: rulesOf(decision), asks: decision.asks },
      { verdict, rules, asks },
    )
    assert.ok(sameDecision(decision, createOracle(sample).decide(request)))
  })
}

test('decide denies what it cannot judge, citing system.evaluation', () => {
  const broken: unknown[] = [
    { ...granted, time: NaN },
    { ...granted, time: Infinity },
    { ...granted, time: 1.5 },
    { ...granted, time: 8.65e15 },
    { ...granted, committedMicros: NaN },
    { ...granted, committedMicros: -1 },
    { ...granted, committedMicros: 2 ** 53 },
    { ...granted, stage: 'later' },
    { ...granted, unit: undefined },
    { ...granted, chain: 'ward' },
    { ...granted, chain: [null] },
    { ...granted, provenance: undefined },
    { ...granted, purpose: 7 },
    null,
    undefined,
    [],
    'facts',
  ]
  for (const facts of broken) {
    assert.deepEqual(rulesOf(decide(sample, facts as Facts, none, none)), ['system.evaluation#error'])
  }
  for (const words of [null, undefined, ['population-watch'], {}, new Set([1])]) {
    const set = words as ReadonlySet<string>
    assert.deepEqual(rulesOf(decide(sample, granted, set, none)), ['system.evaluation#error'])
    assert.deepEqual(rulesOf(decide(sample, granted, none, set)), ['system.evaluation#error'])
  }
})

test('decide is total on garbage', () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.anything(),
      fc.anything(),
      fc.anything(),
      (agreement, facts, findings, approvals) => {
        const given = [facts, findings, approvals] as [Facts, ReadonlySet<string>, ReadonlySet<string>]
        assert.equal(decide(sample, ...given).verdict, 'deny')
        assert.equal(decide(agreement as Agreement, ...given).verdict, 'deny')
      },
    ),
    { numRuns: 500 },
  )
})

const weight: Readonly<Record<Verdict, number>> = { allow: 0, hold: 1, deny: 2 }

/** Whether `a` is as heavy as `b` or heavier; a hold is heavier where it asks for more. */
function isHeavier(a: Decision, b: Decision): boolean {
  if (a.verdict === 'hold' && b.verdict === 'hold') return b.asks.every((level) => a.asks.includes(level))
  return weight[a.verdict] >= weight[b.verdict]
}

function decideRequest(agreement: Agreement, { facts, findings, approvals }: Request): Decision {
  return decide(agreement, facts, findings, approvals)
}

for (const { name, agreement } of examples) {
  const source = requestSource(agreement, randomFrom(11))
  const requests = agreement.rules.flatMap((rule) => requestsFor(source, rule, 1))
  const request = fc.constantFrom(...requests)
  const signals = fc.subarray([
    ...agreement.schedule.signals.map((signal) => signal.id),
    'screening-failed',
    'other',
  ])
  const levels = fc.subarray([...agreement.schedule.levels.map((level) => level.id), 'other'])

  test(`under ${name} more findings never lighten a decision`, () => {
    fc.assert(
      fc.property(request, signals, (given, more) => {
        const findings = new Set([...given.findings, ...more])
        assert.ok(
          isHeavier(decideRequest(agreement, { ...given, findings }), decideRequest(agreement, given)),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  test(`under ${name} more approvals never weigh a decision down`, () => {
    fc.assert(
      fc.property(request, levels, (given, more) => {
        const approvals = new Set([...given.approvals, ...more])
        assert.ok(
          isHeavier(decideRequest(agreement, given), decideRequest(agreement, { ...given, approvals })),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  test(`under ${name} the levels asked for are exactly what lifts a hold`, () => {
    for (const given of requests) {
      const decision = decideRequest(agreement, given)
      if (decision.verdict !== 'hold') continue
      const approvals = new Set([...given.approvals, ...decision.asks])
      assert.equal(decideRequest(agreement, { ...given, approvals }).verdict, 'allow')
      for (const level of decision.asks) {
        const less = new Set([...approvals].filter((each) => each !== level))
        assert.equal(decideRequest(agreement, { ...given, approvals: less }).verdict, 'hold')
      }
    }
  })

  test(`under ${name} the order of rules changes no verdict`, () => {
    const reversed = { ...agreement, rules: agreement.rules.toReversed() }
    for (const given of requests) {
      const [one, other] = [decideRequest(agreement, given), decideRequest(reversed, given)]
      assert.equal(one.verdict, other.verdict)
      assert.deepEqual(one.asks, other.asks)
      assert.deepEqual(rulesOf(one).sort(), rulesOf(other).sort())
    }
  })
}

test('explain names the nearest grant and exactly what was missing', () => {
  const { decision, cited, nearest } = explain(sample, { ...granted, purpose: 'policing' }, none, none)
  assert.equal(decision.verdict, 'deny')
  assert.deepEqual(
    cited.map((clause) => [clause.clause, clause.title]),
    [['system.no-grant', 'Nothing is permitted without a grant']],
  )
  assert.deepEqual(
    nearest.map(({ rule, missing }) => [rule, missing]),
    [['3#1', ['the purpose must be care or admin; it is policing']]],
  )
})

test('explain cites the clause with its title and text, and is as total as decide', () => {
  const { cited, nearest } = explain(sample, { ...granted, action: 'send' }, none, none)
  assert.deepEqual(cited, [{ clause: '4.2', rule: '4.2#1', title: 'Sending waits', text: '' }])
  assert.deepEqual(nearest, [])
  assert.equal(explain(sample, null as unknown as Facts, none, none).decision.verdict, 'deny')
})
