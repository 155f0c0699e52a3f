import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalJson,
  demoKey,
  isErrorCode,
  newPrivateKey,
  signEnvelope,
  signerFromKey,
} from '../base/index.ts'
import type { Envelope, Signer } from '../base/index.ts'
import type { Agreement } from './agreement.ts'
import { orderPayloadType, parseOrder, signOrder, verifyOrder } from './order.ts'
import type { Order } from './order.ts'
import { reasonDigest } from './party-statement.ts'
import { requireAgreement, sampleText } from './sample-agreement.ts'
import { joinEnvelopes, signStatement } from './signatures.ts'
import { statementOf } from './statement.ts'

const newSigner = (): Signer => signerFromKey(newPrivateKey())
const [agencyA, agencyB, provider, stranger] = [newSigner(), newSigner(), newSigner(), newSigner()]
const base64 = ({ publicKey }: Signer): string => Buffer.from(publicKey).toString('base64')

function agreementOf({ id = 'sample', title = 'A sample' } = {}): Agreement {
  return requireAgreement(
    sampleText({
      id,
      agencyKeys: [agencyA, agencyB].map(base64),
      agencyThreshold: 2,
      providerKeys: [base64(provider)],
      lines: { title },
    }),
  )
}

const agreement = agreementOf()
const stop: Order = {
  v: 1,
  order: 'stop',
  id: 'order_1',
  agreement: agreement.schedule.id,
  text: agreement.hash,
  reason: reasonDigest('salt', 'because'),
  lifts: [],
  issued: '2026-11-20T15:00:00.000Z',
}
const resume: Order = { ...stop, order: 'resume', id: 'order_2', lifts: ['order_0', 'order_1'] }

const refuses = (code: string, run: () => unknown, what: string): void =>
  assert.throws(run, (error) => isErrorCode(error, code), what)

test('verifyOrder lets any one key of any one party stop', async () => {
  for (const [signer, party] of [
    [agencyA, 'agency'],
    [agencyB, 'agency'],
    [provider, 'provider'],
  ] as const) {
    const verified = verifyOrder(agreement, await signOrder(stop, [signer]))
    assert.deepEqual(verified, { order: stop, parties: [party], demoParties: [] })
  }
})

test('verifyOrder lets nobody stop who is no party', async () => {
  const own = (await signOrder(stop, [stranger])).signatures[0]!
  const party = (await signOrder(stop, [agencyA])).signatures[0]!
  const envelope = await signOrder(stop, [])
  const forgeries: readonly [string, Envelope['signatures']][] = [
    ['no signature', []],
    ['a stranger', [own]],
    ['a stranger under the id of a party', [{ keyid: party.keyid, sig: own.sig }]],
    ['a signature over something else', (await signOrder({ ...stop, id: 'other' }, [agencyA])).signatures],
  ]
  for (const [what, signatures] of forgeries) {
    refuses('ENVELOPE_SIGNATURES', () => verifyOrder(agreement, { ...envelope, signatures }), what)
  }
})

test('verifyOrder lets nobody resume without the thresholds of every party', async () => {
  const everyone = await signOrder(resume, [agencyA, agencyB, provider])
  assert.deepEqual(verifyOrder(agreement, everyone).parties, ['agency', 'provider'])
  const tooFew: readonly (readonly Signer[])[] = [
    [],
    [agencyA],
    [provider],
    [agencyA, agencyB],
    [agencyA, provider],
    [agencyA, agencyA, provider],
    [agencyA, provider, stranger],
  ]
  for (const signers of tooFew) {
    const envelope = await signOrder(resume, signers)
    refuses('ENVELOPE_SIGNATURES', () => verifyOrder(agreement, envelope), `${signers.length} signers`)
  }
})

test('a resume that one party has signed is handed on and signed by the next', async () => {
  const first = await signOrder(resume, [agencyA])
  const second = joinEnvelopes(first, await signOrder(resume, [agencyB]))
  refuses('ENVELOPE_SIGNATURES', () => verifyOrder(agreement, second), 'without the provider')
  const whole = joinEnvelopes(second, await signOrder(resume, [provider]))
  assert.deepEqual(verifyOrder(agreement, whole).order, resume)
  const other = await signOrder({ ...resume, id: 'other' }, [provider])
  refuses('ENVELOPE_STATEMENT', () => joinEnvelopes(second, other), 'another order')
})

