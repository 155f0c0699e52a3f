/** What an amendment does to the version before, and when it may come into force: the attacks, each refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Signer } from '../base/index.ts'
import { AgreementError } from './agreement-error.ts'
import type { LackingParty } from './agreement-error.ts'
import { amendmentOf } from './amendment.ts'
import type { Agreement } from './agreement.ts'
import { compileAgreement } from './compile.ts'
import { cooledOffAt, requireInForceAt } from './in-force-at.ts'
import type { Moment } from './in-force-at.ts'
import { requireAgreement, sampleBody, sampleText } from './sample-agreement.ts'
import type { SampleParts } from './sample-agreement.ts'
import { reportSignatures } from './signature-report.ts'
import { joinEnvelopes, signStatement, verifyEnvelope } from './signatures.ts'
import { statementOf } from './statement.ts'
import { underDispute } from './stricter-reading.ts'

const dayMs = 86_400_000
const known = Date.parse('2026-06-01T00:00:00Z')
const later = known + 30 * dayMs

const signer = (name: string): Signer => signerFromKey(demoKey(name))
const keyOf = (name: string): string => Buffer.from(signer(name).publicKey).toString('base64')

/** One party of the schedule: its signers with their keys by name, and how many must sign. */
function party(role: string, signers: Readonly<Record<string, readonly string[]>>, counts = ''): string {
  const lines = Object.entries(signers).map(
    ([id, names]) => `${id}: { keys: [${names.map((name) => `"${keyOf(name)}"`).join(', ')}] }`,
  )
  return `  ${role}: { role: ${role}, clause: "1", signers: { ${lines.join(', ')} }${counts} }`
}

const three = { officer: ['officer'], counsel: ['counsel', 'counsel-2'], inspector: ['inspector'] }
const two = { president: ['president'], safety: ['safety'] }
const parties = `\n${party('agency', three, ', threshold: 1, loosening: 2')}\n${party('provider', two, ', threshold: 1, loosening: 2')}`
const coolingOff = '{ cooling-off: { days: 30, clause: "8" } }'

const stricter = `${sampleBody}
### 4.9 No batches

\`\`\`cedar
forbid (principal, action, resource)
when { context.consumer == Consumer::"batch" };
\`\`\`

`
const lines = { parties, duties: coolingOff }
const first = requireAgreement(sampleText({ lines, body: stricter }))

function amended(previous: Agreement, parts: SampleParts = {}): Agreement {
  const { version } = previous.schedule
  const own = { version: version + 1, previous: previous.hash, body: stricter }
  return requireAgreement(sampleText({ ...own, ...parts, lines: { ...lines, ...parts.lines } }))
}

/** The clause that let no batch through is gone. */
const looser = amended(first, { body: sampleBody })
/** A level takes one more person. */
const tighter = amended(first, {
  lines: { levels: '{ two-person: { clause: "2", persons: 2 }, official: { clause: "2" } }' },
})

function sign(agreement: Agreement, names: readonly string[], effective = later): Promise<Envelope> {
  return signStatement(statementOf(agreement, effective), names.map(signer))
}

const refuses = async (code: string, run: () => unknown): Promise<readonly LackingParty[]> => {
  try {
    await run()
  } catch (error) {
    assert.ok(error instanceof AgreementError, String(error))
    assert.equal(error.code, code, error.message)
    return error.lacking
  }
  assert.fail(`expected ${code}`)
}

test('amendmentOf says what loosens, and what does not', () => {
  assert.deepEqual(amendmentOf(first, tighter), { verdict: 'stronger', loosens: false, looser: 0 })
  const { verdict, loosens, looser: places } = amendmentOf(first, looser)
  assert.deepEqual([verdict, loosens, places > 0], ['weaker', true, true])
  const same = amended(first)
  assert.deepEqual(amendmentOf(first, same), { verdict: 'equivalent', loosens: false, looser: 0 })
})

