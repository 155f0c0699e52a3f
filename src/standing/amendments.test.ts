/** Amendments in a log, as every worker reads them: what loosens without having been made known is not in force. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKeyName, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleBody, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { ActivatedText, RecordedAnnouncement } from '../recorder/index.ts'
import { buildStanding } from './standing.ts'
import type { Standing } from './standing.ts'

const dayMs = 86_400_000
const begun = Date.parse('2026-03-01T00:00:00Z')
const known = begun + dayMs
/** The sample names no cooling-off period, so 30 days. */
const cooledOff = known + 30 * dayMs
const stricter = `${sampleBody}
### 4.9 No batches

\`\`\`cedar
forbid (principal, action, resource)
when { context.consumer == Consumer::"batch" };
\`\`\`

`

async function signed(agreement: Agreement, effective: number): Promise<Json> {
  const signers = ['agency', 'provider'].map((party) => signerFromKey(demoKey(demoKeyName('sample', party))))
  return structuredClone(await signStatement(statementOf(agreement, effective), signers)) as unknown as Json
}

const first = requireAgreement(sampleText({ body: stricter }))
const next = { version: 2, previous: first.hash }
const looser = requireAgreement(sampleText(next))
const tighter = requireAgreement(sampleText({ ...next, body: `${stricter}\nMore prose.\n\n` }))

const one: ActivatedText = {
  ...{ seq: 1, time: begun, judgedBefore: false },
  ...{ text: first.text, envelope: await signed(first, begun) },
}
const inTime = await signed(looser, cooledOff)

const announcement: RecordedAnnouncement = {
  ...{ seq: 5, time: known, agreement: 1, version: 2 },
  ...{ hash: looser.hash, envelope: inTime },
}
const unannounced: ActivatedText = {
  ...{ seq: 9, time: cooledOff, judgedBefore: true },
  ...{ text: looser.text, envelope: inTime },
}
const two: ActivatedText = { ...unannounced, announced: 5 }

function build(
  activations: readonly ActivatedText[],
  announced: readonly RecordedAnnouncement[] = [],
  before?: Standing,
): Standing {
  const answer = { version: 9, origin: 'example.org/log', activations, announced }
  return buildStanding({ ...answer, orders: [], disputes: [], reviewers: [] }, cooledOff + dayMs, before)
}

const versionOf = ({ agreements }: Standing): number | undefined =>
  agreements.get('sample')?.agreement.schedule.version

test('buildStanding takes what tightens at once, and what loosens once it was made known and has waited', async () => {
  const at = { seq: 2, time: known, judgedBefore: true, text: tighter.text }
  assert.equal(versionOf(build([one, { ...at, envelope: await signed(tighter, begun) }])), 2)
  assert.equal(versionOf(build([one, two], [announcement])), 2)
  assert.equal(versionOf(build([one, { ...unannounced, judgedBefore: false }])), 2, 'nothing was judged')
})

const early = await signed(looser, cooledOff - 1)
const refused: readonly (readonly [
  what: string,
  second: ActivatedText,
  announced: readonly RecordedAnnouncement[],
  message: RegExp,
])[] = [
  ['that was never made known', unannounced, [], /was not made known before/],
  ['that was made known, and does not say where', unannounced, [announcement], /was not made known before/],
  ['that names an entry which made nothing known', two, [], /made another amendment known/],
  [
    'of which another text was made known',
    two,
    [{ ...announcement, hash: tighter.hash }],
    /made another amendment known/,
  ],
  [
    'of which another envelope was made known',
    two,
    [{ ...announcement, envelope: early }],
    /made another amendment known/,
  ],
  ['made known to another version', two, [{ ...announcement, agreement: 3 }], /made another amendment known/],
  [
    'one millisecond before the time that was signed',
    { ...two, time: cooledOff - 1 },
    [announcement],
    /takes effect only at/,
  ],
  [
    'signed for one millisecond before its cooling-off period ends',
    { ...two, envelope: early },
    [{ ...announcement, envelope: early }],
    /it may take effect 30 days after/,
  ],
]

for (const [what, second, announced, message] of refused) {
  test(`buildStanding refuses what loosens, ${what}`, () => {
    assert.throws(() => build([one, second], announced), { code: 'STANDING_INVALID', message })
  })
}

test('buildStanding reads an activation again of which the recorder says something else than before', () => {
  const before = build([one, two], [announcement])
  assert.throws(() => build([one, unannounced], [announcement], before), { code: 'STANDING_INVALID' })
  assert.throws(() => build([one, { ...two, time: known }], [announcement], before), {
    code: 'STANDING_INVALID',
  })
})

test('buildStanding tells what was made known to what is in force, and from when it can act', () => {
  const hurried = { ...announcement, seq: 6, envelope: early }
  const { pending } = build([one], [announcement, hurried, { ...announcement, agreement: 3 }])
  assert.deepEqual(
    pending.map(({ seq, id, version, actsFrom }) => [seq, id, version, actsFrom]),
    [
      [5, 'sample', 2, cooledOff],
      [6, 'sample', 2, null],
    ],
  )
  assert.deepEqual(build([one, two], [announcement]).pending, [])
})
