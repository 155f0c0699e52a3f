import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonError, parseJson } from './index.ts'

const refused: readonly (readonly [name: string, text: string, code: string])[] = [
  ['nothing', '', 'JSON_INVALID'],
  ['two values', '1 2', 'JSON_INVALID'],
  ['a trailing comma', '[1,]', 'JSON_INVALID'],
  ['a comment', '{}//', 'JSON_INVALID'],
  ['NaN', 'NaN', 'JSON_INVALID'],
  ['a byte order mark', '\ufeff{}', 'JSON_INVALID'],
  ['a member named twice', '{"a":1,"a":1}', 'JSON_DUPLICATE_KEY'],
  ['a member named twice, once escaped', '{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_KEY'],
  ['a member named twice, both escaped', '{"\\u0061\\n":1,"\\u0061\\u000a":2}', 'JSON_DUPLICATE_KEY'],
  ['an empty name twice', '{"":1,"":2}', 'JSON_DUPLICATE_KEY'],
  ['a member named twice deep inside', '[{"x":[{"a":{},"b":[],"a":0}]}]', 'JSON_DUPLICATE_KEY'],
  ['a member named twice with others between', '{"a":{"a":1},"b":"a","a":2}', 'JSON_DUPLICATE_KEY'],
  ['`__proto__` twice', '{"__proto__":1,"__proto__":2}', 'JSON_DUPLICATE_KEY'],
  ['a lone high surrogate, escaped', '"\\ud800"', 'JSON_INVALID'],
  ['a lone low surrogate, escaped', '["\\udc00x"]', 'JSON_INVALID'],
  ['a lone surrogate in a name', '{"\\ud800":1}', 'JSON_INVALID'],
  ['a lone surrogate, unescaped', '"\ud800"', 'JSON_INVALID'],
  ['surrogates in the wrong order', '"\\udc00\\ud800"', 'JSON_INVALID'],
  ['a number beyond the range', '1e309', 'JSON_INVALID'],
  ['a negative number beyond the range', '[-1E+400]', 'JSON_INVALID'],
  ['a number of too many digits', `{"a":${'9'.repeat(400)}}`, 'JSON_INVALID'],
  ['too deep a list', `${'['.repeat(33)}${']'.repeat(33)}`, 'JSON_TOO_DEEP'],
  ['too deep an object', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'JSON_TOO_DEEP'],
]

for (const [name, text, code] of refused) {
  test(`parseJson refuses ${name}`, () => {
    assert.throws(
      () => parseJson(text),
      (error: unknown) => error instanceof JsonError && error.code === code,
    )
  })
}

test('parseJson takes what only looks wrong', () => {
  for (const text of [
    '{"a":{"a":1},"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"]}',
    '"\\ud83d\\ude00"',
    '"😀"',
    '"\\\\ud800"',
    '"{\\"a\\":1,\\"a\\":2}"',
    '{"\\"":1,"\\\\":2}',
    '"["',
    '[1e308,-1.5E-400,0e999999,123456789012345678901234567890]',
    '"1e999"',
    '{"1e999":true,"e":false}',
    `${'['.repeat(32)}${']'.repeat(32)}`,
    ' { } ',
  ]) {
    assert.deepEqual(parseJson(text), JSON.parse(text))
    assert.deepEqual(parseJson(Buffer.from(text)), JSON.parse(text))
  }
})

test('parseJson keeps `__proto__` as a member and changes no prototype', () => {
  const value = parseJson('{"__proto__":{"polluted":true}}') as object
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.ok(Object.hasOwn(value, '__proto__'))
  assert.equal((value as { polluted?: boolean }).polluted, undefined)
})

test('parseJson refuses bytes that are not UTF-8', () => {
  for (const bytes of [
    [0xff],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf0, 0x9f, 0x22],
  ]) {
    assert.throws(() => parseJson(Uint8Array.from(bytes)), { code: 'JSON_INVALID' })
  }
  assert.throws(() => parseJson(Buffer.from('\ufeff{}')), { code: 'JSON_INVALID' })
})

test('parseJson honours depthMax and does not repeat the text in its message', () => {
  assert.deepEqual(parseJson('[[1]]', { depthMax: 2 }), [[1]])
  assert.throws(() => parseJson('[[1]]', { depthMax: 1 }), { code: 'JSON_TOO_DEEP' })
  assert.throws(
    () => parseJson('{"confidential":1,"confidential":2}'),
    (error: unknown) => error instanceof JsonError && !error.message.includes('confidential'),
  )
})

test('parseJson copes with a large text in time that grows with its length', () => {
  const members = Array.from({ length: 100_000 }, (_, index) => `"k${index}":[${index},"\\u00e9"]`)
  const text = `{${members.join(',')}}`
  assert.deepEqual(parseJson(text), JSON.parse(text))
  assert.throws(() => parseJson(`${'['.repeat(500_000)}${']'.repeat(500_000)}`), JsonError)
})

test('parseJson reads every JSON text without such faults as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat({ max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      assert.deepEqual(parseJson(text), JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('parseJson of any text gives what JSON.parse gives, or its own error', () => {
  const fragment = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0061',
    '\\ud800',
    'a',
    '1',
    'e',
    '-',
    ' ',
    '1e999',
    '"a"',
    '"a":',
    'null',
    'true',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        assert.deepEqual(parseJson(text), JSON.parse(text))
      } catch (error) {
        assert.ok(error instanceof JsonError)
      }
    }),
    { numRuns: 5000 },
  )
})

test('parseJson refuses brackets without end before it parses them, and a text that is not closed', () => {
  assert.throws(() => parseJson('['.repeat(100_000)), { code: 'JSON_TOO_DEEP' })
  assert.throws(() => parseJson('{"a'), { code: 'JSON_INVALID' })
  assert.throws(() => parseJson('"a\\'), { code: 'JSON_INVALID' })
})