test('verifyEnvelope asks the threshold of what tightens, and the heavier one of what loosens', async () => {
  const enough = verifyEnvelope(tighter, await sign(tighter, ['officer', 'safety']), first)
  assert.deepEqual([enough.verdict, enough.loosens], ['stronger', false])
  const few = await sign(looser, ['officer', 'safety'])
  assert.deepEqual(await refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(looser, few, first)), [
    { party: 'agency', version: 1, needed: 2, found: 1 },
    { party: 'provider', version: 1, needed: 2, found: 1 },
    { party: 'agency', version: 2, needed: 2, found: 1 },
    { party: 'provider', version: 2, needed: 2, found: 1 },
  ])
  const more = joinEnvelopes(few, await sign(looser, ['inspector', 'president']))
  const verified = verifyEnvelope(looser, more, first)
  assert.deepEqual([verified.verdict, verified.loosens], ['weaker', true])
})

test('one signer with two keys counts once, and so does one key twice', async () => {
  for (const names of [
    ['counsel', 'counsel-2', 'president', 'safety'],
    ['officer', 'officer', 'president', 'safety'],
  ]) {
    const envelope = await sign(looser, names)
    const lacking = await refuses('ENVELOPE_SIGNATURES', () => verifyEnvelope(looser, envelope, first))
    assert.deepEqual(
      lacking.map(({ party: id, found }) => [id, found]),
      [
        ['agency', 1],
        ['agency', 1],
      ],
    )
  }
})

test('a key that the amendment removes signs under the version before alone', async () => {
  const counts = ', threshold: 1, loosening: 1'
  const without = amended(first, {
    lines: {
      parties: `\n${party('agency', { clerk: ['clerk'] }, counts)}\n${party('provider', two, ', threshold: 1, loosening: 2')}`,
    },
  })
  const old = ['officer', 'counsel', 'president', 'safety']
  const lacking = await refuses('ENVELOPE_SIGNATURES', async () =>
    verifyEnvelope(without, await sign(without, old), first),
  )
  assert.deepEqual(lacking, [{ party: 'agency', version: 2, needed: 1, found: 0 }])
  const byNew = await refuses('ENVELOPE_SIGNATURES', async () =>
    verifyEnvelope(without, await sign(without, ['clerk', 'president', 'safety']), first),
  )
  assert.deepEqual(
    byNew.map(({ party: id, version, found }) => [id, version, found]),
    [['agency', 1, 0]],
  )
  verifyEnvelope(without, await sign(without, [...old, 'clerk']), first)
})

test('an old signature does not cover a rule that moved under another clause number, though nothing else changed', async () => {
  const moved = amended(first, { body: stricter.replace('### 4.9', '### 4.8') })
  const { verdict, loosens } = amendmentOf(amended(first), moved)
  assert.deepEqual([verdict, loosens], ['equivalent', false])
  const envelope = await sign(amended(first), ['officer', 'counsel', 'president', 'safety'])
  await refuses('ENVELOPE_STATEMENT', () => verifyEnvelope(moved, envelope, first))
})

test('verifyEnvelope refuses a version that is skipped, repeated or rolled back, and another agreement', async () => {
  const all = ['officer', 'counsel', 'inspector', 'president', 'safety']
  const third = amended(tighter)
  await refuses('SUCCESSOR_VERSION', async () => verifyEnvelope(third, await sign(third, all), first))
  await refuses('SUCCESSOR_VERSION', async () => verifyEnvelope(first, await sign(first, all), tighter))
  await refuses('SUCCESSOR_VERSION', async () => verifyEnvelope(tighter, await sign(tighter, all), looser))
  await refuses('SUCCESSOR_PREVIOUS', async () => verifyEnvelope(third, await sign(third, all), looser))
  await refuses('ENVELOPE_PREVIOUS', async () => verifyEnvelope(tighter, await sign(tighter, all)))
  const other = requireAgreement(sampleText({ id: 'other', lines }))
  await refuses('ENVELOPE_STATEMENT', async () => verifyEnvelope(other, await sign(first, all)))
})

test('verifyEnvelope refuses what is signed for a time after the term', async () => {
  const late = { ...statementOf(tighter, later), effective: '2031-01-01T00:00:00.000Z' }
  const envelope = await signStatement(late, [signer('officer'), signer('safety')])
  await refuses('ENVELOPE_EFFECTIVE', () => verifyEnvelope(tighter, envelope, first))
})

