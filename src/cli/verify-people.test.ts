/** What verify finds about the people who approved holds and gave orders. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { demoKeyName, signOrder, signStatement, statementOf } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import { demoKey, digestOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import { formatLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { sampleOrigin, sampleVkey, writeSampleLog } from '../ledger/sample-log.ts'
import { decide, sampleAgreement, sampleReviewer } from '../oversight/sample-hold.fixture.ts'
import type { SampleReviewer } from '../oversight/sample-hold.fixture.ts'
import { verify } from './verify.ts'

const home = await mkdtemp(join(tmpdir(), 'servanda-people-'))
after(() => rm(home, { recursive: true }))

const time = Date.parse('2026-03-01T00:00:00Z')
const party = (name: string) => signerFromKey(demoKey(demoKeyName('sample', name)))
const [agency, provider] = [party('agency'), party('provider')]
const texts = join(home, 'sample.md')
await writeFile(texts, sampleAgreement.text)

type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

const plain = ({ payloadType, payload, signatures }: Envelope): Json => {
  return { payloadType, payload, signatures: signatures.map((each) => ({ ...each })) }
}
const activation: Unplaced = {
  kind: 'activation',
  agreement: 'sample',
  version: 1,
  hash: sampleAgreement.hash,
  envelope: plain(await signStatement(statementOf(sampleAgreement, time), [agency, provider])),
  demo: true,
}
const sealed = { commitments: digestOf('commitments').slice('sha256:'.length), record: digestOf('record') }
const step = { agreement: 1, stage: 'request', provider: 'meridian', upstream: 'live', ...sealed } as const

let directories = 0

async function run(leaves: readonly Unplaced[], agreements = texts, ...args: readonly string[]) {
  const directory = join(home, String(directories++), 'evidence')
  await mkdir(directory, { recursive: true })
  const all: readonly Unplaced[] = [{ kind: 'opened', origin: sampleOrigin }, activation, ...leaves]
  const entries = all.map((leaf, seq) => formatLeaf({ ...leaf, v: 1, seq, time }))
  await writeSampleLog(directory, [entries.length], entries)
  let [out, err] = ['', '']
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  const code = await verify([directory, '--vkey', sampleVkey, '--agreements', agreements, ...args], io)
  return { code, out, err }
}

const ada = sampleReviewer('ada')
const ben = sampleReviewer('ben')
const second = sampleReviewer('ada')
const stranger = sampleReviewer('stranger')
const junior = sampleReviewer('junior', { levels: ['official'] })

/** A hold that was used after these approvals; rule 4.2#1 asks two persons. */
function redeemed(approvals: readonly Envelope[], rules: readonly string[] = ['4.2#1']): Unplaced[] {
  return [
    { kind: 'reviewers', reviewers: [ada, ben, second, junior].map(({ enrolled }) => enrolled) },
    {
      kind: 'refusal',
      decision: 'hold',
      hold: 'hold_1',
      expires: time + 60_000,
      exchange: 'ex_1',
      rules,
      ...step,
    },
    ...approvals.map((envelope): Unplaced => {
      return {
        kind: 'hold-decided',
        exchange: 'ex_1',
        hold: 'hold_1',
        verdict: 'approve',
        envelope: plain(envelope),
        ...sealed,
      }
    }),
    {
      kind: 'intent',
      decision: 'allow',
      text: sampleAgreement.hash,
      hold: 'hold_1',
      exchange: 'ex_2',
      rules: ['3#1'],
      ...step,
    },
  ]
}

const approve = (by: SampleReviewer, changes: Parameters<typeof decide>[1] = {}) =>
  decide(by, { origin: sampleOrigin, ...changes })

test('verify checks that a hold was approved by people enough for its rules', async () => {
  const { code, out } = await run(redeemed([await approve(ada), await approve(ben)]))
  assert.equal(code, 0, out)
  assert.match(
    out,
    /^ok {7}every hold that was used was approved by reviewers enough for its rules \(1 holds that were used\)$/m,
  )
  assert.match(out, /^holds: 1 opened, 1 used, 0 denied, 0 expired, 0 open$/m)
})

