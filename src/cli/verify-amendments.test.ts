/** What `servanda verify` finds of amendments that loosen, of what was made known, and of disputes. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { demoKeyName, signDispute, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement, Dispute } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, digestOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import { formatLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { sampleOrigin, sampleVkey, writeSampleLog } from '../ledger/sample-log.ts'
import { verify } from './verify.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-amendments-'))
after(() => rm(home, { recursive: true }))

const dayMs = 86_400_000
const begun = Date.parse('2026-03-02T00:00:00Z')
/** When the amendment is made known, and the end of its cooling-off period. */
const known = begun + dayMs
const cooled = known + 30 * dayMs
const parties = ['agency', 'provider'].map((party) => signerFromKey(demoKey(demoKeyName('sample', party))))
const [agency, provider] = parties as [Signer, Signer]
const nobody = signerFromKey(newPrivateKey())

const first = requireAgreement(sampleText())
const amounts = '{ currency: USD, ceiling: 1000, allotted: 10.5, clause: "8" }'
const looser = requireAgreement(sampleText({ version: 2, previous: first.hash, lines: { amounts } }))

type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq'> : never) : never

const plain = (envelope: Envelope): Json => structuredClone(envelope) as unknown as Json

async function signed(agreement: Agreement, effective: number, signers: readonly Signer[] = parties) {
  const { id, version } = agreement.schedule
  const envelope = plain(await signStatement(statementOf(agreement, effective), signers))
  return { agreement: id, version, hash: agreement.hash, envelope }
}

async function activated(agreement: Agreement, effective: number, more: object = {}): Promise<Unplaced> {
  const time = Math.max(begun, effective)
  return { kind: 'activation', time, ...(await signed(agreement, effective)), ...more }
}

async function announced(effective: number, signers = parties): Promise<Unplaced> {
  return { kind: 'announced', time: known, ...(await signed(looser, effective, signers)), agreement: 1 }
}

async function disputed(signers: readonly Signer[], entry: object = {}): Promise<Unplaced> {
  const dispute: Dispute = {
    ...{ v: 1, id: 'dispute_1', agreement: 'sample', text: first.hash, clause: '4.2', reading: '' },
    ...{ reason: digestOf('reason'), issued: '2026-03-02T00:00:00.000Z' },
  }
  const { id, clause } = dispute
  const envelope = plain(await signDispute(dispute, signers))
  return { kind: 'dispute', time: known, id, agreement: 1, clause, envelope, ...entry }
}

const opened: Unplaced = { kind: 'opened', time: begun, origin: sampleOrigin }
const start = await activated(first, begun)
const judged: Unplaced = {
  ...{ kind: 'refusal', time: begun, exchange: 'ex_1', agreement: 1, stage: 'request', decision: 'deny' },
  ...{ rules: ['4.2#1'], commitments: '0'.repeat(64), record: digestOf('record') },
}

let directories = 0

async function run(leaves: readonly Unplaced[], ...agreements: readonly Agreement[]) {
  const directory = join(home, String(directories++))
  const [evidence, texts] = [join(directory, 'evidence'), join(directory, 'texts')]
  await Promise.all([evidence, texts].map((path) => mkdir(path, { recursive: true })))
  const entries = leaves.map((leaf, seq) => formatLeaf({ ...leaf, v: 1, seq }))
  await writeSampleLog(evidence, [entries.length], entries)
  for (const [i, { text }] of agreements.entries()) await writeFile(join(texts, `${i}.md`), text)
  let out = ''
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (out += text) }
  const code = await verify([evidence, '--vkey', sampleVkey, '--agreements', texts], io)
  return { code, out }
}

const story = [
  opened,
  start,
  judged,
  await announced(cooled),
  await disputed([provider]),
  await activated(looser, cooled, { supersedes: 1, announced: 3 }),
]

test('verify follows an amendment from when it was made known, and names what is disputed', async () => {
  const { code, out } = await run(story, first, looser)
  assert.equal(code, 0, out)
  assert.match(out, /^ok {7}the agreements in force are signed by their parties \(2 activations\)$/m)
  assert.match(out, /^ok {7}the amendments that were made known are signed .* \(1 amendments\)$/m)
  assert.match(out, /^ok {7}the disputes are signed by parties .* \(1 disputes\)$/m)
  assert.match(
    out,
    /^disputed: clause 4\.2 of sample version 1 by provider with keys that anyone has, entry 4$/m,
  )
})

test('verify does not say of an amendment whose text is not at hand that its signatures were checked', async () => {
  const { code, out } = await run(story.slice(0, 5), first)
  assert.equal(code, 0, out)
  assert.match(out, /^not done the amendments that were made known are signed by their parties$/m)
  assert.match(out, /not at hand \(--agreements\): `sample` version 2 \(entry 3, /)
})

test('verify accepts what loosens and was never made known where nothing was judged before', async () => {
  const { code, out } = await run(
    [opened, start, await activated(looser, begun, { supersedes: 1 })],
    first,
    looser,
  )
  assert.equal(code, 0, out)
})

const unsaid = await activated(looser, cooled, { supersedes: 1 })
const findings: readonly [claim: string, leaves: readonly Unplaced[], message: RegExp][] = [
  [
    'what loosens and was not made known',
    [opened, start, judged, unsaid],
    /entry 3: .*was not made known before \(LEDGER_SIGNATURES\)/,
  ],
  [
    'what loosens before its cooling-off period is over',
    [
      ...story.slice(0, 3),
      await announced(cooled - 1),
      await activated(looser, cooled - 1, { supersedes: 1, announced: 3 }),
    ],
    /entry 4: .*30 days after .*\(LEDGER_SIGNATURES\)/,
  ],
  [
    'an amendment made known that one party signed',
    [...story.slice(0, 3), await announced(cooled, [agency])],
    /entry 3: signatures .* are missing: .*\(LEDGER_ANNOUNCED\)/,
  ],
  [
    'an amendment made known as another version',
    [...story.slice(0, 3), { ...(await announced(cooled)), hash: first.hash } as Unplaced],
    /entry 3: it says `sample` version 2, the text .* version 1 \(LEDGER_ANNOUNCED\)/,
  ],
  [
    'a dispute that no party signed',
    [...story.slice(0, 3), await disputed([nobody])],
    /entry 3: signatures are missing: .*\(LEDGER_DISPUTES\)/,
  ],
  [
    'a dispute that is written as another',
    [...story.slice(0, 3), await disputed([agency], { clause: '4.1' })],
    /entry 3: it says something else than what was signed \(LEDGER_DISPUTES\)/,
  ],
  [
    'a dispute over the version before',
    [...story, await disputed([agency], { id: 'dispute_2', time: cooled })],
    /entry 6: it names no agreement as it was in force \(LEDGER_DISPUTE\)/,
  ],
]

for (const [claim, leaves, message] of findings) {
  test(`verify finds ${claim}`, async () => {
    const { code, out } = await run(leaves, first, looser)
    assert.equal(code, 1, out)
    assert.match(out, message)
  })
}
