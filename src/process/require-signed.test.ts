/** What a start refuses to sign, because people did not sign it first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoKeyName, signDispute, signOrder, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement, Dispute, Order } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, digestOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Json, Signer } from '../base/index.ts'
import { openHistory } from '../ledger/index.ts'
import type { Leaf, Signed } from '../ledger/index.ts'
import { decide, sampleAgreement, sampleOrigin, sampleReviewer } from '../oversight/sample-hold.fixture.ts'
import type { ReadSigned } from '../recorder/index.ts'
import { requireSigned } from './require-signed.ts'

const time = Date.parse('2026-03-01T00:00:00Z')
const party = (name: string) => signerFromKey(demoKey(demoKeyName('sample', name)))
const parties = [party('agency'), party('provider')]
const nobody = signerFromKey(newPrivateKey())
const [ada, ben, stranger] = ['ada', 'ben', 'stranger'].map((name) => sampleReviewer(name)) as [
  ReturnType<typeof sampleReviewer>,
  ReturnType<typeof sampleReviewer>,
  ReturnType<typeof sampleReviewer>,
]

type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

const plain = (envelope: Envelope): Json => structuredClone(envelope) as unknown as Json
const sealed = { commitments: digestOf('commitments').slice('sha256:'.length), record: digestOf('record') }
const step = { agreement: 1, stage: 'request', provider: 'meridian', upstream: 'live', ...sealed } as const

async function activation(agreement: Agreement, signers: readonly Signer[], effective = time) {
  const { id, version } = agreement.schedule
  const envelope = plain(await signStatement(statementOf(agreement, effective), signers))
  return { kind: 'activation', agreement: id, version, hash: agreement.hash, envelope } as const
}

const begun: readonly Unplaced[] = [
  { kind: 'opened', origin: sampleOrigin },
  await activation(sampleAgreement, parties),
  { kind: 'reviewers', reviewers: [ada.enrolled, ben.enrolled] },
  {
    ...{ kind: 'refusal', decision: 'hold', hold: 'hold_1', expires: time + 60_000 },
    ...{ exchange: 'ex_1', rules: ['4.2#1'] },
    ...step,
  },
]

/** What a start would have read of a log that begins as above and goes on so. */
function read(leaves: readonly Unplaced[], texts: readonly string[] = [sampleAgreement.text]): ReadSigned {
  const history = openHistory(sampleOrigin)
  const all = [...begun, ...leaves].map((leaf, seq): Leaf => ({ ...leaf, v: 1, seq, time }))
  const signed = all.flatMap((leaf, index): Signed[] => {
    const one = history.add(leaf, index)
    return one ? [one] : []
  })
  const activated = all.filter((leaf) => leaf.kind === 'activation')
  return {
    version: all.length - 1,
    origin: sampleOrigin,
    activations: activated.map(({ seq, envelope }, i) => ({
      ...{ seq, time, envelope, text: texts[i] ?? '', judgedBefore: false },
    })),
    orders: all.filter((leaf) => leaf.kind === 'order'),
    disputes: all.filter((leaf) => leaf.kind === 'dispute'),
    announced: all.filter((leaf) => leaf.kind === 'announced'),
    reviewers: [ada.enrolled, ben.enrolled],
    signed,
  }
}

async function ordered(signers: readonly Signer[], change: Partial<Order> = {}, entry: object = {}) {
  const { hash: text } = sampleAgreement
  const [reason, issued] = [digestOf('reason'), '2026-03-01T00:00:00.000Z']
  const order: Order = {
    ...{ v: 1, order: 'stop', id: 'stop_1', agreement: 'sample', text, reason, lifts: [], issued },
    ...change,
  }
  const { order: kind, id, lifts } = order
  const envelope = plain(await signOrder(order, signers))
  return { kind: 'order', order: kind, id, agreement: 1, lifts, envelope, ...entry } as Unplaced
}

const resume = { order: 'resume', id: 'resume_1', lifts: ['stop_1'] } as const

function decided(envelope: Json, verdict: 'approve' | 'deny' = 'approve'): Unplaced {
  return { kind: 'hold-decided', exchange: 'ex_1', hold: 'hold_1', verdict, envelope, ...sealed }
}

const approved = async (by: typeof ada) => decided(plain(await decide(by)))
const used: Unplaced = {
  ...{ kind: 'intent', decision: 'allow', text: sampleAgreement.hash, hold: 'hold_1', exchange: 'ex_2' },
  rules: ['3#1'],
  ...step,
}
const denial = plain(await decide(ada, { verdict: 'deny', levels: [] }))

test('what people signed is signed', async () => {
  await requireSigned(read([await approved(ada), await approved(ben), used]))
  await requireSigned(read([decided(denial, 'deny')]))
  await requireSigned(read([await ordered([parties[0]!]), await ordered(parties, resume)]))
})

const rival = requireAgreement(sampleText({ id: 'rival' }))
const unsigned = { payloadType: 'application/vnd.servanda.decision+json', payload: 'e30=', signatures: [] }

