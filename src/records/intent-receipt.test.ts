/** The header by which an agency's gate shows its intent: what is true passes, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, demoKey, digestOf, parseJson, signerFromKey, utf8 } from '../base/index.ts'
import type { Json, JsonObject } from '../base/index.ts'
import { formatLeaf } from '../ledger/index.ts'
import {
  IntentReceiptError,
  intentReceiptCharsMax,
  openIntentReceipt,
  verifyIntentReceipt,
} from './intent-receipt.ts'
import { sampleBody, sampleIntent, sampleLog, sampleText, sampleTime } from './sample-intent.ts'

const good = await sampleIntent()
const other = await sampleIntent({ index: 8, route: 'rehearsed' })

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')
const shownOf = ([, , , shown]: readonly string[]): JsonObject[] =>
  parseJson(Buffer.from(shown ?? '', 'base64url')) as JsonObject[]
const withShown = (shown: Json): string =>
  [...good.parts.slice(0, 3), base64url(canonicalJson(shown))].join('.')
/** The header with one member of one disclosure replaced. */
const withMember = (at: number, member: JsonObject): string =>
  withShown(shownOf(good.parts).map((one, i) => (i === at ? { ...one, ...member } : one)))

test('verifyIntentReceipt tells what the intent says, and no more', () => {
  const intent = verifyIntentReceipt(good.header, sampleLog, sampleBody)
  const { leafHash, receipt, ...said } = intent
  assert.equal(leafHash.length, 32)
  assert.equal(receipt, good.parts.slice(0, 2).join('.'))
  assert.deepEqual(said, {
    index: 7,
    time: sampleTime,
    exchange: 'ex_7',
    agreement: 1,
    text: sampleText,
    provider: 'meridian',
    route: 'general',
    request: digestOf(sampleBody),
  })
  assert.ok(good.header.length < 3_000, `${good.header.length} characters`)
})

const stranger = signerFromKey(demoKey('a stranger'))
const leafOf = (bytes: Uint8Array): JsonObject => parseJson(bytes) as JsonObject
const withLeaf = (entry: Uint8Array): string =>
  [good.parts[0], good.parts[1], base64url(entry), good.parts[3]].join('.')

const falseOnes: Readonly<Record<string, string>> = {
  'no text': '',
  garbage: 'garbage',
  'three parts': good.parts.slice(0, 3).join('.'),
  'five parts': `${good.header}.AAAA`,
  'an empty part': [...good.parts.slice(0, 3), ''].join('.'),
  'base64 with padding': `${good.header}=`,
  'more than the longest': 'A'.repeat(intentReceiptCharsMax + 1),
  'a receipt of another key under the same name': (await sampleIntent({ signer: stranger })).header,
  'a receipt of another log': (await sampleIntent({ origin: 'elsewhere.example/log' })).header,
  'a signature of another receipt': [good.parts[0], other.parts[1], good.parts[2], good.parts[3]].join('.'),
  'the leaf of another entry': withLeaf(other.entry),
  'a leaf altered in one member': withLeaf(
    utf8(canonicalJson({ ...leafOf(good.entry), provider: 'borealis' })),
  ),
  'a leaf that is no leaf': withLeaf(utf8('{}')),
  'an intent that gives out a held answer': (await sampleIntent({ leaf: { stage: 'answer' } })).header,
  'a refusal': (
    await sampleIntent({ leaf: { kind: 'refusal', decision: 'deny' } as unknown as { stage: 'request' } })
  ).header,
  'a leaf that stands elsewhere by its own word': (await sampleIntent({ leaf: { seq: 9 } })).header,
  'a leaf of another time by its own word': (await sampleIntent({ leaf: { time: 1 } })).header,
  'no disclosures': withShown([]),
  'one disclosure': withShown(shownOf(good.parts).slice(0, 1)),
  'disclosures in another order': withShown(shownOf(good.parts).toReversed()),
  'a third disclosure': withShown([...shownOf(good.parts), shownOf(good.parts)[0] ?? {}]),
  'a disclosure of another field': withMember(1, { field: 'caller' }),
  'a disclosure of a field that is none': withMember(1, { field: 'nothing' }),
  'a disclosure with a member too many': withMember(1, { more: 1 }),
  'a short salt': withMember(0, { salt: 'AAAA' }),
  'a path that is no list': withMember(0, { path: 'AAAA' }),
  'half a character': [
    ...good.parts.slice(0, 3),
    base64url(canonicalJson(shownOf(good.parts)).replace('general', '\\ud800')),
  ].join('.'),
  'disclosures that are not canonical': [
    ...good.parts.slice(0, 3),
    base64url(` ${canonicalJson(shownOf(good.parts))}`),
  ].join('.'),
  'disclosures nested deep': [...good.parts.slice(0, 3), base64url('['.repeat(4000))].join('.'),
}

const otherShown = shownOf(other.parts)
const alteredOnes: Readonly<Record<string, string>> = {
  'another route': withMember(1, { value: 'rehearsed' }),
  'an empty route': withMember(1, { value: '' }),
  'another digest of the request': withMember(0, { value: digestOf('another') }),
  'a wrong salt': withMember(1, { salt: otherShown[1]?.['salt'] ?? '' }),
  'the path of another field': withMember(1, { path: shownOf(good.parts)[0]?.['path'] ?? [] }),
  'a path too short': withMember(1, { path: [] }),
  'disclosures of another intent': withShown(otherShown),
}

for (const [code, headers] of [
  ['INTENT_FALSE', falseOnes],
  ['INTENT_ALTERED', alteredOnes],
] as const) {
  for (const [name, header] of Object.entries(headers)) {
    test(`verifyIntentReceipt refuses ${name} as ${code}`, () => {
      assert.throws(
        () => verifyIntentReceipt(header, sampleLog, sampleBody),
        (error: unknown) => {
          assert.ok(error instanceof IntentReceiptError, String(error))
          assert.equal(error.code, code, error.message)
          // Only an index that the log truly signed is repeated.
          assert.equal(error.intent, code === 'INTENT_FALSE' ? null : 7)
          return true
        },
      )
    })
  }
}

test('verifyIntentReceipt refuses a body that differs by one byte, anywhere', () => {
  fc.assert(
    fc.property(fc.nat(sampleBody.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const body = Uint8Array.from(sampleBody, (byte, i) => (i === at ? byte ^ by : byte))
      assert.throws(() => verifyIntentReceipt(good.header, sampleLog, body), { code: 'INTENT_ALTERED' })
    }),
  )
  for (const body of [sampleBody.subarray(1), Buffer.concat([sampleBody, utf8(' ')]), utf8('')]) {
    assert.throws(() => verifyIntentReceipt(good.header, sampleLog, body), { code: 'INTENT_ALTERED' })
  }
})

test('openIntentReceipt refuses a header with any one character replaced', () => {
  fc.assert(
    fc.property(fc.nat(good.header.length - 1), fc.constantFrom('A', 'b', '0', '_', '.'), (at, character) => {
      fc.pre(good.header[at] !== character)
      const header = good.header.slice(0, at) + character + good.header.slice(at + 1)
      assert.throws(() => openIntentReceipt(header, sampleLog), IntentReceiptError)
    }),
  )
})

test('openIntentReceipt answers any text with its own error', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      assert.throws(() => openIntentReceipt(text, sampleLog), IntentReceiptError)
    }),
  )
})

test('the leaf in the header is the entry byte for byte', () => {
  const leaf = { ...leafOf(good.entry) }
  assert.deepEqual(Buffer.from(good.parts[2], 'base64url'), Buffer.from(formatLeaf(leaf as never)))
})
