import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCedarDatetime, parseInstant } from './instant.ts'
import { formatMicros, parseMicros } from './money.ts'
import { editDistance, nearestWord } from './nearest-word.ts'
import { findRegion, spaceOf } from './region.ts'
import type { Test } from './rule.ts'
import { requireAgreement, sampleText } from './sample-agreement.ts'
import { indexOfByte, placesOf } from './source-text.ts'
import { vocabularyOf } from './vocabulary.ts'

test('formatMicros is the inverse of parseMicros', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (micros) => assert.equal(parseMicros(formatMicros(micros)), micros)))
})

test('parseMicros refuses what is no plain decimal', () => {
  for (const digits of [
    '',
    '-1',
    '+1',
    '1e3',
    '01',
    '1.',
    '.5',
    '1.0000000',
    '0x1',
    '1_0',
    ' 1',
    '9007199254740992',
  ]) {
    assert.equal(parseMicros(digits), null, digits)
  }
  assert.equal(parseMicros('9007199254.740991'), Number.MAX_SAFE_INTEGER)
})

test('parseInstant and parseCedarDatetime read exactly the days there are', () => {
  const days: [text: string, instant: string | null, cedar: string | null][] = [
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T00:00:00.250Z', '2026-03-01T00:00:00.250Z', '2026-03-01T00:00:00.250Z'],
    ['2028-02-29', null, '2028-02-29T00:00:00.000Z'],
    ['2026-02-29', null, null],
    ['2026-03-01T24:00:00Z', null, null],
    ['2026-03-01T10:00:00+0130', null, '2026-03-01T08:30:00.000Z'],
    ['2026-03-01T10:00:00.500-0130', null, '2026-03-01T11:30:00.500Z'],
    ['2026-03-01T10:00:00+01:30', null, null],
    ['2026-03-01 10:00:00Z', null, null],
    ['2026-3-1', null, null],
  ]
  const written = (time: number | null): string | null =>
    time === null ? null : new Date(time).toISOString()
  for (const [text, instant, cedar] of days) {
    assert.equal(written(parseInstant(text)), instant, text)
    assert.equal(written(parseCedarDatetime(text)), cedar, text)
  }
})

test('editDistance counts edits and swaps; nearestWord keeps its distance', () => {
  assert.equal(editDistance('wach', 'watch'), 1)
  assert.equal(editDistance('sned', 'send'), 1)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(nearestWord('population-wach', ['force-advice', 'population-watch']), 'population-watch')
  assert.equal(nearestWord('8', ['1', '2']), null)
  assert.equal(nearestWord('purpose', ['provider']), null)
})

test('placesOf and indexOfByte find characters of any width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const text = `${before}\n|${after}`
      const index = indexOfByte(text, Buffer.byteLength(`${before}\n`))
      assert.equal(text[index], '|')
      assert.deepEqual(placesOf(text)(index), { line: before.split('\n').length + 1, column: 1 })
    }),
  )
})

const { schedule, ancestors } = requireAgreement(sampleText())
const space = spaceOf(vocabularyOf(schedule), ancestors, schedule.models)

const leaf: fc.Arbitrary<Test> = fc.oneof(
  fc
    .constantFrom('department', 'clinic', 'ward', 'contractor', 'unlisted')
    .map((unit): Test => ({ op: 'unit-in', units: [unit] })),
  fc.constantFrom('clinic', 'ward').map((unit): Test => ({ op: 'unit-is', unit })),
  fc
    .constantFrom('clinic', 'department', 'contractor')
    .map((word): Test => ({ op: 'set-has', attribute: 'chain', word })),
)

const { tests } = fc.letrec<{ tests: Test }>((tie) => ({
  tests: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('tests').map((test): Test => ({ op: 'not', test })),
    fc.array(tie('tests'), { minLength: 1, maxLength: 3 }).map((list): Test => ({ op: 'all', tests: list })),
    fc.array(tie('tests'), { minLength: 1, maxLength: 3 }).map((list): Test => ({ op: 'any', tests: list })),
  ),
}))

function holds(test: Test, unit: string, chain: ReadonlySet<string>): boolean {
  if (test.op === 'not') return !holds(test.test, unit, chain)
  if (test.op === 'all') return test.tests.every((each) => holds(each, unit, chain))
  if (test.op === 'any') return test.tests.some((each) => holds(each, unit, chain))
  if (test.op === 'unit-in') return space.closureOf(unit).some((each) => test.units.includes(each))
  if (test.op === 'unit-is') return unit === test.unit
  if (test.op === 'set-has') return chain.has(test.word)
  return assert.fail(test.op)
}

/** Whether any unit with any chain meets the test, by trying all. */
function canHold(test: Test): boolean {
  const units = [...space.vocabulary.all.Unit]
  return units.some((unit) =>
    Array.from({ length: 2 ** units.length }, (_, bits) => units.filter((_, i) => (bits >> i) & 1)).some(
      (members) =>
        holds(test, unit, new Set([unit, ...members].flatMap((member) => space.closureOf(member)))),
    ),
  )
}

test('findRegion finds situations exactly where there are some', () => {
  fc.assert(
    fc.property(tests, (each) => {
      assert.equal(findRegion(space, [each], []).found, canHold(each) ? 'region' : 'none')
    }),
    { numRuns: 500 },
  )
})
