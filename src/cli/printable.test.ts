import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printableBlock, printableLine } from './printable.ts'

const hidden = [
  '\u001b[2J',
  '\u0000',
  '\r',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u2028',
  '\u{e0041}',
]

test('printableBlock shows every character that would act on the terminal or hide', () => {
  for (const text of hidden) {
    const shown = printableBlock(`a${text}b`)
    assert.match(shown, /^a\\u\{[0-9A-F]{4,6}\}.*b$/)
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u)
  }
})

test('printableBlock leaves letters of every script and line feeds as they are, printableLine no line feed', () => {
  const text = 'Übermorgen, завтра, 明日, غدا\nnext'
  assert.equal(printableBlock(text), text)
  assert.equal(printableLine('a\nb'), 'a\\u{000A}b')
})
