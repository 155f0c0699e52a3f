import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Level, QuorumPart } from '../agreement/index.ts'
import { askedText, fitsAnyPart, lackOf } from './index.ts'
import type { Approver } from './index.ts'

/** A ward and a lab of the clinic; the clinic and the office side by side. */
const ancestors = new Map([
  ['clinic', ['clinic']],
  ['ward', ['ward', 'clinic']],
  ['lab', ['lab', 'clinic']],
  ['office', ['office']],
])
const tree = { ancestors }
const levelOf = (...quorum: readonly QuorumPart[]): Pick<Level, 'persons' | 'quorum'> => ({
  persons: quorum.reduce((sum, { count }) => sum + count, 0),
  quorum,
})
const who = (person: string, roles: readonly string[], unit?: string): Approver => ({
  person,
  roles,
  ...(unit === undefined ? {} : { unit }),
})

const counsel = { count: 1, role: 'counsel' }
const ofClinic = { count: 2, role: 'reviewers', unit: 'clinic' }
const mixed = levelOf(ofClinic, counsel)

/** Who approves `two of reviewers of clinic and one of counsel`, and who is then missing. */
const cases: readonly (readonly [string, readonly Approver[], string | null])[] = [
  ['nobody', [], 'two of reviewers of clinic and one of counsel'],
  ['all of them', [who('a', ['reviewers'], 'clinic'), who('b', ['reviewers'], 'ward'), who('c', ['counsel'])], null],
  ['three reviewers and no counsel', [who('a', ['reviewers'], 'lab'), who('b', ['reviewers'], 'ward'), who('c', ['reviewers'], 'clinic')], 'one of counsel'],
  ['one who is both, with one reviewer', [who('a', ['reviewers', 'counsel'], 'ward'), who('b', ['reviewers'], 'ward')], 'one of counsel'],
  ['one who is both, in the one seat that others leave', [who('a', ['reviewers', 'counsel'], 'ward'), who('b', ['reviewers'], 'ward'), who('c', ['reviewers'], 'lab')], null],
  ['one person by three keys', [who('a', ['reviewers'], 'ward'), who('a', ['reviewers'], 'lab'), who('a', ['counsel'])], 'one of reviewers of clinic and one of counsel'],
  ['a reviewer of a unit beside it', [who('a', ['reviewers'], 'ward'), who('b', ['reviewers'], 'office'), who('c', ['counsel'])], 'one of reviewers of clinic'],
  ['a reviewer of no unit', [who('a', ['reviewers'], 'ward'), who('b', ['reviewers']), who('c', ['counsel'])], 'one of reviewers of clinic'],
  ['a reviewer of a unit that nobody lists', [who('a', ['reviewers'], 'ward'), who('b', ['reviewers'], 'elsewhere'), who('c', ['counsel'])], 'one of reviewers of clinic'],
  ['a role of one key with the unit of another', [who('a', ['reviewers']), who('a', [], 'ward'), who('b', ['reviewers'], 'ward'), who('c', ['counsel'])], 'one of reviewers of clinic'],
  ['a role that nobody lists', [who('a', ['reviewers'], 'ward'), who('b', ['reviewers'], 'ward'), who('c', ['Counsel', 'council', ''])], 'one of counsel'],
] // prettier-ignore

for (const [what, approvers, missing] of cases) {
  test(`lackOf finds a quorum over roles and units filled by ${what} only where it is`, () => {
    assert.equal(lackOf(mixed, approvers, tree)?.words ?? null, missing)
  })
}

test('lackOf lets a person of a unit above that of a part take no seat in it', () => {
  const level = levelOf({ count: 1, role: 'reviewers', unit: 'ward' })
  assert.equal(lackOf(level, [who('a', ['reviewers'], 'clinic')], tree)?.words, 'one of reviewers of ward')
  assert.equal(lackOf(level, [who('a', ['reviewers'], 'ward')], tree), null)
  assert.equal(lackOf(level, [who('a', ['reviewers'], 'ward')], { ancestors: new Map() })?.count, 1)
})

