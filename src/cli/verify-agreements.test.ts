import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { demoKeyName, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, digestOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { formatLeaf } from '../ledger/index.ts'
import type { ActivationLeaf } from '../ledger/index.ts'
import { sampleOrigin, sampleVkey, writeSampleLog } from '../ledger/sample-log.ts'
import { noChanges } from '../recorder/index.ts'
import { openSqliteRecorderStore } from '../store/index.ts'
import { verify } from './verify.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-agreements-'))
after(() => rm(home, { recursive: true }))

const effective = Date.parse('2026-03-01T00:00:00Z')
const time = effective + 1
const agency = signerFromKey(newPrivateKey())
const provider = signerFromKey(newPrivateKey())
const anyone = signerFromKey(demoKey(demoKeyName('sample', 'agency')))

function agreementOf(signer: Signer, previous?: Agreement): Agreement {
  const key = ({ publicKey }: Signer): string => Buffer.from(publicKey).toString('base64')
  const parts = { agencyKeys: [key(signer)], agencyThreshold: 1, providerKeys: [key(provider)] }
  const next = previous && { version: previous.schedule.version + 1, previous: previous.hash }
  return requireAgreement(sampleText({ ...parts, ...next }))
}

async function signed(agreement: Agreement, signers: readonly Signer[], from = effective): Promise<Json> {
  const { payloadType, payload, signatures } = await signStatement(statementOf(agreement, from), signers)
  return { payloadType, payload, signatures: signatures.map((each) => ({ ...each })) }
}

const first = agreementOf(agency)
const second = agreementOf(agency, first)
const demo = agreementOf(anyone)

function activation(agreement: Agreement, envelope: Json, change: Partial<ActivationLeaf> = {}) {
  const { id, version } = agreement.schedule
  const { hash } = agreement
  return {
    v: 1,
    seq: 1,
    time,
    kind: 'activation',
    agreement: id,
    version,
    hash,
    envelope,
    ...change,
  } as const
}

const firstLeaf = activation(first, await signed(first, [agency, provider]))
const secondLeaf = activation(second, await signed(second, [agency, provider]), { seq: 2, supersedes: 1 })

let directories = 0

/** An evidence directory whose log holds these activations and nothing else. */
async function writeLog(activations: readonly ActivationLeaf[]): Promise<string> {
  const directory = join(home, String(directories++), 'evidence')
  await mkdir(directory, { recursive: true })
  const opened = formatLeaf({ v: 1, seq: 0, time, kind: 'opened', origin: sampleOrigin })
  const entries = [opened, ...activations.map((leaf) => formatLeaf(leaf))]
  await writeSampleLog(directory, [entries.length], entries)
  return directory
}

/** The recorder's database beside it, with these texts. */
async function writeDatabase(directory: string, texts: readonly string[]): Promise<void> {
  await using store = await openSqliteRecorderStore(join(directory, '..', 'recorder.sqlite'))
  const entries = [0, ...texts.keys()].map((_, seq) => ({ seq, time, leaf: Buffer.from('unread') }))
  const activations = texts.map((text, i) => {
    return { seq: i + 1, agreement: 'sample', version: i + 1, text, envelope: null }
  })
  await store.commit({ ...noChanges, entries, activations })
}

async function writeTexts(...agreements: readonly Agreement[]): Promise<string> {
  const directory = join(home, String(directories++))
  await mkdir(join(directory, 'below'), { recursive: true })
  for (const [i, { text }] of agreements.entries()) await writeFile(join(directory, `below/${i}.md`), text)
  return directory
}

async function run(...args: readonly string[]) {
  let [out, err] = ['', '']
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  const code = await verify([...args, '--vkey', sampleVkey], io)
  return { code, out, err }
}

const passed = /^ok {7}the agreements in force are signed by their parties \((\d) activations\)$/m
const notDone = /^not done the agreements in force are signed by their parties$/m

