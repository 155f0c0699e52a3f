import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKeyName, signOrder } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { envelopeOf, sampleTime } from '../gateway/sample-exchange.fixture.ts'
import type { ActivatedText, RecordedOrder } from '../recorder/index.ts'
import { endChanged } from './end-changed.ts'
import { RunningExchanges } from './running-exchanges.ts'
import { buildStanding, requireSame } from './standing.ts'
import type { Standing } from './standing.ts'

async function activated(seq: number, text: string): Promise<ActivatedText> {
  return {
    seq,
    time: sampleTime,
    judgedBefore: false,
    text,
    envelope: await envelopeOf(requireAgreement(text)),
  }
}

const build = (
  activations: readonly ActivatedText[],
  now = sampleTime,
  orders: readonly RecordedOrder[] = [],
  before?: Standing,
) =>
  buildStanding(
    {
      ...{ version: 1, origin: 'example.org/log', activations, orders },
      ...{ disputes: [], announced: [], reviewers: [] },
    },
    now,
    before,
  )

const v1Text = sampleText()
const v1 = await activated(1, v1Text)
const v2 = await activated(2, sampleText({ version: 2, previous: requireAgreement(v1Text).hash }))
test('buildStanding puts the newest version of each agreement in force, with its routes', () => {
  const { agreements, routes } = build([v1, v2])
  assert.deepEqual([agreements.get('sample')?.entry, routes.get('general')?.inForce.entry], [2, 2])
})

const refused: readonly (readonly [string, readonly ActivatedText[], number?])[] = [
  ['a text that was altered', [{ ...v1, text: v1Text.replace('# A sample', '# Another sample') }]],
  ['a text that does not compile', [{ ...v1, text: 'nothing' }]],
  ['an envelope of another version', [v1, { ...v2, envelope: v1.envelope }]],
  [
    'an envelope without signatures',
    [{ ...v1, envelope: { ...(v1.envelope as Readonly<Record<string, Json>>), signatures: [] } }],
  ],
  ['no envelope', [{ ...v1, envelope: null }]],
  ['a second version without the first', [v2]],
  ['a version before its time', [v1], Date.parse('2026-02-01')],
]
for (const [name, activations, now] of refused) {
  test(`buildStanding refuses ${name}`, () =>
    assert.throws(() => build(activations, now), { code: 'STANDING_INVALID' }))
}

test('buildStanding refuses a route that two agreements claim', async () => {
  const keyOf = (role: string): string =>
    Buffer.from(signerFromKey(demoKey(demoKeyName('twin', role))).publicKey).toString('base64')
  const twin = sampleText({ id: 'twin', agencyKeys: [keyOf('agency')], providerKeys: [keyOf('provider')] })
  const twins = [v1, await activated(4, twin)]
  assert.throws(() => build(twins), {
    code: 'STANDING_INVALID',
    message: /`general` is claimed by twin and sample/,
  })
})

const keyOf = (party: string) => signerFromKey(demoKey(demoKeyName('sample', party)))

async function ordered(
  seq: number,
  order: Partial<Order>,
  parties: readonly string[],
): Promise<RecordedOrder> {
  const whole: Order = {
    v: 1,
    order: 'stop',
    id: `order_${seq}`,
    agreement: 'sample',
    text: requireAgreement(v1Text).hash,
    reason: 'sha256:0',
    lifts: [],
    issued: '2026-06-01T00:00:00.000Z',
    ...order,
  }
  return { seq, agreement: 1, envelope: (await signOrder(whole, parties.map(keyOf))) as unknown as Json }
}

const stop = await ordered(2, {}, ['provider'])
const resume = await ordered(3, { order: 'resume', lifts: ['order_2'] }, ['agency', 'provider'])

test('buildStanding stops an agreement by one party, and lifts that by both', () => {
  const stopsAfter = (...orders: RecordedOrder[]) =>
    build([v1], sampleTime, orders).agreements.get('sample')?.stops
  assert.deepEqual(stopsAfter(), [])
  assert.deepEqual(stopsAfter(stop), ['order_2'])
  assert.deepEqual(stopsAfter(stop, resume), [])
})

test('a stop outlives an amendment', () => {
  assert.deepEqual(build([v1, v2], sampleTime, [stop]).agreements.get('sample')?.stops, ['order_2'])
})

test('buildStanding refuses orders that nobody could give: nothing is in force then', async () => {
  const byOneParty = await ordered(3, { order: 'resume', lifts: ['order_2'] }, ['agency'])
  const byNobody = await ordered(2, {}, [])
  const ofAnotherText = await ordered(2, { text: 'sha256:1' }, ['agency'])
  for (const orders of [
    [stop, byOneParty],
    [resume],
    [stop, resume, { ...resume, seq: 4 }],
    [byNobody],
    [ofAnotherText],
    [{ ...stop, agreement: 9 }],
  ]) {
    assert.throws(() => build([v1], sampleTime, orders), { code: 'STANDING_INVALID' })
  }
})

test('buildStanding reads again only what it has not read: and what has been altered since', () => {
  const before = build([v1])
  const after = build([v1], sampleTime, [stop], before)
  assert.equal(after.agreements.get('sample')?.prepared, before.agreements.get('sample')?.prepared)
  const altered = { ...v1, text: v1Text.replace('# A sample', '# Another sample') }
  assert.throws(() => build([altered], sampleTime, [], before), { code: 'STANDING_INVALID' })
  const unsigned = { ...v1, envelope: { ...(v1.envelope as Readonly<Record<string, Json>>), signatures: [] } }
  assert.throws(() => build([unsigned], sampleTime, [], before), { code: 'STANDING_INVALID' })
})

test('requireSame and endChanged end what was stopped, with the reason, and nothing else', () => {
  const before = build([v1])
  const inForce = before.agreements.get('sample')!
  const running = new RunningExchanges()
  const scope = { exchange: 'a', unit: 'clinic', route: 'general' }
  using mine = running.start({ ...scope, agreement: 'sample' })
  using other = running.start({ ...scope, exchange: 'b', agreement: 'other' })
  requireSame(inForce, before)
  assert.equal(endChanged(running, before, build([v1])), 0)
  const stopped = build([v1], sampleTime, [stop])
  assert.throws(() => requireSame(inForce, stopped), { code: 'STANDING_STOPPED' })
  assert.throws(() => requireSame(inForce, build([v1, v2])), { code: 'STANDING_STALE' })
  assert.equal(endChanged(running, before, stopped), 1)
  assert.deepEqual([mine.signal.aborted, other.signal.aborted], [true, false])
  assert.equal((mine.signal.reason as { code?: unknown }).code, 'STANDING_STOPPED')
})
