import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cut } from './detector-contract.ts'
import { lookAlikes } from './look-alikes.ts'
import { Normaliser, normalise } from './normaliser.ts'
import type { CharRun } from './normaliser.ts'

type Call = readonly [char: string, start: number, end: number]

function read(pieces: readonly string[]): { visible: Call[]; hidden: Call[] } {
  const calls = { visible: [] as Call[], hidden: [] as Call[] }
  const sink = (to: Call[]) => ({
    take: ({ codes, starts, ends, length }: CharRun) => {
      for (let i = 0; i < length; i++) to.push([String.fromCodePoint(codes[i]!), starts[i]!, ends[i]!])
    },
  })
  const normaliser = new Normaliser(sink(calls.visible), sink(calls.hidden))
  for (const piece of pieces) normaliser.push(piece)
  normaliser.end()
  return calls
}

const cases: readonly (readonly [string, string, string])[] = [
  ['lower case', 'WaTcH', 'watch'],
  ['fullwidth', 'ｗａｔｃｈ', 'watch'],
  ['mathematical', '\u{1d430}\u{1d41a}\u{1d42d}\u{1d41c}\u{1d421}', 'watch'],
  ['Cyrillic look-alikes', 'w\u0430t\u0441\u04bb', 'watch'],
  ['Cyrillic capitals', '\u0410\u0412\u0421', 'abc'],
  ['Greek look-alikes', 'w\u03b1tch', 'watch'],
  ['Greek capitals', '\u0397\u0395\u039d', 'hen'],
  ['combining marks', 'w\u0301a\u0336t\u0489ch', 'watch'],
  ['accents', 'équipe naïve', 'equipe naive'],
  ['zero width', 'w\u200ba\u200dt\u2060c\ufeffh', 'watch'],
  ['bidi controls', '\u202ewatch\u202c \u2066x\u2069', 'watch x'],
  ['soft hyphens', 'wa\u00adtch', 'watch'],
  ['variation selectors', 'w\ufe0fatch\u{e0101}', 'watch'],
  ['tag characters', 'wa\u{e0041}tch', 'watch'],
  ['control characters', 'wa\u0008tch\u0000', 'watch'],
  ['Lisu', 'ꓔꓣꓮꓚꓗ ꓟꓳꓦꓰꓟꓰꓠꓔꓢ', 'track movements'],
  ['Cherokee small letters', 'ꭲꭱꭺꮯꮶ ꮯꭵꭲꭵꮓꭼn', 'track citizen'],
  ['Deseret', '𐐬𐐄 𐐽𐐕', 'oo cc'],
  ['Coptic', 'ⲧⲣⲁⲥⲕ ⲙⲟⲓⲉ Ⲥ', 'tpack moie c'],
  ['phonetic letters', 'cɪtɪzɘn ɑ ʍ', 'citizen a m'],
  ['Canadian syllabics', 'ᗪᖇᗅᗷ', 'drab'],
  ['zeros of India', 'm୦ve০', 'moveo'],
  ['small capitals', 'ᴡᴀᴛᴄʜ', 'watch'],
  ['circled', 'ⓦⓐⓣⓒⓗ', 'watch'],
  ['parenthesised', '⒲⒜⒯⒞⒣', 'watch'],
  ['negative squared', '\u{1f186}\u{1f170}\u{1f183}\u{1f172}\u{1f177}', 'watch'],
  ['regional letters', '\u{1f1fc}\u{1f1e6}\u{1f1f9}', 'wat'],
  ['superscripts', 'ʷᵃᵗᶜʰ', 'watch'],
  ['ligatures', 'ﬁle œuvre Straße', 'file oeuvre strasse'],
  ['strokes and hooks', 'wøɾɗ', 'word'],
  ['punctuation and blanks', '  one,\t-- two…\r\nthree. ', 'one two three'],
  ['scripts without blanks', '全民監視x', '全 民 監 視 x'],
  ['Russian keeps a reading', 'Я', 'я'],
  ['lone surrogates', 'a\ud835b\udc1fc', 'a b c'],
  ['nothing', '\u200b\u0301', ''],
]

describe('normalise', () => {
  for (const [name, text, expected] of cases) {
    test(`normalise reads ${name}`, () => assert.equal(normalise(text), expected))
  }

  test('normalise leaves what it has read alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(normalise(normalise(text)), normalise(text))
      }),
    )
  })

  test('look-alikes are read as Latin letters or digits', () => {
    for (const [from, to] of lookAlikes) assert.match(to, /^[a-z3]{1,2}$/, `U+${from.toString(16)}`)
  })

  test('look-alikes are written once each', () => assert.ok(lookAlikes.size > 500))
})

describe('Normaliser', () => {
  test('any cut into pushes gives the same characters at the same places', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('\ud835', '\udc1f', 'a', ' ', '視'),
    )
    fc.assert(
      fc.property(
        fc.array(unit).map((units) => units.join('')),
        fc.array(fc.nat({ max: 60 })),
        (text, at) => {
          assert.deepEqual(read(cut(text, at)), read([text]))
          assert.deepEqual(read(text.split('')), read([text]))
        },
      ),
    )
  })

  test('places are those of the character in the text', () => {
    assert.deepEqual(read(['a\u{1d41b}ﬁ\u0301, z']).visible, [
      ['a', 0, 1],
      ['b', 1, 3],
      ['f', 3, 4],
      ['i', 3, 4],
      [' ', 5, 6],
      ['z', 7, 8],
      [' ', 8, 8],
    ])
  })

  test('places rise and stay inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let before = 0
        for (const [, start, end] of read([text]).visible) {
          assert.ok(start >= before && end >= start && end <= text.length)
          before = start
        }
      }),
    )
  })

  test('tag characters and variation selectors are read on their own', () => {
    const tags = Array.from('Hide me!', (char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('')
    const selectors = Array.from('so', (char) =>
      String.fromCodePoint(0xe0100 + char.charCodeAt(0) - 16),
    ).join('')
    const { visible, hidden } = read([`x${tags}y${selectors}`])
    assert.equal(visible.map(([char]) => char).join(''), 'xy ')
    assert.equal(hidden.map(([char]) => char).join(''), 'hide me so ')
  })
})
