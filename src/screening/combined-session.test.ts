import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { screeningFailed } from '../agreement/schedule.ts'
import { combineSessions } from './combined-session.ts'
import type { Detector, Finding, Judgement } from './detector.ts'

/** Says of each push what it is told to; a function is called instead. */
function scripted(id: string, ...script: readonly (Judgement | (() => never))[]): Detector {
  return {
    id,
    version: '1',
    signals: ['seen'],
    scope: 'part',
    open() {
      const left = [...script]
      const next = (): Judgement => {
        const step = left.shift()
        return typeof step === 'function' ? step() : (step ?? { findings: [], safeUpTo: 0 })
      }
      return { push: next, end: next }
    },
  }
}

const finding = (start: number): Finding => ({
  ...{ signal: 'seen', score: 1, view: 'plain', detector: 'x@1' },
  ...{ start, end: start + 1 },
})
const fail = (): never => {
  throw new Error('broken')
}
const signals = ({ findings }: Judgement): string[] =>
  findings.map(({ signal, detector }) => `${signal} ${detector}`)

describe('combineSessions', () => {
  test('tells of a signal so many times only, however the text is cut', () => {
    const many = Array.from({ length: 20 }, (_, start) => ({
      findings: [finding(start), finding(start)],
      safeUpTo: 0,
    }))
    const session = combineSessions([scripted('a', ...many)])
    assert.equal(many.flatMap(() => session.push('x').findings).length, 32)
    assert.equal(session.end().findings.length, 0)
  })

  test('unites findings and releases what is safe to all', () => {
    const session = combineSessions([
      scripted('a', { findings: [finding(0)], safeUpTo: 3 }, { findings: [], safeUpTo: 4 }),
      scripted('b', { findings: [finding(1)], safeUpTo: 2 }, { findings: [], safeUpTo: 4 }),
    ])
    assert.deepEqual(session.push('text'), { findings: [finding(0), finding(1)], safeUpTo: 2 })
    assert.deepEqual(session.end(), { findings: [], safeUpTo: 4 })
  })

  test('a detector that throws leaves one screening-failed and releases no more', () => {
    const session = combineSessions([
      scripted('a', { findings: [], safeUpTo: 3 }, fail),
      scripted(
        'b',
        { findings: [], safeUpTo: 4 },
        { findings: [finding(5)], safeUpTo: 8 },
        { findings: [], safeUpTo: 9 },
        { findings: [], safeUpTo: 9 },
      ),
    ])
    assert.equal(session.push('text').safeUpTo, 3)
    const late = session.push('text')
    assert.deepEqual(signals(late), [`${screeningFailed} a@1`, 'seen x@1'])
    assert.equal(late.safeUpTo, 3)
    assert.deepEqual(session.push('x'), { findings: [], safeUpTo: 3 })
    assert.deepEqual(session.end(), { findings: [], safeUpTo: 3 })
  })

  test('a detector that cannot be opened leaves screening-failed and releases nothing', () => {
    const session = combineSessions([{ ...scripted('a'), open: fail }])
    const judgement = session.push('text')
    assert.deepEqual([...signals(judgement), judgement.safeUpTo], [`${screeningFailed} a@1`, 0])
  })

  test('a detector that fails at the end never lets the rest go', () => {
    const session = combineSessions([scripted('a', { findings: [], safeUpTo: 1 }, fail)])
    session.push('text')
    const judgement = session.end()
    assert.deepEqual([...signals(judgement), judgement.safeUpTo], [`${screeningFailed} a@1`, 1])
  })

  for (const [name, safeUpTo] of [
    ['falls', 1],
    ['passes the text', 99],
    ['is no number', NaN],
  ] as const) {
    test(`a detector whose safeUpTo ${name} counts as failed`, () => {
      const session = combineSessions([
        scripted('a', { findings: [], safeUpTo: 2 }, { findings: [], safeUpTo }),
      ])
      session.push('text')
      const judgement = session.push('text')
      assert.deepEqual([...signals(judgement), judgement.safeUpTo], [`${screeningFailed} a@1`, 2])
    })
  }

  test('without detectors all is safe', () => {
    assert.deepEqual(combineSessions([]).push('text'), { findings: [], safeUpTo: 4 })
  })
})
