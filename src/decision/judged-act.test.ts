/** What a step was judged by can be written down, read again, and judged again with the same decision. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../base/index.ts'
import { decide, joinDecisions, prepare } from './decide.ts'
import type { Facts } from './decision.ts'
import { exampleAgreements } from './example-agreements.ts'
import { JudgedActs, formatJudgedActs, judgeAgain, offerOf, parseJudgedActs } from './judged-act.ts'
import type { JudgedAct } from './judged-act.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'
import { sampleFacts } from './sample-facts.ts'

const examples = exampleAgreements()
const sample = prepare(examples[0]!.agreement)
const none: ReadonlySet<string> = new Set()

const facts = sampleFacts
const act: JudgedAct = { facts, findings: none, approvals: none }
const sent: JudgedAct = { ...act, facts: { ...facts, stage: 'tool', action: 'send' }, tool: 'post' }

/** As it comes out of a sealed record. */
const reopened = (acts: readonly JudgedAct[]): readonly JudgedAct[] | null =>
  parseJudgedActs(JSON.parse(JSON.stringify(formatJudgedActs(acts))) as Json)

test('parseJudgedActs is the inverse of formatJudgedActs', () => {
  const acts: JudgedAct[] = [
    act,
    { ...act, facts: offerOf(facts), offers: ['post', 'shred'] },
    { ...sent, findings: new Set(['population-watch']), approvals: new Set(['two-person']) },
  ]
  assert.deepEqual(reopened(acts), acts)
})

test('what was judged is judged again with the same decision, in every example', () => {
  let judged = 0
  for (const { agreement } of examples) {
    const source = requestSource(agreement, randomFrom(11))
    for (const request of agreement.rules.flatMap((rule) => requestsFor(source, rule, 1))) {
      const decision = decide(agreement, request.facts, request.findings, request.approvals)
      const acts = reopened([request])
      assert.ok(acts)
      assert.deepEqual(judgeAgain(prepare(agreement), acts), decision)
      judged++
    }
  }
  assert.ok(judged > 1_000, String(judged))
})

test('judgeAgain joins what is not allowed, and else gives what was allowed last', () => {
  const [asked, posted] = [decide(sample, facts, none, none), decide(sample, sent.facts, none, none)]
  assert.deepEqual(judgeAgain(sample, [sent, act]), posted)
  assert.deepEqual(judgeAgain(sample, [act, act]), asked)
  const watched: JudgedAct = { ...sent, findings: new Set(['population-watch']) }
  const denied = decide(sample, watched.facts, watched.findings, none)
  assert.deepEqual(judgeAgain(sample, [sent, watched]), joinDecisions(posted, denied))
})

test('judgeAgain takes the class of a tool from the agreement by which it judges', () => {
  const misnamed: JudgedAct = { ...sent, facts: { ...sent.facts, action: 'look-up' } }
  assert.equal(judgeAgain(sample, [misnamed]).verdict, 'hold')
  assert.equal(judgeAgain(sample, [{ ...sent, tool: 'shred' }]).verdict, 'deny')
})

test('judgeAgain judges an offer only where it holds a tool that is not listed', () => {
  const offer = (offers: readonly string[]): JudgedAct => ({ ...act, facts: offerOf(facts), offers })
  assert.equal(judgeAgain(sample, [act, offer(['post'])]).verdict, 'allow')
  assert.equal(judgeAgain(sample, [act, offer(['post', 'shred'])]).verdict, 'deny')
})

test('judgeAgain of nothing is a denial', () => {
  assert.equal(judgeAgain(sample, []).verdict, 'deny')
  assert.equal(judgeAgain(sample, [{ ...act, facts: {} as Facts }]).verdict, 'deny')
})

test('JudgedActs keeps of equal acts the last, of allowed ones the order in which they came', () => {
  const judged = new JudgedActs()
  assert.equal(judged.empty, true)
  assert.equal(judged.format(), null)
  const later: JudgedAct = { ...act, facts: { ...facts, time: facts.time + 5 } }
  for (const each of [act, sent, later]) {
    judged.note(each, decide(sample, each.facts, each.findings, each.approvals))
  }
  assert.deepEqual(parseJudgedActs(judged.format()), [sent, later])
})

test('JudgedActs of more acts than a step has gives nothing to judge again', () => {
  const judged = new JudgedActs()
  for (let i = 0; i < 65; i++) {
    judged.note({ ...sent, tool: `tool-${i}` }, decide(sample, sent.facts, none, none))
  }
  assert.equal(judged.format(), null)
})

test('parseJudgedActs answers null for anything else', () => {
  const good = formatJudgedActs([act]) as { readonly [name: string]: Json }
  const wrong: (Json | undefined)[] = [
    undefined,
    null,
    [],
    { ...good, v: 2 },
    { ...good, facts: null },
    { ...good, acts: [] },
    { ...good, acts: [7] },
    { ...good, acts: [{ findings: 'all' }] },
    { ...good, acts: [{ approvals: [7] }] },
    { ...good, acts: [{ tool: 7 }] },
    { ...good, acts: [{ offers: {} }] },
    { ...good, acts: [{ changed: 1 }] },
  ]
  for (const value of wrong) assert.equal(parseJudgedActs(value), null, JSON.stringify(value))
})
