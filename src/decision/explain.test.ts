/** What an explanation says beyond the decision: the tree of what spoke, and what would change it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { decide } from './decide.ts'
import { DecisionError } from './decision-error.ts'
import type { Facts } from './decision.ts'
import { exampleAgreements } from './example-agreements.ts'
import { parseExplainRequest } from './explain-request.ts'
import type { FactChange } from './explain-changes.ts'
import type { ExplainedCondition } from './explain-tree.ts'
import { explain } from './explain.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'
import { sampleFacts } from './sample-facts.ts'

const examples = exampleAgreements()
const sample = examples[0]!.agreement
const none: ReadonlySet<string> = new Set()

const granted = sampleFacts

const changesOf = (facts: Facts, findings = none, approvals = none) => {
  const { changes } = explain(sample, facts, findings, approvals)
  assert.ok(changes)
  return changes
}

const clausesOf = ({ citations }: FactChange): string[] => citations.map(({ clause }) => clause)

test('explain tells each rule that spoke, what it did, and what every condition of it saw', () => {
  const facts = { ...granted, action: 'send', stage: 'tool' } as const
  const { rules } = explain(sample, facts, new Set(['force-advice']), none)
  assert.deepEqual(
    rules.map(({ rule, spoke, effect, lacking }) => [rule, spoke, effect, lacking]),
    [
      ['4.2#1', 'holds', 'holds for two-person', ['two-person']],
      ['3#1', 'permits', 'permits', []],
    ],
  )
  assert.deepEqual(rules[0]?.condition, {
    of: 'fact',
    held: true,
    states: 'the action is send',
    saw: 'it is send',
  })
})

test('explain tells of a hold that was approved that it was lifted', () => {
  const { rules, decision } = explain(sample, { ...granted, action: 'send' }, none, new Set(['two-person']))
  assert.equal(decision.verdict, 'allow')
  assert.deepEqual(
    rules.map(({ rule, spoke }) => [rule, spoke]),
    [
      ['4.2#1', 'lifted'],
      ['3#1', 'permits'],
    ],
  )
})

test('explain tells on demand of every rule, with negations in the words of the conditions', () => {
  const { rules } = explain(sample, granted, new Set(['force-advice']), none, { everyRule: true })
  assert.equal(rules.length, sample.rules.length)
  assert.deepEqual(rules.find(({ rule }) => rule === '4.1#2')?.condition, {
    of: 'all',
    held: false,
    parts: [
      {
        of: 'fact',
        held: true,
        states: 'the findings hold force-advice',
        saw: 'they hold force-advice',
      },
      { of: 'fact', held: false, states: 'the purpose is not care', saw: 'it is care' },
    ],
  })
})

test('in every example a condition holds where its parts say so, and a rule speaks where its condition holds', () => {
  const requireConsistent = (condition: ExplainedCondition): void => {
    if (condition.of === 'fact') return
    const helds = condition.parts.map(({ held }) => held)
    assert.equal(condition.held, condition.of === 'all' ? !helds.includes(false) : helds.includes(true))
    condition.parts.forEach(requireConsistent)
  }
  for (const { agreement } of examples) {
    const source = requestSource(agreement, randomFrom(7))
    const [first, ...others] = agreement.rules.flatMap((rule) => requestsFor(source, rule, 1).slice(0, 1))
    for (const { facts, findings, approvals } of first ? [first, ...others.slice(0, 5)] : []) {
      const explained = explain(agreement, facts, findings, approvals, { everyRule: true })
      for (const { condition, spoke } of explained.rules) {
        assert.equal(condition.held, spoke !== 'silent')
        requireConsistent(condition)
      }
      assert.deepEqual(explained.decision, decide(agreement, facts, findings, approvals))
      const spoken = explained.rules.filter(({ spoke }) => spoke !== 'silent').map(({ rule }) => rule)
      const cited = explained.decision.citations.filter(({ rule }) => rule !== 'system.no-grant#default')
      for (const { rule } of cited) assert.ok(spoken.includes(rule), rule)
    }
  }
})

test('changes names the approvals that make a hold an allow, and says where none does', () => {
  assert.deepEqual(changesOf(granted).approvals, { lift: 'not-needed', levels: [] })
  const held = changesOf({ ...granted, action: 'send' })
  assert.deepEqual(held.approvals, { lift: 'these', levels: ['two-person'] })
  assert.deepEqual(changesOf(granted, new Set(['population-watch'])).approvals, { lift: 'none', levels: [] })
  assert.deepEqual(changesOf({ ...granted, purpose: 'policing' }).approvals, { lift: 'none', levels: [] })
})

test('changes names each single fact that leads to another verdict, and groups what leads to the same', () => {
  const { facts, complete } = changesOf({ ...granted, consumer: 'batch' })
  assert.equal(complete, true)
  assert.deepEqual(
    facts.map((change) => [change.fact, change.how, change.to, change.verdict, clausesOf(change)]),
    [['consumer', 'is', ['seat'], 'allow', ['3']]],
  )
  const lighter = changesOf(granted, new Set(['population-watch'])).facts
  assert.deepEqual(
    lighter.map((change) => [change.fact, change.how, change.to, change.verdict, clausesOf(change)]),
    [['findings', 'without', ['population-watch'], 'allow', ['3']]],
  )
})

test('changes names the nearest time and amount at which the verdict turns, and who must not stand in the chain', () => {
  const changes = changesOf(granted).facts.filter(({ weight }) => weight === 'heavier')
  const told = (fact: FactChange['fact']) =>
    changes.filter((change) => change.fact === fact).flatMap((change) => [change.to, clausesOf(change)])
  assert.deepEqual(told('time'), [['2026-02-28T23:59:59.999Z', '2030-01-01T00:00:00.000Z'], ['8']])
  assert.deepEqual(told('committed'), [['10.500001'], ['8']])
  assert.deepEqual(told('chain'), [['intelligence'], ['6'], ['anything the schedule does not list'], ['2']])
})

test('each change that is named leads to the verdict that it names, tried on its own', () => {
  const { facts } = changesOf(granted, new Set(['force-advice']))
  const words = facts.filter(({ fact }) => fact === 'purpose')
  assert.ok(words.length > 0)
  for (const { to, verdict, citations } of words) {
    for (const purpose of to) {
      const met = decide(sample, { ...granted, purpose }, new Set(['force-advice']), none)
      assert.deepEqual([met.verdict, met.citations], [verdict, citations])
    }
  }
})

test('changes of an agreement with more words than are tried says that there may be more', () => {
  const purposes = Array.from({ length: 3_100 }, (_, i) => `purpose-${i}: { clause: "2" }`)
  const lines = { purposes: `{ care: { clause: "2" }, admin: { clause: "2" }, ${purposes.join(', ')} }` }
  const long = requireAgreement(sampleText({ lines }))
  const { changes } = explain(long, { ...granted, purpose: 'purpose-7' }, none, none)
  assert.equal(changes?.complete, false)
  assert.deepEqual(changes.facts[0]?.to, ['care', 'admin'])
})

test('explain of facts that no rule can judge is a denial, with nothing that would change it', () => {
  for (const facts of [null, {}, { ...granted, time: NaN }]) {
    const { decision, rules, changes } = explain(sample, facts as Facts, none, none, { everyRule: true })
    assert.equal(decision.verdict, 'deny')
    assert.deepEqual([rules, changes], [[], null])
  }
})

const timeless = { unit: 'ward', model: 'large', purpose: 'care', surface: 'console', consumer: 'seat' }
const asked = { ...timeless, time: '2027-01-01T00:00:00Z' }

test('parseExplainRequest reads persons, and a tool by its name as its class at its stage', () => {
  const { facts } = parseExplainRequest({ ...asked, tool: 'post', persons: 7 }, sample.schedule)
  assert.deepEqual([facts.action, facts.stage, facts.persons], ['send', 'tool', 7])
  assert.equal(parseExplainRequest({ ...asked, tool: 'shred' }, sample.schedule).facts.action, 'unlisted')
  const plain = parseExplainRequest(asked, sample.schedule).facts
  assert.deepEqual(
    [plain.action, plain.stage, plain.persons, plain.chain],
    ['generate', 'request', 0, ['ward']],
  )
})

test('parseExplainRequest takes a given time where the request names none', () => {
  assert.equal(parseExplainRequest(timeless, sample.schedule, 5).facts.time, 5)
  assert.equal(parseExplainRequest(asked, sample.schedule, 5).facts.time, Date.parse(asked.time))
})

test('parseExplainRequest refuses what is unknown, missing or wrong, and a tool beside an action', () => {
  const wrong = [
    timeless,
    { ...asked, persons: -1 },
    { ...asked, persons: 1.5 },
    { ...asked, tool: 'post', action: 'send' },
    { ...asked, tool: 7 },
    { ...asked, stage: 'later' },
    { ...asked, colour: 'blue' },
    { ...asked, provenance: 'own' },
    { ...asked, committed: 0.0000001 },
    [],
  ]
  for (const fields of wrong) {
    assert.throws(
      () => parseExplainRequest(fields, sample.schedule),
      (error: unknown) => error instanceof DecisionError && error.code === 'EXPLAIN_REQUEST',
      JSON.stringify(fields),
    )
  }
})