const moments: readonly (readonly [
  what: string,
  loosens: boolean,
  effective: number,
  moment: Moment,
  code: string | null,
])[] = [
  ['tightens at once', false, known, { at: known, judgedBefore: true }, null],
  ['tightens before its time', false, known, { at: known - 1, judgedBefore: true }, 'ENVELOPE_EFFECTIVE'],
  ['loosens unannounced', true, later, { at: later, judgedBefore: true }, 'ENVELOPE_ANNOUNCEMENT'],
  ['loosens where nothing was judged', true, known, { at: known, judgedBefore: false }, null],
  ['loosens in its time', true, later, { at: later, announcedAt: known, judgedBefore: true }, null],
  [
    'loosens one millisecond before its time',
    true,
    later,
    { at: later - 1, announcedAt: known, judgedBefore: true },
    'ENVELOPE_EFFECTIVE',
  ],
  [
    'is signed for one millisecond before the cooling-off period ends',
    true,
    later - 1,
    { at: later + dayMs, announcedAt: known, judgedBefore: true },
    'ENVELOPE_COOLING_OFF',
  ],
  [
    'loosens from a time that is past',
    true,
    known - dayMs,
    { at: later, announcedAt: known, judgedBefore: true },
    'ENVELOPE_COOLING_OFF',
  ],
]

for (const [what, loosens, effective, moment, code] of moments) {
  test(`requireInForceAt ${code === null ? 'lets through' : 'refuses'} what ${what}`, async () => {
    const run = (): void => requireInForceAt({ loosens, effective }, first, moment)
    if (code === null) run()
    else await refuses(code, run)
  })
}

test('the cooling-off period is that of the version before, and 30 days where it names none', () => {
  assert.equal(cooledOffAt(first, known), later)
  const hurried = amended(first, { lines: { duties: '{ cooling-off: { days: 1, clause: "8" } }' } })
  assert.equal(amendmentOf(first, hurried).loosens, true)
  assert.throws(
    () =>
      requireInForceAt({ loosens: true, effective: known + dayMs }, first, {
        at: known + dayMs,
        announcedAt: known,
        judgedBefore: true,
      }),
    { code: 'ENVELOPE_COOLING_OFF' },
  )
  const unnamed = requireAgreement(sampleText())
  assert.equal(cooledOffAt(unnamed, known), later)
})

test('reportSignatures names who counts, what is missing and what counts for nothing', async () => {
  const some = await sign(looser, ['counsel', 'counsel-2', 'stranger'])
  const [one, ...rest] = some.signatures
  assert.ok(one)
  const { signatures: other } = await sign(looser, ['officer'], later + 1)
  const envelope = { ...some, signatures: [one, ...rest, one, ...other] }
  const report = reportSignatures(looser, envelope, first)
  assert.equal(report.statement.version, 2)
  assert.equal(report.amendment?.loosens, true)
  assert.deepEqual(
    report.counted.map(({ party: id, version, signer: who }) => [id, version, who]),
    [
      ['agency', 1, 'counsel'],
      ['agency', 2, 'counsel'],
    ],
  )
  assert.deepEqual(
    report.lacking.map(({ party: id, version, needed, found }) => [id, version, needed, found]),
    [
      ['agency', 1, 2, 1],
      ['provider', 1, 2, 0],
      ['agency', 2, 2, 1],
      ['provider', 2, 2, 0],
    ],
  )
  assert.deepEqual(
    report.ignored.map(({ reason }) => reason),
    ['unknown', 'repeated', 'bad'],
  )
})

test('amendmentOf tells an agreement apart from how it acts while a clause of it is disputed', () => {
  assert.equal(amendmentOf(first, tighter).loosens, false)
  const acting = underDispute(first, [{ id: 'dispute_1', clause: '4.2', reading: '' }])
  assert.equal(acting.hash, first.hash)
  assert.equal(amendmentOf(acting, tighter).loosens, true, 'what waited is denied while it is disputed')
  assert.equal(amendmentOf(first, tighter).loosens, false)
})

test('a threshold of nobody is no agreement', () => {
  for (const counts of [', threshold: 0', ', threshold: 2, loosening: 1', ', threshold: 4']) {
    const text = sampleText({
      lines: { parties: `\n${party('agency', three, counts)}\n${party('provider', two)}` },
    })
    const codes = compileAgreement(text).diagnostics.map(({ code }) => code)
    assert.ok(
      codes.some((code) => /AGREEMENT_(THRESHOLD|NUMBER|VALUE)/.test(code)),
      codes.join(),
    )
  }
})