test('verifyOrder takes no order about another agreement or another text', async () => {
  const envelope = await signOrder(stop, [provider])
  for (const other of [agreementOf({ id: 'other' }), agreementOf({ title: 'Another text' })]) {
    refuses('ORDER_FALSE', () => verifyOrder(other, envelope), other.schedule.title)
  }
})

test('verifyOrder takes no signature that was made for something else', async () => {
  const activation = await signStatement(statementOf(agreement, agreement.schedule.term.from), [provider])
  refuses('ENVELOPE_TYPE', () => verifyOrder(agreement, activation), 'an activation')
  const retyped = { ...activation, payloadType: orderPayloadType }
  refuses('ORDER_FALSE', () => verifyOrder(agreement, retyped), 'an activation under another type')
  refuses('ENVELOPE_MALFORMED', () => verifyOrder(agreement, null), 'nothing')
})

test('verifyOrder names the parties whose key anyone can derive', async () => {
  const demo = requireAgreement(sampleText())
  const order = { ...stop, text: demo.hash }
  const signer = signerFromKey(demoKey('sample/provider'))
  assert.deepEqual(verifyOrder(demo, await signOrder(order, [signer])).demoParties, ['provider'])
})

const payloads: readonly (readonly [what: string, payload: string, code?: string])[] = [
  ['nothing', '', 'ENVELOPE_MALFORMED'],
  ['two of a member', '{"v":1,"v":1}', 'ENVELOPE_MALFORMED'],
  ['a list', '[]'],
  ['blanks', JSON.stringify(stop, null, 1)],
  ['members in another order', JSON.stringify(stop)],
  ['a member too many', canonicalJson({ ...stop, more: 1 })],
  ['a member that is missing', canonicalJson({ ...stop, issued: undefined })],
  ['null in the place of a text', canonicalJson({ ...stop, reason: null })],
  ['an empty id', canonicalJson({ ...stop, id: '' })],
  ['an id so long that no resume could name it', canonicalJson({ ...stop, id: 'a'.repeat(65) })],
  ['an id that a terminal obeys', canonicalJson({ ...stop, id: '\u001b[2J' })],
  ['another version', canonicalJson({ ...stop, v: 2 })],
  ['another order', canonicalJson({ ...stop, order: 'pause' })],
  ['a time that is none', canonicalJson({ ...stop, issued: 'now' })],
  ['a stop that lifts', canonicalJson({ ...stop, lifts: ['order_0'] })],
  ['a resume that lifts nothing', canonicalJson({ ...resume, lifts: [] })],
  ['one stop lifted twice', canonicalJson({ ...resume, lifts: ['order_0', 'order_0'] })],
  ['lifts that are not sorted', canonicalJson({ ...resume, lifts: ['order_1', 'order_0'] })],
  ['lifts that are no texts', canonicalJson({ ...resume, lifts: [0] })],
  [
    'too many lifts',
    canonicalJson({ ...resume, lifts: Array.from({ length: 101 }, (_, i) => `o${1000 + i}`) }),
  ],
]

for (const [what, payload, code = 'ORDER_FALSE'] of payloads) {
  test(`verifyOrder refuses ${what}, whoever signed it`, async () => {
    const envelope = await signEnvelope(orderPayloadType, Buffer.from(payload), [agencyA, agencyB, provider])
    refuses(code, () => verifyOrder(agreement, envelope), what)
  })
}

test('an order that was changed in one byte is none', async () => {
  const envelope = await signOrder(resume, [agencyA, agencyB, provider])
  const bytes = Buffer.from(envelope.payload, 'base64')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(bytes)
      changed[at] = changed[at]! ^ change
      assert.throws(() => verifyOrder(agreement, { ...envelope, payload: changed.toString('base64') }))
    }),
  )
})

test('parseOrder gives back what was signed', async () => {
  const { payload } = await signOrder(resume, [])
  assert.deepEqual(parseOrder(Buffer.from(payload, 'base64')), resume)
})

test('reasonDigest is another for another salt and for another reason', () => {
  const digests = [reasonDigest('a', 'b'), reasonDigest('a', 'c'), reasonDigest('c', 'b')]
  assert.equal(new Set(digests).size, digests.length)
})
