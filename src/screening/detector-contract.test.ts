import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Detector, DetectorSession } from './detector.ts'
import { assertSafety, testDetectorContract } from './detector-contract.ts'
import { createPatternDetector } from './pattern-detector.ts'
import { near, phrases } from './pattern.ts'
import { builtInPatterns } from './patterns/index.ts'

const small = createPatternDetector([
  {
    signal: 'pair',
    patterns: [near(14, 'red, red fox', 'old/er hen*'), near(30, 'fox, hen, owl', 'owl', 'red*')],
  },
  { signal: 'phrase', patterns: [phrases('red fox', 'ox, fox*, 監視')] },
])

testDetectorContract({
  name: 'the pattern detector with overlapping terms',
  create: () => small,
  pieces: [
    ...[
      'red',
      'fox',
      'ox',
      'hen',
      'hens',
      'old',
      'older',
      'owl',
      ' ',
      ' ',
      ' ',
      '-',
      '\n\n',
      'redder',
      '監',
      '視',
      'x',
    ],
    ...[
      '\u{1d41f}',
      'ｒｅｄ',
      'r\u0435d',
      'f\u200box',
      '\u0301',
      '\u{e0072}\u{e0065}\u{e0064}',
      '\u{e0020}',
      '\ufe0f',
    ],
    ...['\u{e0066}\u{e006f}\u{e0078}', '\ud835', '\udc1f', '\u{1f1eb}', 'ﬁ', '\u0000'],
  ],
})

testDetectorContract({
  name: 'the pattern detector of the product',
  create: () => createPatternDetector(builtInPatterns),
  pieces: [
    ...[
      'track ',
      'every ',
      'citizen ',
      'movements',
      'all',
      ' residents ',
      'of the ',
      'city',
      '. ',
      'ignore ',
      'previous ',
    ],
    ...[
      'instructions',
      'autonomous',
      ' engage targets ',
      'without human ',
      'approval',
      'score',
      ' loyalty ',
      'lorem ipsum ',
    ],
  ],
})

/** Finds `ab`, whatever dots stand between, by keeping the text: slow, but plainly right. */
function createDotted(mistake: 'none' | 'too-safe' | 'by-push'): Detector {
  const open = (): DetectorSession => {
    let text = ''
    let reported = 0
    const judge = (push: string) => {
      const from = mistake === 'by-push' ? text.length - push.length : 0
      const found = [...text.slice(from).matchAll(/a\.*b/g)].map(({ index, 0: all }) => ({
        ...{ signal: 'ab', score: 1, view: 'plain', detector: 'dotted@1' },
        ...{ start: from + index, end: from + index + all.length },
      }))
      const findings = mistake === 'by-push' ? found : found.slice(reported)
      reported = found.length
      const open = /a\.*$/.exec(text)?.index ?? text.length
      return { findings, safeUpTo: mistake === 'too-safe' ? text.length : open }
    }
    return {
      push(piece) {
        text += piece
        return judge(piece)
      },
      end: () => ({ findings: [], safeUpTo: text.length }),
    }
  }
  return { id: 'dotted', version: '1', signals: ['ab'], scope: 'part', open }
}

testDetectorContract({
  name: 'a plain fake',
  create: () => createDotted('none'),
  pieces: ['a', 'b', '.', '..', 'c'],
})

describe('the detector contract', () => {
  test('assertSafety refuses a detector that releases what it still needs', () => {
    assert.throws(() => assertSafety(createDotted('too-safe').open(), ['a.', '.b']), /said to be safe/)
    assertSafety(createDotted('none').open(), ['a.', '.b'])
  })

  test('assertSafety refuses a detector whose safeUpTo falls or passes the text', () => {
    const saying = (...values: number[]): DetectorSession => ({
      push: () => ({ findings: [], safeUpTo: values.shift() ?? 0 }),
      end: () => ({ findings: [], safeUpTo: 2 }),
    })
    assert.throws(() => assertSafety(saying(1, 0), ['x', 'y']), /falls/)
    assert.throws(() => assertSafety(saying(2, 2), ['x', 'y']), /passes/)
  })
})
