import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findingsOf } from '../detector-contract.ts'
import { createPatternDetector } from '../pattern-detector.ts'
import { examples, knownMisses, ordinaryWork } from './sample-requests.ts'
import { builtInPatterns, builtInSignals } from './index.ts'

const detector = createPatternDetector(builtInPatterns)
const signalsOf = (text: string): string[] => [
  ...new Set(findingsOf(detector, [text]).map(({ signal }) => signal)),
]

/** Ways to write a text so that readers see the same and a plain search does not. */
const evasions: Readonly<Record<string, (text: string) => string>> = {
  fullwidth: (text) => mapChars(text, (code) => (code > 0x20 && code < 0x7f ? code + 0xfee0 : code)),
  'Cyrillic look-alikes': (text) => swap(text, 'aceopsxyi', 'асеорѕхуі'),
  'Greek look-alikes': (text) => swap(text, 'aovi', 'αονι'),
  mathematical: (text) =>
    mapChars(text, (code) => (code >= 0x61 && code <= 0x7a ? 0x1d41a + code - 0x61 : code)),
  'zero width': (text) => text.split('').join('\u200b'),
  'tag characters between': (text) => text.split('').join('\u{e0061}'),
  'hidden in tag characters': (text) => `Hello.${mapChars(ascii(text), (code) => 0xe0000 + code)}`,
  'hidden in variation selectors': (text) => `Hello.${mapChars(ascii(text), (code) => 0xe0100 + code - 16)}`,
  'combining marks': (text) => text.split('').join('\u0335'),
  'bidi controls': (text) => text.replaceAll(' ', ' \u202a').replaceAll('e', 'e\u2069'),
  'soft hyphens': (text) => text.split('').join('\u00ad'),
  'random case and blanks': (text) => text.replaceAll('a', 'A').replaceAll(' ', '  \n\t'),
  mixed: (text) => swap(text, 'ao', 'аο').split('').join('\u200c\u0301').toUpperCase(),
}

function mapChars(text: string, change: (code: number) => number): string {
  return Array.from(text, (char) => String.fromCodePoint(change(char.codePointAt(0) ?? 0))).join('')
}

function ascii(text: string): string {
  return text.normalize('NFKD').replace(/[^ -~]/g, '')
}

function swap(text: string, from: string, to: string): string {
  return mapChars(text, (code) => to.codePointAt(from.indexOf(String.fromCodePoint(code))) ?? code)
}

describe('built-in patterns', () => {
  test('every signal has examples, eight of each kind at least', () => {
    assert.deepEqual(Object.keys(examples).sort(), [...builtInSignals].sort())
    for (const { violating, benign } of Object.values(examples)) {
      assert.ok(violating.length >= 8 && benign.length >= 8)
    }
  })

  test('nothing is raised for ordinary work', () => {
    for (const text of ordinaryWork) assert.deepEqual(signalsOf(text), [], text)
  })

  test('the known misses are still missed', () => {
    for (const [signal, text] of Object.entries(knownMisses))
      assert.ok(!signalsOf(text).includes(signal), text)
  })

  for (const [signal, { violating, benign }] of Object.entries(examples)) {
    test(`${signal} is raised for each violating request`, () => {
      for (const text of violating) assert.ok(signalsOf(text).includes(signal), text)
    })

    test(`nothing is raised for the benign twins of ${signal}`, () => {
      for (const text of benign) assert.deepEqual(signalsOf(text), [], text)
    })

    test(`${signal} is raised under every evasion`, () => {
      for (const [name, evade] of Object.entries(evasions)) {
        for (const text of violating) assert.ok(signalsOf(evade(text)).includes(signal), `${name}: ${text}`)
      }
    })
  }
})
