import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKeyName } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { envelopeOf, sampleTime } from '../gateway/sample-exchange.fixture.ts'
import type { ActivatedText } from '../recorder/recorder.ts'
import { buildStanding } from './standing.ts'

async function activated(seq: number, text: string): Promise<ActivatedText> {
  return { seq, text, envelope: await envelopeOf(requireAgreement(text)) }
}

const build = (activations: readonly ActivatedText[], now = sampleTime) =>
  buildStanding({ version: 1, origin: 'example.org/log', activations }, now)

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
