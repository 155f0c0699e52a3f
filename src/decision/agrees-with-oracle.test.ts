import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import type { Agreement, Region, Rule, Test } from '../agreement/index.ts'
import { findRegion, spaceOf, vocabularyOf } from '../agreement/index.ts'
import { isErrorCode } from '../base/index.ts'
import { requestKey, requireAgreesWithOracle, sameDecision } from './agrees-with-oracle.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { exampleAgreements } from './example-agreements.ts'
import { mutantsOf } from './mutants.fixture.ts'
import type { Mutant } from './mutants.fixture.ts'
import { createOracle } from './oracle.ts'
import type { Oracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import { regionFor, requestIn, requestSource, soleCause } from './requests.ts'
import type { Request, RequestSource } from './requests.ts'

const examples = exampleAgreements()

for (const { name, agreement } of examples) {
  test(`requireAgreesWithOracle accepts ${name}`, () => {
    const { requests } = requireAgreesWithOracle(agreement)
    assert.ok(requests >= agreement.rules.length * 3)
  })
}

function isCaught(mutant: Mutant): boolean {
  try {
    requireAgreesWithOracle(mutant.agreement)
    return false
  } catch (error) {
    if (isErrorCode(error, 'DECISION_ORACLE_MISMATCH')) return true
    throw error
  }
}

/** Whether no request at all could show the change: the search is exact. */
function isInvisible(original: Agreement, { before, after }: Mutant): boolean {
  const space = spaceOf(vocabularyOf(original.schedule), original.ancestors, original.schedule.models)
  const test: Test = after?.test ?? { op: 'false' }
  if (after !== null && (after.effect !== before.effect || after.liftedBy.join() !== before.liftedBy.join()))
    return false
  // Citations of a forbid that nothing lifts are always seen; a permit and a hold only where nothing prohibits.
  const hides = (rule: Rule): boolean =>
    rule.effect === 'forbid' && rule.liftedBy.length === 0 && rule.id !== before.id
  const others =
    before.effect === 'forbid' && before.liftedBy.length === 0 ? [] : original.rules.filter(hides)
  const unmet = others.map((rule) => rule.test)
  return (
    findRegion(space, [before.test], [test, ...unmet]).found === 'none' &&
    findRegion(space, [test], [before.test, ...unmet]).found === 'none'
  )
}

function assertCaught(original: Agreement, mutants: readonly Mutant[]): void {
  const missed = mutants.filter((mutant) => !isCaught(mutant))
  const visible = missed.filter((mutant) => !isInvisible(original, mutant))
  assert.deepEqual(
    visible.map((mutant) => mutant.what),
    [],
  )
  assert.ok(
    missed.length < mutants.length / 10,
    `${missed.length} of ${mutants.length} mutants change nothing`,
  )
}

test('requireAgreesWithOracle catches every change of a compiled rule of the sample that can be seen', () => {
  const original = examples[0]!.agreement
  assertCaught(original, mutantsOf(original))
})

test('requireAgreesWithOracle catches a sample of the changes of the largest example', () => {
  const original = examples
    .map(({ agreement }) => agreement)
    .reduce((a, b) => (b.rules.length > a.rules.length ? b : a))
  const mutants = mutantsOf(original)
  const stride = Math.ceil(mutants.length / 30)
  assertCaught(
    original,
    mutants.filter((_, i) => i % stride === 0),
  )
})

/** Another one on every run; `SEED=… node --test src/decision/agrees-with-oracle.test.ts` repeats a run. */
const seed = process.env.SEED === undefined ? randomInt(2 ** 32) : Number(process.env.SEED)

/** Requests asked both ways in one run, over all agreements, and how often each rule must be the sole cause. */
const requestsMin = 10_000
const soleMin = 50

const ruleCount = examples.reduce((sum, { agreement }) => sum + agreement.rules.length, 0)
// Half as many again: under some rules nothing falls, and nothing is asked.
const perRule = Math.max(soleMin + 10, Math.ceil((requestsMin * 1.5) / ruleCount))
let asked = 0

for (const { name, agreement } of examples) {
  test(`cedar agrees about every request for ${name}, each rule that can be the sole cause of ${soleMin}`, (t) => {
    t.diagnostic(`SEED=${seed}`)
    const source = requestSource(agreement, randomFrom(seed))
    const never: string[] = []
    for (const rule of agreement.rules) {
      const sole = soleCauses(source, rule)
      if (sole === 0 && isNeverSole(source, rule)) never.push(rule.id)
      else assert.ok(sole >= soleMin, `SEED=${seed}: ${rule.id} is the sole cause of ${sole}`)
    }
    assert.deepEqual(
      never.filter((rule) => !rule.endsWith('#ceiling')),
      neverSole[name] ?? [],
    )
  })
}

test(`cedar was asked about ${requestsMin} requests or more`, (t) => {
  t.diagnostic(`${asked} requests, SEED=${seed}`)
  assert.ok(asked >= requestsMin, `${asked}`)
})

/** Rules under which nothing falls that another does not prohibit too; so is each ceiling, under its allotted amount. */
const neverSole: Readonly<Record<string, readonly string[]>> = {
  'examples/as-published/v1.md': ['4.7#1'],
  // The purpose is listed so that it is refused by name.
  'examples/department/v1.md': ['2.2#purpose-end:domestic-law-enforcement'],
  'examples/department/v2.md': ['2.2#purpose-end:domestic-law-enforcement'],
  // It ends with the term.
  'examples/ended/v1.md': ['2.1#purpose-end:administration'],
}

function isNeverSole({ space, forbids }: RequestSource, rule: Rule): boolean {
  const others = forbids.filter((forbid) => forbid !== rule).map((forbid) => forbid.test)
  return findRegion(space, [rule.test], others).found === 'none'
}

/** Asks both about requests aimed at one rule, `perRule` of them or more; counts those that it alone decides. */
function soleCauses(source: RequestSource, rule: Rule): number {
  const oracle = createOracle(source.agreement)
  let sole = 0
  // A hold that no permit stands behind is answered by `system.no-grant`, so that some requests do not count.
  for (let drawn = 0; drawn < perRule || (sole > 0 && sole < soleMin && drawn < perRule * 10);) {
    const region = soleCause(source, rule)
    if (region === null) {
      // The search is bounded and begins at random: one that finds nothing is no proof.
      drawn += 10
      continue
    }
    for (let i = 0; i < 10; i++, drawn++) {
      const { verdict, citations } = decideBothWays(source.agreement, oracle, requestIn(region, source, rule))
      const cited = citations.some((each) => each.rule === rule.id)
      if (cited && (citations.length === 1 || (verdict === 'allow' && rule.effect === 'permit'))) sole++
    }
  }
  return sole
}

function decideBothWays(agreement: Agreement, oracle: Oracle, request: Request): Decision {
  const ours = decide(agreement, request.facts, request.findings, request.approvals)
  const theirs = oracle.decide(request)
  asked++
  if (!sameDecision(ours, theirs)) {
    assert.deepEqual(ours, theirs, `SEED=${seed}: ${requestKey(request)}`)
    assert.fail(`SEED=${seed}: ${requestKey(request)}`)
  }
  return ours
}

for (const { name, agreement } of examples) {
  test(`each constant of ${name} is met at −1, 0 and +1, and cedar agrees`, (t) => {
    t.diagnostic(`SEED=${seed}`)
    const oracle = createOracle(agreement)
    const source = requestSource(agreement, randomFrom(seed))
    for (const rule of agreement.rules) {
      for (const leaf of comparisonsOf(rule.test)) {
        for (const offset of [-1, 0, 1]) {
          const at: Test = { ...leaf, comparison: '==', value: leaf.value + offset }
          // Where nothing else forbids, if there is such a place: then the constant alone decides.
          const region = regionFor(source, rule, [at], []) ?? anyRegion(source, at)
          assert.ok(region, `SEED=${seed}: ${rule.id} ${leaf.attribute} ${leaf.value + offset}`)
          const request = requestIn(region, source, rule)
          const { time, committedMicros } = request.facts
          assert.equal(leaf.attribute === 'time' ? time : committedMicros, leaf.value + offset)
          decideBothWays(agreement, oracle, request)
        }
      }
    }
  })
}

function anyRegion({ space, random }: RequestSource, at: Test): Region | null {
  const search = findRegion(space, [at], [], { random })
  return search.found === 'region' ? search.region : null
}

function comparisonsOf(test: Test): Extract<Test, { op: 'compare' }>[] {
  if (test.op === 'compare') return [test]
  if (test.op === 'not') return comparisonsOf(test.test)
  return test.op === 'all' || test.op === 'any' ? test.tests.flatMap(comparisonsOf) : []
}

test('requireAgreesWithOracle refuses an agreement whose rules are not the policies', () => {
  const { agreement } = examples[0]!
  const policies = { ...agreement.cedar.policies, 'extra#1': 'forbid (principal, action, resource);' }
  assert.throws(() => requireAgreesWithOracle({ ...agreement, cedar: { ...agreement.cedar, policies } }), {
    code: 'DECISION_ORACLE_MISMATCH',
  })
  const broken = { ...agreement, cedar: { ...agreement.cedar, schema: 'entity' } }
  assert.throws(() => createOracle(broken), { code: 'DECISION_ORACLE_UNAVAILABLE' })
})
