/** What every detector must keep, as one suite to run over each of them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Detector, DetectorSession, Finding } from './detector.ts'
import { nameOf } from './text-judgement.ts'

export interface ContractSubject {
  readonly name: string
  readonly create: () => Detector
  /** Pieces that texts are made of: such as raise findings together, in part, or not at all. */
  readonly pieces: readonly string[]
}

/** Declares the tests of the contract in detector.ts for one detector. */
export function testDetectorContract({ name, create, pieces }: ContractSubject): void {
  describe(`${name} keeps the detector contract`, () => {
    const detector = create()
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 4 })), {
        maxLength: 24,
      })
      .map((chosen) => chosen.join(''))
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 40 })

    test('any cut of a text into pushes gives the same findings', () => {
      fc.assert(
        fc.property(text, cuts, (whole, at) => {
          assert.deepEqual(findingsOf(detector, cut(whole, at)), findingsOf(detector, [whole]))
          assert.deepEqual(findingsOf(detector, whole.split('')), findingsOf(detector, [whole]))
        }),
      )
    })

    test('no finding touches text that was said to be safe before', () => {
      fc.assert(fc.property(text, cuts, (whole, at) => assertSafety(detector.open(), cut(whole, at))))
      fc.assert(fc.property(text, (whole) => assertSafety(detector.open(), whole.split(''))))
    })

    test('findings name the detector, one of its signals and a place in the text', () => {
      fc.assert(
        fc.property(text, (whole) => {
          for (const finding of findingsOf(detector, [whole])) assertFinding(detector, finding, whole.length)
        }),
      )
    })

    test('sessions know nothing of each other', () => {
      fc.assert(
        fc.property(text, text, (one, other) => {
          const sessions = [detector.open(), detector.open()] as const
          const found = [...sessions[0].push(one).findings]
          sessions[1].push(other)
          sessions[1].end()
          found.push(...sessions[0].end().findings)
          assert.deepEqual(found.sort(byPlace), findingsOf(detector, [one]))
        }),
      )
    })
  })
}

/** All findings of a text given in these pieces, in a fixed order. */
export function findingsOf(detector: Detector, pieces: readonly string[]): Finding[] {
  const session = detector.open()
  const found = pieces.flatMap((piece) => session.push(piece).findings)
  return [...found, ...session.end().findings].sort(byPlace)
}

/** Cuts a text at the given UTF-16 positions, inside surrogate pairs too; some pieces may be empty. */
export function cut(text: string, at: readonly number[]): string[] {
  const places = [...at].map((place) => Math.min(place, text.length)).sort((a, b) => a - b)
  return [...places, text.length].map((place, index) => text.slice(places[index - 1] ?? 0, place))
}

/** Throws unless each judgement is true of all that come after it. */
export function assertSafety(session: DetectorSession, pieces: readonly string[]): void {
  let length = 0
  let safe = 0
  for (const piece of pieces) {
    const { findings, safeUpTo } = session.push(piece)
    length += piece.length
    for (const { start } of findings)
      assert.ok(start >= safe, `a finding at ${start} was said to be safe up to ${safe}`)
    assert.ok(safeUpTo >= safe, `safeUpTo falls from ${safe} to ${safeUpTo}`)
    assert.ok(safeUpTo <= length, `safeUpTo ${safeUpTo} passes the text of length ${length}`)
    safe = safeUpTo
  }
  const { findings, safeUpTo } = session.end()
  for (const { start } of findings)
    assert.ok(start >= safe, `a finding at ${start} was said to be safe up to ${safe}`)
  assert.equal(safeUpTo, length, 'after the end all is safe')
}

function assertFinding(detector: Detector, finding: Finding, length: number): void {
  assert.ok(detector.signals.includes(finding.signal), `unknown signal ${finding.signal}`)
  assert.equal(finding.detector, nameOf(detector))
  assert.ok(finding.score >= 0 && finding.score <= 1)
  assert.ok(finding.start >= 0 && finding.start <= finding.end && finding.end <= length)
}

function byPlace(a: Finding, b: Finding): number {
  return a.start - b.start || a.end - b.end || compare(a.signal, b.signal) || compare(a.view, b.view)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
