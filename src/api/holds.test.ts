/** Holds through the control socket: who sees them, what is shown, and that one person decides once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equalBytes } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { subjectDigest } from '../oversight/index.ts'
import type { HoldSubject } from '../oversight/index.ts'
import { openRecord } from '../records/index.ts'
import { requireReviewer, signRequest } from './reviewer-credential.ts'
import type { SignedRequest } from './reviewer-credential.ts'
import {
  decisionBody,
  recordKey,
  reviewerSigner,
  reviewers,
  sampleSalt,
  signedHeaders,
  startControlStage,
} from './sample-control.fixture.ts'
import type { ControlStage } from './sample-control.fixture.ts'

const listed = async (stage: ControlStage, as: string): Promise<unknown[]> => {
  const { body } = await stage.ask({ method: 'GET', path: '/v1/holds', as })
  return (body as unknown as { holds: { id: string }[] }).holds.map(({ id }) => id)
}

const decide = async (
  stage: ControlStage,
  as: string,
  subject: HoldSubject,
  changes: Parameters<typeof decisionBody>[2] = {},
) => {
  const body = await decisionBody(as, subject, changes)
  return stage.ask({ method: 'POST', path: `/v1/holds/${subject.hold}/decisions`, body, as })
}

const now = 1_000_000
const request: SignedRequest = {
  origin: 'gateway.example/log',
  method: 'GET',
  path: '/v1/holds',
  body: Buffer.from('body'),
}
const [ada] = reviewers
const list: readonly EnrolledReviewer[] = [{ ...ada!, callers: [] }]

test('requireReviewer answers the key that signed exactly this request within the last minute', async () => {
  const header = await signRequest(request, reviewerSigner('ada'), now)
  for (const later of [0, 60_000, -60_000]) {
    assert.equal(requireReviewer(header, request, { reviewers: list, now: now + later }), ada?.key)
  }
})

const signed = await signRequest(request, reviewerSigner('ada'), now)
const stranger = await signRequest(request, reviewerSigner('stranger'), now)
const [keyid, time, signature] = signed.split('.') as [string, string, string]
const refusals: readonly (readonly [string, unknown, Partial<SignedRequest>?, number?])[] = [
  ['no header', undefined],
  ['two headers', [signed, signed]],
  ['an empty one', ''],
  ['another log', signed, { origin: 'gateway.example/other' }],
  ['another method', signed, { method: 'POST' }],
  ['another address', signed, { path: '/v1/holds/hold_1' }],
  ['another body', signed, { body: Buffer.from('bodY') }],
  ['a minute ago and more', signed, {}, now + 60_001],
  ['a time to come', signed, {}, now - 60_001],
  ['another time than was signed', `${keyid}.${Number(time) + 1}.${signature}`],
  ['a time that is no number', `${keyid}.1e6.${signature}`],
  ['a stranger', stranger],
  ["a stranger under a reviewer's key id", `${keyid}.${stranger.split('.').slice(1).join('.')}`],
  ['a signature that is cut', signed.slice(0, -1)],
]

for (const [what, header, changes = {}, at = now] of refusals) {
  test(`requireReviewer refuses ${what}`, () => {
    assert.throws(() => requireReviewer(header, { ...request, ...changes }, { reviewers: list, now: at }), {
      code: 'CONTROL_CREDENTIAL',
    })
  })
}

test('nothing about holds is told without a signature of an enrolled reviewer', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  for (const path of ['/v1/holds', `/v1/holds/${subject.hold}`]) {
    for (const as of [undefined, 'stranger']) {
      const { status, body } = await stage.ask({ method: 'GET', path, ...(as === undefined ? {} : { as }) })
      assert.deepEqual([status, body.error?.code], [401, 'CONTROL_CREDENTIAL'])
    }
  }
  const old = await signedHeaders({ method: 'GET', path: '/v1/holds', as: 'ada' }, stage.clock.now() - 60_001)
  assert.equal((await stage.app.inject({ method: 'GET', url: '/v1/holds', headers: old })).statusCode, 401)
})

test('what a reviewer signed for another gate opens nothing here, though the key is enrolled at both', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  const shown = { method: 'GET', path: `/v1/holds/${subject.hold}`, as: 'ada' } as const
  const now = stage.clock.now()
  const get = async (headers: Record<string, string>) =>
    (await stage.app.inject({ method: shown.method, url: shown.path, headers })).statusCode
  assert.equal(await get(await signedHeaders(shown, now)), 200)
  assert.equal(await get(await signedHeaders(shown, now, 'other.example/log')), 401)
})

test('a reviewer sees the holds that they may decide about, and no others', async () => {
  const stage = await startControlStage()
  const both = (await stage.hold()).hold
  const official = (await stage.hold({ asks: ['official'] })).hold
  const pair = (await stage.hold({ asks: ['two-person'] })).hold
  const elsewhere = (await stage.hold({ caller: 'somebody-else' })).hold
  assert.deepEqual(await listed(stage, 'ada'), [both, official, pair, elsewhere])
  assert.deepEqual(await listed(stage, 'cleo'), [both, official, elsewhere])
  assert.deepEqual(await listed(stage, 'clerk'), [elsewhere], 'none of their own')
  assert.deepEqual(await listed(stage, 'far'), [])
  for (const as of ['far', 'clerk', 'cleo']) {
    const { status } = await stage.ask({ method: 'GET', path: `/v1/holds/${pair}`, as })
    assert.equal(status, 404, as)
  }
})

test('a hold is shown whole, with its clauses, and counts without names', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  await decide(stage, 'ben', subject)
  const { body } = await stage.ask({ method: 'GET', path: `/v1/holds/${subject.hold}`, as: 'ada' })
  assert.deepEqual(body['subject'], subject)
  assert.equal(subjectDigest(body['subject']), subjectDigest(subject))
  assert.deepEqual(
    (body['clauses'] as { rule: string; title: string }[]).map(({ rule, title }) => [rule, title]),
    [['4.2#1', 'Sending waits']],
  )
  const two = { id: 'two-person', title: 'two-person', persons: 2, asks: '2 persons' }
  const one = { id: 'official', title: 'official', persons: 1, asks: '1 person' }
  assert.deepEqual(body['levels'], [
    { ...two, approved: 1, missing: '1 person', yours: true },
    { ...one, approved: 0, missing: '1 person', yours: true },
  ])
  assert.equal(body['state'], 'waiting')
  assert.equal(body['expires'], new Date(subject.expires).toISOString())
  assert.doesNotMatch(JSON.stringify(body), /"ben"|Reviewer ben/)
})

test('a hold tells in words whom its quorum asks and who is missing, and waits until all of them approved', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold({ asks: ['joint'] })
  const levelNow = async () => {
    const { body } = await stage.ask({ method: 'GET', path: `/v1/holds/${subject.hold}`, as: 'matron' })
    const [level] = body['levels'] as { asks: string; missing: string | null; approved: number }[]
    return [body['state'], level?.asks, level?.approved, level?.missing]
  }
  const asks = 'one of counsel and one of reviewers of clinic'
  assert.deepEqual(await levelNow(), ['waiting', asks, 0, asks])
  const levels = ['joint']
  assert.equal((await decide(stage, 'nurse', subject, { levels })).body['state'], 'waiting')
  assert.deepEqual(await levelNow(), ['waiting', asks, 1, 'one of counsel'])
  assert.equal((await decide(stage, 'matron', subject, { levels })).body['state'], 'waiting')
  assert.deepEqual(await levelNow(), ['waiting', asks, 1, 'one of counsel'])
  assert.equal((await decide(stage, 'counsel', subject, { levels })).body['state'], 'approved')
  assert.deepEqual(await levelNow(), ['approved', asks, 2, null])
})

test('a hold is shown with the clauses of every rule that is signed, beyond those that its entry names', async () => {
  const stage = await startControlStage()
  const { hold } = await stage.hold({ rules: ['4.1#2', '4.2#1'] })
  const { body } = await stage.ask({ method: 'GET', path: `/v1/holds/${hold}`, as: 'ada' })
  const rules = (body['clauses'] as { rule: string }[]).map(({ rule }) => rule)
  assert.deepEqual(rules, ['4.1#2', '4.2#1'])
})

test('a record that is not what was held is not shown', async () => {
  const stage = await startControlStage()
  const other = await stage.hold()
  for (const shown of [{ ...other, purpose: 'admin' } as unknown as Json, null, 'text']) {
    const { hold } = await stage.hold({}, shown ?? { nothing: true })
    const { status, body } = await stage.ask({ method: 'GET', path: `/v1/holds/${hold}`, as: 'ada' })
    assert.deepEqual([status, body.error?.code], [409, 'CONTROL_RECORD'])
  }
})

test('two persons approve what asks for two, and each of them once, by whatever key', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold({ asks: ['two-person'] })
  const first = await decide(stage, 'ada', subject)
  assert.deepEqual([first.status, first.body['state']], [200, 'waiting'])
  for (const as of ['ada', 'ada-again']) {
    for (const changes of [{}, { verdict: 'deny', levels: [] } as const]) {
      const { status, body } = await decide(stage, as, subject, changes)
      assert.deepEqual([status, body.error?.code], [409, 'REVIEW_TWICE'], as)
    }
  }
  const second = await decide(stage, 'ben', subject)
  assert.deepEqual([second.status, second.body['state']], [200, 'approved'])
  const decided = stage.leaves().filter(({ kind }) => kind === 'hold-decided')
  assert.equal(decided.length, 2)
})

test('a decision names its reviewer and its reason in the sealed record alone', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  const { body } = await decide(stage, 'ben', subject)
  const seq = body['seq'] as number
  const leaf = stage.leaves()[seq]
  assert.ok(leaf?.kind === 'hold-decided')
  assert.doesNotMatch(JSON.stringify(leaf), /ben|what the unit is for/)
  const sealed = await stage.recorder.sealed(seq)
  const place = { origin: subject.origin, exchange: subject.exchange, step: 'decision' } as const
  const { fields, content } = openRecord(sealed!, place, recordKey, leaf.commitments)
  assert.equal(fields.caller, 'ben')
  assert.deepEqual(content, {
    reviewer: { id: 'ben', title: 'Reviewer ben', person: 'ben' },
    reason: 'It is what the unit is for.',
    salt: sampleSalt,
  })
})

test('one denial ends a hold', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  await decide(stage, 'ada', subject)
  const denial = await decide(stage, 'cleo', subject, { verdict: 'deny', levels: [] })
  assert.deepEqual([denial.status, denial.body['state']], [200, 'denied'])
  assert.deepEqual(await listed(stage, 'ada'), [])
  assert.equal((await decide(stage, 'ben', subject)).status, 404)
})

test('nothing is decided about a hold whose time is over, nor once everything is approved', async () => {
  const stage = await startControlStage()
  const approved = await stage.hold({ asks: ['official'] })
  assert.equal((await decide(stage, 'cleo', approved, { levels: ['official'] })).body['state'], 'approved')
  const more = await decide(stage, 'ben', approved, { levels: ['official'] })
  assert.deepEqual([more.status, more.body.error?.code], [409, 'HOLD_OVER'])
  assert.equal(
    (await decide(stage, 'ben', approved, { verdict: 'deny', levels: [] })).body['state'],
    'denied',
  )
  const late = await stage.hold()
  stage.clock.time = late.expires
  assert.equal((await decide(stage, 'ada', late)).status, 404)
})

test('of two decisions of one person at once one counts', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  const answers = await Promise.all(['ada', 'ada-again', 'ada'].map((as) => decide(stage, as, subject)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409])
})

test('a decision that is wrong in anything is refused, and nothing is written', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  const other = await stage.hold()
  const good = (await decisionBody('ada', subject)) as Record<string, Json>
  const foreign = (await decisionBody('ben', subject)) as Record<string, Json>
  const stranger = (await decisionBody('stranger', subject)) as Record<string, Json>
  const wrong: readonly (readonly [string, Json, number, string])[] = [
    ['no object', [], 400, 'CONTROL_REQUEST'],
    ['a member too many', { ...good, more: 1 }, 400, 'CONTROL_REQUEST'],
    ['no reason', { ...good, reason: ' ' }, 400, 'CONTROL_REQUEST'],
    ['a reason that is too long', { ...good, reason: 'x'.repeat(4001) }, 400, 'CONTROL_REQUEST'],
    ['another reason than was signed', { ...good, reason: 'Another.' }, 400, 'CONTROL_REQUEST'],
    ['a short salt', { ...good, salt: 'AAAA' }, 400, 'CONTROL_REQUEST'],
    ['no envelope', { ...good, envelope: null }, 400, 'ENVELOPE_MALFORMED'],
    ["another reviewer's decision", foreign, 400, 'CONTROL_REQUEST'],
    ["a stranger's decision", stranger, 409, 'REVIEW_SIGNATURE'],
    ['a decision about another hold', await decisionBody('ada', other), 409, 'REVIEW_OTHER'],
    ['another digest', await decisionBody('ada', { ...subject, purpose: 'admin' }), 409, 'REVIEW_OTHER'],
    [
      'a level that is not asked',
      await decisionBody('ada', subject, { levels: ['owner'] }),
      409,
      'REVIEW_LEVEL',
    ],
  ]
  const before = stage.leaves().length
  for (const [what, body, status, code] of wrong) {
    const path = `/v1/holds/${subject.hold}/decisions`
    const answer = await stage.ask({ method: 'POST', path, body, as: 'ada' })
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], what)
  }
  assert.equal(stage.leaves().length, before)
  assert.deepEqual(stage.faults, [])
})

test('only the members that count of an envelope come into the ledger', async () => {
  const stage = await startControlStage()
  const subject = await stage.hold()
  const body = (await decisionBody('ada', subject)) as Record<string, Record<string, Json>>
  const padded = { ...body, envelope: { ...body['envelope'], note: 'x'.repeat(1000) } }
  const path = `/v1/holds/${subject.hold}/decisions`
  const answer = await stage.ask({ method: 'POST', path, body: padded, as: 'ada' })
  assert.equal(answer.status, 200)
  const leaf = stage.leaves()[answer.body['seq'] as number]
  assert.ok(leaf?.kind === 'hold-decided')
  assert.deepEqual(leaf.envelope, body['envelope'])
  assert.ok(!equalBytes(Buffer.from(JSON.stringify(leaf)), Buffer.from(JSON.stringify(padded))))
})
