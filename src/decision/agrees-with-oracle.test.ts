import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agreement, Rule, Test } from '../agreement/index.ts'
import { findRegion, spaceOf, vocabularyOf } from '../agreement/index.ts'
import { isErrorCode } from '../base/index.ts'
import { requireAgreesWithOracle, sameDecision } from './agrees-with-oracle.ts'
import { decide } from './decide.ts'
import { exampleAgreements } from './example-agreements.ts'
import { mutantsOf } from './mutants.fixture.ts'
import type { Mutant } from './mutants.fixture.ts'
import { createOracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import { requestIn, requestSource, soleCause } from './requests.ts'

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

for (const { name, agreement } of examples) {
  test(`in 10,000 requests for ${name}, each rule that can be is the sole cause of 50`, () => {
    const source = requestSource(agreement, randomFrom(7))
    const perRule = Math.ceil(10_000 / agreement.rules.length)
    const never: string[] = []
    for (const rule of agreement.rules) {
      const counted = soleCauses(source, rule, perRule)
      if (counted === 0 && isNeverSole(source, rule)) never.push(rule.id)
      else assert.ok(counted >= 50, `${rule.id}: ${counted} of ${perRule}`)
    }
    assert.deepEqual(
      never.filter((rule) => !rule.endsWith('#ceiling')),
      neverSole[name] ?? [],
    )
  })
}

/** Rules under which nothing falls that another does not prohibit too; so is each ceiling, under its allotted amount. */
const neverSole: Readonly<Record<string, readonly string[]>> = { 'examples/as-published/v1.md': ['4.7#1'] }

function isNeverSole({ space, forbids }: ReturnType<typeof requestSource>, rule: Rule): boolean {
  const others = forbids.filter((forbid) => forbid !== rule).map((forbid) => forbid.test)
  return findRegion(space, [rule.test], others).found === 'none'
}

function soleCauses(source: ReturnType<typeof requestSource>, rule: Rule, wanted: number): number {
  const oracle = createOracle(source.agreement)
  let counted = 0
  for (let i = 0; i < wanted;) {
    const region = soleCause(source, rule)
    if (region === null) return 0
    for (let drawn = 0; drawn < 10; drawn++, i++) {
      const request = requestIn(region, source, rule)
      const decision = decide(source.agreement, request.facts, request.findings, request.approvals)
      if (drawn === 0) assert.ok(sameDecision(decision, oracle.decide(request)), rule.id)
      const { verdict, citations } = decision
      const cited = citations.length === 1 && citations[0]?.rule === rule.id
      // A hold that no permit stands behind is answered by `system.no-grant`: then it is not seen.
      if (
        cited ||
        (verdict === 'allow' && rule.effect === 'permit' && citations.some((each) => each.rule === rule.id))
      ) {
        counted++
      }
    }
  }
  return counted
}

for (const { name, agreement } of examples) {
  test(`each constant of ${name} is met at −1, 0 and +1, and cedar agrees`, () => {
    const oracle = createOracle(agreement)
    const source = requestSource(agreement, randomFrom(3))
    const space = source.space
    for (const rule of agreement.rules) {
      for (const leaf of comparisonsOf(rule.test)) {
        for (const offset of [-1, 0, 1]) {
          const at: Test = { ...leaf, comparison: '==', value: leaf.value + offset }
          const search = findRegion(space, [at], [], { random: source.random })
          assert.ok(search.found === 'region', `${rule.id} ${leaf.attribute} ${leaf.value + offset}`)
          const request = requestIn(search.region, source, rule)
          const ours = decide(agreement, request.facts, request.findings, request.approvals)
          assert.ok(sameDecision(ours, oracle.decide(request)), rule.id)
        }
      }
    }
  })
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