test('lackOf counts distinct persons where there is no quorum, and finds nobody never enough', () => {
  const two = { persons: 2 }
  assert.deepEqual(lackOf(two, [], tree), { count: 2, words: '2 persons' })
  assert.deepEqual(lackOf(two, [who('a', []), who('a', ['counsel'])], tree), { count: 1, words: '1 person' })
  assert.equal(lackOf(two, [who('a', []), who('b', [])], tree), null)
  for (const none of [
    { persons: 0 },
    { persons: -1, quorum: [] },
    { persons: 0, quorum: [{ ...counsel, count: 0 }] },
  ]) {
    assert.equal(lackOf(none, [], tree)?.count, 1)
  }
})

test('lackOf asks the number of persons too, where a quorum would be met by fewer', () => {
  const level = { persons: 2, quorum: [counsel] }
  assert.deepEqual(lackOf(level, [who('a', ['counsel'])], tree), { count: 1, words: '1 person' })
})

test('askedText says what a level asks', () => {
  assert.equal(askedText(mixed), 'two of reviewers of clinic and one of counsel')
  assert.equal(askedText({ persons: 1 }), '1 person')
})

test('fitsAnyPart knows whose approval would count', () => {
  assert.equal(fitsAnyPart(who('a', ['counsel']), mixed, tree), true)
  assert.equal(fitsAnyPart(who('a', ['reviewers'], 'office'), mixed, tree), false)
  assert.equal(fitsAnyPart(who('a', []), {}, tree), true)
})

const units = fc.constantFrom('clinic', 'ward', 'lab', 'office', 'elsewhere', undefined)
const roles = fc.constantFrom('reviewers', 'counsel', 'owners')
const approver = fc
  .record({ person: fc.constantFrom('a', 'b', 'c', 'd', 'e'), roles: fc.uniqueArray(roles), unit: units })
  .map(({ person, roles: held, unit }) => who(person, held, unit))
const part = fc
  .record({
    count: fc.integer({ min: 1, max: 2 }),
    role: roles,
    unit: fc.constantFrom('clinic', 'ward', 'office', undefined),
  })
  .map(({ count, role, unit }): QuorumPart => ({ count, role, ...(unit === undefined ? {} : { unit }) }))

/** Every way to seat persons, one seat after another, each person in one seat or none. */
function leastEmpty(
  seats: readonly QuorumPart[],
  approvers: readonly Approver[],
  seated: readonly string[] = [],
): number {
  const [seat, ...rest] = seats
  if (!seat) return 0
  const able = approvers.filter(
    ({ person, roles: held = [], unit }) =>
      !seated.includes(person) &&
      held.includes(seat.role) &&
      (seat.unit === undefined || ancestors.get(unit ?? '')?.includes(seat.unit) === true),
  )
  const taken = able.map(({ person }) => leastEmpty(rest, approvers, [...seated, person]))
  return Math.min(1 + leastEmpty(rest, approvers, seated), ...taken)
}

test('lackOf misses as many persons as the best of all ways to seat them', () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.array(approver, { maxLength: 7 }),
      (quorum, approvers) => {
        const seats = quorum.flatMap((one) => Array.from({ length: one.count }, () => one))
        const level = levelOf(...quorum)
        assert.equal(lackOf(level, approvers, tree)?.count ?? 0, leastEmpty(seats, approvers))
      },
    ),
    { numRuns: 1000 },
  )
})

test('lackOf never finds one more approval to be less', () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.array(approver, { maxLength: 6 }),
      approver,
      (quorum, approvers, more) => {
        const level = levelOf(...quorum)
        const before = lackOf(level, approvers, tree)?.count ?? 0
        assert.ok((lackOf(level, [...approvers, more], tree)?.count ?? 0) <= before)
      },
    ),
  )
})