test('verify checks the signatures of every version with the texts that were given', async () => {
  const directory = await writeLog([firstLeaf, secondLeaf])
  const texts = await writeTexts(first, second)
  for (const given of [[texts], [join(texts, 'below/0.md'), join(texts, 'below/1.md')]]) {
    const { code, out } = await run(directory, ...given.flatMap((path) => ['--agreements', path]))
    assert.equal(code, 0, out)
    assert.equal(passed.exec(out)?.[1], '2')
    assert.match(out, new RegExp(`^signed: sample version 2, entry 2, ${second.hash}$`, 'm'))
    assert.doesNotMatch(out, /demonstration|operator's database/)
  }
})

test('verify takes the texts of the database that lies beside, and says whose they are', async () => {
  const directory = await writeLog([firstLeaf, secondLeaf])
  await writeDatabase(directory, [first.text, second.text])
  const { code, out } = await run(directory, '--json')
  const {
    passed: checks,
    agreements,
    demo: isDemo,
    notes,
  } = JSON.parse(out) as {
    passed: string[]
    agreements: { entry: number; hash: string; demoParties: string[] }[]
    demo: boolean
    notes: string[]
  }
  assert.equal(code, 0)
  assert.ok(checks.includes('signatures'))
  assert.deepEqual(
    agreements.map(({ entry, hash, demoParties }) => [entry, hash, demoParties]),
    [
      [1, first.hash, []],
      [2, second.hash, []],
    ],
  )
  assert.equal(isDemo, false)
  assert.match(notes.join(' '), /read from the operator's database/)
})

test('verify names the texts that it lacks, and does not say that their signatures were checked', async () => {
  const directory = await writeLog([firstLeaf, secondLeaf])
  for (const [texts, lacking] of [
    [await writeTexts(), /`sample` version 1 \(entry 1, .*`sample` version 2 \(entry 2/],
    [await writeTexts(first), /: `sample` version 2 \(entry 2/],
    [await writeTexts(second), /`sample` version 1 \(entry 1, .*`sample` version 2 \(entry 2/],
  ] as const) {
    const { code, out } = await run(directory, '--agreements', texts)
    assert.equal(code, 0)
    assert.match(out, notDone)
    assert.match(out, lacking)
  }
})

test('verify checks an amendment whose version before stands in no log, by its text', async () => {
  const directory = await writeLog([activation(second, secondLeaf.envelope)])
  const { code, out } = await run(directory, '--agreements', await writeTexts(first, second))
  assert.equal(code, 0)
  assert.equal(passed.exec(out)?.[1], '1')
  assert.match((await run(directory, '--agreements', await writeTexts(second))).out, notDone)
})

test('verify learns from the signatures, not from the flag, that demonstration keys signed', async () => {
  const envelope = await signed(demo, [anyone, provider])
  const silent = await writeLog([activation(demo, envelope)])
  const texts = ['--agreements', await writeTexts(demo, first)]
  assert.match((await run(silent, ...texts)).out, /^demonstration: sample signed by keys that anyone has/m)
  assert.doesNotMatch((await run(silent)).out, /demonstration/)
  const wrong = await writeLog([{ ...firstLeaf, demo: true }])
  assert.doesNotMatch((await run(wrong, ...texts)).out, /demonstration/)
  assert.match((await run(wrong)).out, /^demonstration: an entry says /m)
})

const all = [agency, provider]
const forgeries: readonly [claim: string, leaf: ActivationLeaf, message: RegExp][] = [
  ['an envelope that is empty', activation(first, {}), /no payload type/],
  ['an envelope that is none', activation(first, null), /not an object/],
  [
    'an envelope of another version',
    activation(first, secondLeaf.envelope),
    /signed statement is not that of this agreement/,
  ],
  [
    'a party that did not sign',
    activation(first, await signed(first, [provider])),
    /missing: `agency` 0 of 1/,
  ],
  ['another id', activation(first, firstLeaf.envelope, { agreement: 'other' }), /it says `other` version 1/],
  ['another version', activation(first, firstLeaf.envelope, { version: 2 }), /it says `sample` version 2/],
]

for (const [claim, leaf, message] of forgeries) {
  test(`verify finds ${claim}`, async () => {
    const { code, out } = await run(await writeLog([leaf]), '--agreements', await writeTexts(first))
    assert.equal(code, 1)
    const line =
      /^FAILED {3}the agreements in force are signed by their parties: entry 1: (.*) \(LEDGER_SIGNATURES\)$/m
    assert.match(line.exec(out)?.[1] ?? out, message)
  })
}

test('verify finds an agreement that came into force before the time that was signed', async () => {
  const directory = await writeLog([activation(first, await signed(first, all, time + 1))])
  const { code, out } = await run(directory, '--agreements', await writeTexts(first))
  assert.equal(code, 1)
  assert.match(out, /put into force before the time that was signed/)
})

test('verify finds a text in the database that is not the one that was activated', async () => {
  const directory = await writeLog([firstLeaf])
  await writeDatabase(directory, [first.text.replace('# A sample', '# An example')])
  const { code, out } = await run(directory)
  assert.equal(code, 1)
  assert.match(out, /entry 1: the text at hand has the digest sha256:[0-9a-f]{64}, the entry names sha256:/)
})

test('verify finds a text that was activated and does not compile', async () => {
  const text = 'no agreement'
  const directory = await writeLog([{ ...firstLeaf, hash: digestOf(text) }])
  await writeDatabase(directory, [text])
  const { code, out } = await run(directory)
  assert.equal(code, 1)
  assert.match(out, /entry 1: the text that it names does not compile/)
})