const lies: Readonly<Record<string, readonly [ReadSigned, RegExp]>> = {
  'a stop by nobody': [read([await ordered([nobody])]), /entry 4: /],
  'a resume by one party': [
    read([await ordered(parties), await ordered([parties[0]!], resume)]),
    /entry 5: /,
  ],
  'an order about another text': [read([await ordered(parties, { text: digestOf('x') })]), /entry 4: /],
  'an order that is written as another': [
    read([await ordered(parties, { id: 'stop_2' }, { id: 'stop_1' })]),
    /entry 4: it says something else than what was signed/,
  ],
  'a denial that nobody signed': [read([decided(unsigned, 'deny')]), /entry 4: .*signed by one key/],
  'a denial of a stranger': [
    read([decided(plain(await decide(stranger, { verdict: 'deny', levels: [] })), 'deny')]),
    /entry 4: no reviewer who is enrolled/,
  ],
  'a denial that is written as an approval': [read([decided(denial)]), /entry 4: .*`deny` was signed/],
  'a hold that is used with one approval of two': [
    read([await approved(ada), used]),
    /entry 5: the hold `hold_1` asks for two-person/,
  ],
  'an agreement that one party signed': [
    read([await activation(rival, [party('agency')])], [sampleAgreement.text, rival.text]),
    /entry 4/,
  ],
  'an agreement that claims a route of another': [
    read(
      [
        await activation(
          rival,
          ['agency', 'provider'].map((name) => party(name)),
        ),
      ],
      [sampleAgreement.text, rival.text],
    ),
    /route `.*` is claimed by rival and sample|claimed by sample and rival/,
  ],
  'an agreement whose text is another': [read([], [sampleText({ id: 'rival' })]), /entry 1/],
}

for (const [name, [given, message]] of Object.entries(lies)) {
  test(`${name} is refused`, async () => {
    await assert.rejects(requireSigned(given), { message })
  })
}

const amendment = requireAgreement(sampleText({ version: 2, previous: sampleAgreement.hash }))
const known = {
  ...(await activation(amendment, parties, time)),
  ...{ kind: 'announced', agreement: 1 },
} as const satisfies Unplaced
const disputed = async (signers: readonly Signer[], change: object = {}): Promise<Unplaced> => {
  const dispute: Dispute = {
    ...{ v: 1, id: 'dispute_1', agreement: 'sample', text: sampleAgreement.hash, clause: '4.2', reading: '' },
    ...{ reason: digestOf('reason'), issued: '2026-03-01T00:00:00.000Z' },
    ...change,
  }
  const envelope = plain(await signDispute(dispute, signers))
  return { kind: 'dispute', id: 'dispute_1', agreement: 1, clause: '4.2', envelope }
}

test('an amendment that was made known is believed until it is in force, for its text is not kept', async () => {
  await requireSigned(read([known]))
})

test('a dispute that a party signed is signed, and one that nobody signed is refused', async () => {
  await requireSigned(read([await disputed([parties[0]!])]))
  for (const [one, message] of [
    [await disputed([nobody]), /signatures are missing/],
    [await disputed(parties, { id: 'dispute_2' }), /it says something else than what was signed/],
    [await disputed(parties, { text: digestOf('another') }), /about another agreement or version/],
  ] as const) {
    await assert.rejects(requireSigned(read([one])), { message })
  }
})

test('an agreement that is in force before the time that was signed is refused', async () => {
  const early = await activation(sampleAgreement, parties, time + 1)
  const history = openHistory(sampleOrigin)
  const leaves: Leaf[] = [
    { v: 1, seq: 0, time, kind: 'opened', origin: sampleOrigin },
    { v: 1, seq: 1, time, ...early },
  ]
  const signed = leaves.flatMap((leaf, index) => history.add(leaf, index) ?? [])
  const { text } = sampleAgreement
  const activations = [{ seq: 1, time, text, envelope: early.envelope, judgedBefore: false }]
  const given = { ...read([]), version: 1, activations, orders: [], signed }
  await assert.rejects(requireSigned(given), {
    message: /entry 1.*takes effect only at 2026-03-01T00:00:00.001Z/,
  })
})

test('a version that loosens what was judged by, and was never made known, is refused', async () => {
  const amounts = '{ currency: USD, ceiling: 200, allotted: 20, clause: "8" }'
  const text = sampleAgreement.text
    .replace('version: 1\n', `version: 2\nprevious: ${sampleAgreement.hash}\n`)
    .replace(/^amounts: .*$/m, `amounts: ${amounts}`)
  const looser = requireAgreement(text)
  const second = { ...(await activation(looser, parties)), supersedes: 1 }
  const given = read([second], [sampleAgreement.text, text])
  const asRecorded = given.activations.map((one, i) => ({ ...one, judgedBefore: i > 0 }))
  for (const activations of [asRecorded, given.activations]) {
    await assert.rejects(requireSigned({ ...given, activations }), {
      message: /entry 4.*it loosens what was agreed, and was not made known before/,
    })
  }
})