test('verify takes approvals that name levels beyond those of the rules of the hold', async () => {
  // An answer that is held after its request was approved asks for the levels of both.
  const both = { levels: ['official', 'two-person'] }
  const { code, out } = await run(redeemed([await approve(ada, both), await approve(ben, both)]))
  assert.equal(code, 0, out)
})

const official = { levels: ['official'] }
const refusals: readonly [claim: string, leaves: readonly Unplaced[], message: RegExp][] = [
  [
    'one approval where two persons are asked',
    redeemed([await approve(ada)]),
    /asks for two-person, and was not/,
  ],
  ['two approvals of one person', redeemed([await approve(ada), await approve(second)]), /was not approved/],
  [
    'an approval of another level',
    redeemed([await approve(ada), await approve(junior, official)]),
    /was not approved/,
  ],
  [
    'a hold of a rule that nobody lifts',
    redeemed([await approve(ada)], ['4.1#1']),
    /`4\.1#1` is none that people lift/,
  ],
  [
    'a hold of a rule that is none',
    redeemed([await approve(ada)], ['9#9']),
    /`9#9` is none that people lift/,
  ],
  ['a hold of no rule', redeemed([await approve(ada)], []), /names no rule/],
]

for (const [claim, leaves, message] of refusals) {
  test(`verify finds ${claim}`, async () => {
    const { code, out } = await run(leaves)
    assert.equal(code, 1, out)
    const line = /^FAILED {3}every hold that was used .*: entry \d: (.*) \(LEDGER_APPROVALS\)$/m
    assert.match(line.exec(out)?.[1] ?? out, message)
  })
}

/** A hold that waits, and a decision about it, whatever its entry says. */
function decided(envelope: Json, entry: object = {}, before: readonly Envelope[] = []): Unplaced[] {
  const leaf = { kind: 'hold-decided', exchange: 'ex_1', hold: 'hold_1', verdict: 'approve' } as const
  return [...redeemed(before).slice(0, -1), { ...leaf, envelope, ...sealed, ...entry }]
}

const denial = await approve(ada, { verdict: 'deny', levels: [] })
const deny = { verdict: 'deny' }

test('verify checks who denied a hold that was never used', async () => {
  const { code, out } = await run(decided(plain(denial), deny))
  assert.equal(code, 0, out)
  assert.match(out, /^ok {7}every decision about a hold is signed by .* \(1 decisions\)$/m)
})

const falseDecisions: readonly [claim: string, leaves: readonly Unplaced[], message: RegExp][] = [
  [
    'a denial that nobody signed',
    decided({ ...(plain(denial) as object), signatures: [] }, deny),
    /by one key/,
  ],
  ['a denial that is no envelope', decided('no', deny), /envelope/],
  [
    'a denial of a stranger',
    decided(plain(await approve(stranger, { verdict: 'deny', levels: [] })), deny),
    /no reviewer who is enrolled/,
  ],
  [
    'an approval of a stranger',
    redeemed([await approve(ada), await approve(stranger)]),
    /no reviewer who is/,
  ],
  [
    'an approval that is written as a denial',
    decided(plain(await approve(ada)), deny),
    /`approve` was signed/,
  ],
  ['a denial that is written as an approval', decided(plain(denial)), /`deny` was signed/],
  [
    'an approval of a level that is not the reviewer’s',
    decided(plain(await approve(junior, { levels: ['two-person'] }))),
    /not this reviewer's to approve/,
  ],
  [
    'an approval of another hold',
    redeemed([await approve(ada), await approve(ben, { hold: 'hold_2' })]),
    /not about the hold/,
  ],
  [
    'an approval of another exchange',
    decided(plain(await approve(ada, { exchange: 'ex_2' }))),
    /not about the hold/,
  ],
  [
    'an approval of a hold in another log',
    redeemed([await approve(ada), await approve(ben, { origin: 'other.example' })]),
    /not about the hold/,
  ],
  [
    'approvals of two things that were shown',
    redeemed([await approve(ada), await approve(ben, { subject: digestOf('something else') })]),
    /not what is held/,
  ],
  [
    'an approval before anybody was enrolled',
    redeemed([await approve(ada)]).filter(({ kind }) => kind !== 'reviewers'),
    /no reviewer who is enrolled/,
  ],
]

