import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isErrorCode } from '../base/index.ts'
import { findingsOf } from './detector-contract.ts'
import { createPatternDetector } from './pattern-detector.ts'
import { near, patternOfPhrase, phrases } from './pattern.ts'
import type { Pattern } from './pattern.ts'

function found(pattern: Pattern, text: string): string[] {
  const detector = createPatternDetector([{ signal: 'sought', patterns: [pattern] }])
  return findingsOf(detector, [text]).map(({ start, end }) => text.slice(start, end))
}

const rows: readonly (readonly [string, Pattern, string, readonly string[]])[] = [
  ['a word', phrases('heron'), 'A heron, herons.', ['heron']],
  ['no part of a word', phrases('her'), 'heron other there', []],
  ['a stem', phrases('heron*'), 'Herons and heronries', ['Heron', 'heron']],
  ['endings', phrases('heron/s/ry'), 'heron herons heronry heronries', ['heron', 'herons', 'heronry']],
  [
    'endings inside a term',
    phrases('grey/s heron/s'),
    'grey herons, greys heron',
    ['grey herons', 'greys heron'],
  ],
  [
    'words of a term over punctuation',
    phrases('grey heron'),
    'grey-heron and grey:\n "heron"',
    ['grey-heron', 'grey:\n "heron'],
  ],
  ['an apostrophe as a blank', phrases('heron s nest'), 'the heron’s nest', ['heron’s nest']],
  ['accents either way', phrases('héron'), 'un heron, un héron', ['heron', 'héron']],
  ['groups in any order', near(20, 'heron/s', 'nest'), 'nest of herons', ['nest of herons']],
  ['groups at the edge of the window', near(14, 'herons', 'nest'), 'nest of herons', ['nest of herons']],
  ['no groups beyond the window', near(13, 'herons', 'nest'), 'nest of herons', []],
  [
    'the window in normalised characters',
    near(12, 'heron', 'nest'),
    'heron  -\u200b --  nest',
    ['heron  -\u200b --  nest'],
  ],
  ['the closest words', near(40, 'heron', 'nest'), 'heron heron nest', ['heron nest']],
  ['each pair once', near(40, 'heron', 'nest'), 'heron nest nest heron', ['heron nest', 'nest heron']],
  [
    'a longer word that begins earlier',
    near(12, 'grey heron, heron', 'nest'),
    'grey heron x nest',
    ['heron x nest'],
  ],
]

describe('patterns', () => {
  for (const [name, pattern, text, expected] of rows) {
    test(`a pattern takes ${name}`, () => assert.deepEqual(found(pattern, text), expected))
  }

  test('one term may stand for two groups', () => {
    assert.deepEqual(found(near(40, 'heron', 'heron, nest'), 'heron'), ['heron'])
  })

  test('two patterns of a signal over the same words make one finding', () => {
    const detector = createPatternDetector([
      { signal: 'sought', patterns: [phrases('heron*'), phrases('heron')] },
    ])
    assert.equal(findingsOf(detector, ['heron']).length, 1)
    assert.equal(findingsOf(detector, ['heron', ' ']).length, 1)
  })

  test('a pattern stops after 32 findings', () => {
    assert.equal(found(phrases('heron'), 'heron '.repeat(100)).length, 32)
  })
})

describe('patternOfPhrase', () => {
  test('takes a phrase word for word, commas and slashes included', () => {
    assert.deepEqual(found(patternOfPhrase('Grey heron, day/night'), 'the grey heron day night'), [
      'grey heron day night',
    ])
    assert.deepEqual(found(patternOfPhrase('Grey heron, day/night'), 'grey heron daynight'), [])
  })

  test('takes a star after the last word as any ending, and no other star', () => {
    assert.deepEqual(found(patternOfPhrase('grey her*'), 'grey heron'), ['grey her'])
    assert.deepEqual(found(patternOfPhrase('grey her *'), 'grey heron'), [])
    assert.deepEqual(found(patternOfPhrase('*grey* heron'), 'greys heron'), [])
  })

  test('takes scripts that are written without blanks', () => {
    assert.deepEqual(found(patternOfPhrase('蒼鷺'), '一只蒼鷺飛'), ['蒼鷺'])
  })

  for (const phrase of ['', ' \t', '...', '\u200b\u0301', '*', 'x'.repeat(401)]) {
    test(`refuses a phrase that no text can hold: ${JSON.stringify(phrase.slice(0, 8))}`, () => {
      assert.throws(
        () => patternOfPhrase(phrase),
        (thrown) => isErrorCode(thrown, 'SCREENING_PHRASE'),
      )
    })
  }
})
