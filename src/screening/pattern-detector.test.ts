import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { InvariantError } from '../base/index.ts'
import { createPatternDetector } from './pattern-detector.ts'
import { near, phrases } from './pattern.ts'
import { builtInPatterns } from './patterns/index.ts'

const herons = createPatternDetector([{ signal: 'nest', patterns: [near(20, 'grey heron', 'nest')] }])

function safeAfter(...pieces: readonly string[]): number {
  const session = herons.open()
  return pieces.map((piece) => session.push(piece).safeUpTo).at(-1) ?? 0
}

describe('safeUpTo of the pattern detector', () => {
  const rows: readonly (readonly [string, string, number])[] = [
    ['text without any beginning of a term', 'lorem ipsum', 11],
    ['the beginning of a term', 'lorem gre', 6],
    ['the beginning of a term with blanks behind it', 'lorem grey  ', 6],
    ['a word that no term goes on with', 'lorem greyx', 11],
    ['the middle of a word', 'lorem xgrey', 11],
    ['a blank', 'lorem ', 6],
    ['a term whose window is open', 'lorem grey heron ipsum', 6],
    ['a term at the edge of its window', 'lorem grey heron ipsum dol', 6],
    ['a term beyond its window', 'lorem grey heron ipsum dolo', 27],
    ['a term spent in a finding', 'grey heron nest ', 16],
    ['the term that began last', 'nest lorem ipsum nest', 17],
    ['a high surrogate', 'lorem \ud835', 6],
    ['a mark after a term', 'lorem grey heron\u0301', 6],
    ['a hidden beginning of a term', 'lorem \u{e0067}ipsum', 6],
  ]
  for (const [name, text, expected] of rows) {
    test(`stands right after ${name}`, () => assert.equal(safeAfter(text), expected))
    test(`is the same for ${name} in single units`, () =>
      assert.equal(safeAfter(...text.split('')), expected))
  }

  test('is the length of the text after the end', () => {
    const session = herons.open()
    session.push('grey heron \ud835')
    assert.deepEqual(session.end(), { findings: [], safeUpTo: 12 })
    assert.deepEqual(session.end(), { findings: [], safeUpTo: 12 })
  })
})

describe('createPatternDetector', () => {
  test('gives the place of a finding in the text as it was pushed', () => {
    const session = herons.open()
    assert.deepEqual(session.push('\u{1f426} A NEST of gr\u00ade').findings, [])
    const { findings } = session.push('y\u200b \u{1d421}eron!')
    assert.deepEqual(findings, [
      {
        signal: 'nest',
        score: 1,
        view: 'normalised',
        start: 5,
        end: 26,
        detector: `patterns@${herons.version}`,
      },
    ])
  })

  test('says that a finding was hidden', () => {
    const text = Array.from('grey heron nest.', (char) =>
      String.fromCodePoint(0xe0000 + char.charCodeAt(0)),
    ).join('')
    assert.deepEqual(
      herons
        .open()
        .push(`Hello${text}`)
        .findings.map(({ view, start }) => [view, start]),
      [['hidden', 5]],
    )
  })

  test('gives the finding as soon as its last word has ended', () => {
    const session = herons.open()
    assert.equal(session.push('nest of grey heron').findings.length, 0)
    assert.equal(session.push('.').findings.length, 1)
  })

  test('takes no text after the end', () => {
    const session = herons.open()
    session.end()
    assert.throws(() => session.push('x'), InvariantError)
  })

  test('has another version when anything that it listens for changes', () => {
    const versions = [
      createPatternDetector([{ signal: 'a', patterns: [phrases('heron')] }]),
      createPatternDetector([{ signal: 'a', patterns: [phrases('herons')] }]),
      createPatternDetector([{ signal: 'b', patterns: [phrases('heron')] }]),
      createPatternDetector([{ signal: 'a', patterns: [near(10, 'heron')] }]),
    ].map(({ version }) => version)
    assert.equal(new Set(versions).size, versions.length)
    assert.equal(createPatternDetector([{ signal: 'a', patterns: [phrases('heron')] }]).version, versions[0])
  })
})

describe('the work of a session', () => {
  const detector = createPatternDetector(builtInPatterns)
  const steps = (text: string, pieces = 1): number => {
    const session = detector.open()
    const size = Math.ceil(text.length / pieces)
    for (let at = 0; at < text.length; at += size) session.push(text.slice(at, at + size))
    session.end()
    return session.steps
  }
  const hostile: Readonly<Record<string, string>> = {
    'one letter': 'a'.repeat(40),
    'words of many groups': 'all people track person every design build plan list ',
    'half of many patterns': 'identify citizens select target strike automatically decide ',
    'nested terms': 'without human without a human without any human without ',
    'words without end': 'without human in the loop without human in the loop ',
    'expanding characters': '\ufdfa',
  }

  for (const [name, piece] of Object.entries(hostile)) {
    test(`grows with the text and no faster: ${name}`, () => {
      const [short, long] = [steps(piece.repeat(200)), steps(piece.repeat(2_000))]
      assert.ok(long <= 10.5 * short, `${long} steps for ten times the text that took ${short}`)
      assert.ok(long <= 40 * piece.length * 2_000, `${long / piece.length / 2_000} steps per character`)
    })
  }

  test('is the same however the text is cut', () => {
    const text = Object.values(hostile).join(' ').repeat(20)
    assert.equal(steps(text, 700), steps(text))
  })

  test('does not grow by characters that are dropped', () => {
    const flood = '\u0301\u200b\u202e\u{e0101}'.repeat(50_000)
    assert.ok(steps(`track ${flood} every citizen`) < steps('track  every citizen') + 70_000)
    fc.assert(
      fc.property(fc.constantFrom('\u0301', '\u200b', '\u00ad', '\u202e', '\u2064'), (char) => {
        assert.equal(steps(`every${char.repeat(10_000)} citizen`), steps('every citizen'))
      }),
    )
  })
})
