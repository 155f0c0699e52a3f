import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, parseJson } from './index.ts'
import type { Json } from './index.ts'

/** RFC 8785 appendix B: the bits of a double and its form. */
const numbers: readonly (readonly [bits: string, form: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
]

test('canonicalJson writes the numbers of RFC 8785', () => {
  for (const [bits, form] of numbers) {
    assert.equal(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE(0)), form)
  }
})

test('canonicalJson writes the object of RFC 8785 section 3.2', () => {
  const value = parseJson(
    '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],' +
      '"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}',
  )
  assert.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('canonicalJson sorts members by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
  const value = parseJson(
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
      '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  )
  assert.deepEqual(
    [...canonicalJson(value).matchAll(/:"([^"]*)"/g)].map((match) => match[1]),
    [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ],
  )
})

test('canonicalJson leaves out what is undefined and keeps what is null', () => {
  assert.equal(canonicalJson({ b: undefined, a: null }), '{"a":null}')
})

test('canonicalJson refuses what has no canonical form', () => {
  for (const value of [
    NaN,
    Infinity,
    -Infinity,
    '\ud800',
    ['\udc00'],
    { '\ud800': 1 },
    { a: [{ b: NaN }] },
  ]) {
    assert.throws(() => canonicalJson(value), { code: 'CANONICAL_JSON' })
  }
})

const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }) as fc.Arbitrary<Json>

/** The same value with the members of each object in another order. */
function turned(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(turned)
  const members = Object.entries(value as Record<string, Json>).map(
    ([key, member]) => [key, turned(member)] as const,
  )
  return Object.fromEntries(members.reverse())
}

test('canonicalJson is the same for any order of members, and one more round changes nothing', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(turned(value)), text)
      assert.equal(canonicalJson(parseJson(text)), text)
    }),
    { numRuns: 500 },
  )
})

test('canonicalJson of two values is the same only if they are', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const same = canonicalJson(a) === canonicalJson(b)
      const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value))
      if (same) assert.deepEqual(plain(a), plain(b))
      else assert.notDeepEqual(plain(a), plain(b))
    }),
  )
})