for (const [claim, leaves, message] of falseDecisions) {
  test(`verify finds ${claim}`, async () => {
    const { code, out } = await run(leaves)
    assert.equal(code, 1, out)
    const line = /^FAILED {3}every decision about a hold is .*: entry \d: (.*) \(LEDGER_DECISIONS\)$/m
    assert.match(line.exec(out)?.[1] ?? out, message)
  })
}

test('verify does not say that people were checked where the text is not at hand', async () => {
  const none = join(home, 'none')
  await mkdir(none, { recursive: true })
  const leaves = [...redeemed([await approve(ada)]), await ordered({}, [nobody])]
  const { code, out } = await run(leaves, none)
  assert.equal(code, 0, out)
  assert.match(out, /^not done every decision about a hold is signed/m)
  assert.match(out, /^not done every hold that was used was approved/m)
  assert.match(out, /^not done the orders are signed/m)
})

async function ordered(
  change: Partial<Order>,
  signers: readonly Signer[],
  entry: object = {},
): Promise<Unplaced> {
  const order: Order = {
    v: 1,
    order: 'stop',
    id: 'stop_1',
    agreement: 'sample',
    text: sampleAgreement.hash,
    reason: digestOf('reason'),
    lifts: [],
    issued: '2026-03-01T00:00:00.000Z',
    ...change,
  }
  const { order: kind, id, lifts } = order
  const envelope = plain(await signOrder(order, signers))
  return { kind: 'order', order: kind, id, agreement: 1, lifts, envelope, ...entry }
}

const resume = { order: 'resume', id: 'resume_1', lifts: ['stop_1'] } as const
const stop = await ordered({}, [agency])

test('verify checks who gave the orders, and says what is stopped', async () => {
  const stopped = await run([stop])
  assert.equal(stopped.code, 0, stopped.out)
  assert.match(stopped.out, /^ordered: stop of sample by agency with keys that anyone has, entry 2$/m)
  assert.match(stopped.out, /^stopped: sample, since entry 2$/m)
  const resumed = await run([stop, await ordered(resume, [agency, provider])])
  assert.equal(resumed.code, 0, resumed.out)
  assert.match(resumed.out, /^ordered: resume of sample by agency, provider/m)
  assert.doesNotMatch(resumed.out, /^stopped:/m)
  const { orders } = JSON.parse((await run([stop], texts, '--json')).out) as { orders: { entry: number }[] }
  assert.deepEqual(
    orders.map(({ entry }) => entry),
    [2],
  )
})

const nobody = signerFromKey(newPrivateKey())
const falseOrders: readonly [claim: string, leaves: readonly Unplaced[]][] = [
  ['a stop by nobody', [await ordered({}, [nobody])]],
  ['a resume by one party', [stop, await ordered(resume, [provider])]],
  ['an order about another text', [await ordered({ text: digestOf('another') }, [agency])]],
  ['a stop that is written as another order', [await ordered({ id: 'stop_2' }, [agency], { id: 'stop_1' })]],
  [
    'a resume that lifts another stop than was signed',
    [
      stop,
      await ordered({ id: 'stop_2' }, [provider]),
      await ordered(resume, [agency, provider], { lifts: ['stop_2'] }),
    ],
  ],
  [
    'a stop that is written as a resume',
    [stop, await ordered({ id: 'resume_1' }, [agency], { order: 'resume', lifts: ['stop_1'] })],
  ],
]

for (const [claim, leaves] of falseOrders) {
  test(`verify finds ${claim}`, async () => {
    const { code, out } = await run(leaves)
    assert.equal(code, 1, out)
    assert.match(
      out,
      /^FAILED {3}the orders are signed by parties that may give them: entry \d: .* \(LEDGER_ORDERS\)$/m,
    )
  })
}
