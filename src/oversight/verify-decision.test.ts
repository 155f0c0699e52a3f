import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, isErrorCode, signEnvelope } from '../base/index.ts'
import type { Envelope, Json } from '../base/index.ts'
import { decisionPayloadType } from './decision-statement.ts'
import {
  callerDigest,
  decide,
  sampleAgreement,
  sampleHold,
  sampleOrigin,
  sampleReviewer,
  sampleStatement,
  sampleSubject,
} from './sample-hold.fixture.ts'
import type { SampleReviewer } from './sample-hold.fixture.ts'
import { approvedLevels, rebindSubject, subjectDigest, verifyDecision } from './index.ts'

const ada = sampleReviewer('ada')
const ben = sampleReviewer('ben')
const stranger = sampleReviewer('stranger')
const clerk = sampleReviewer('clerk', { callers: [callerDigest] })
const official = sampleReviewer('official', { levels: ['official'] })
const elsewhere = sampleReviewer('elsewhere', { agreement: 'other' })

const enrolledOf = (...reviewers: readonly SampleReviewer[]) => reviewers.map(({ enrolled }) => enrolled)
const context = {
  hold: sampleHold,
  origin: sampleOrigin,
  reviewers: enrolledOf(ada, ben, clerk, official, elsewhere),
  agreement: 'sample',
}

function refuses(code: string, envelope: unknown, changes: Partial<typeof context> = {}): void {
  assert.throws(
    () => verifyDecision(envelope, { ...context, ...changes }),
    (error) => isErrorCode(error, code),
    code,
  )
}

test('verifyDecision answers who signed what', async () => {
  const { reviewer, statement } = verifyDecision(await decide(ada), context)
  assert.equal(reviewer, ada.enrolled)
  assert.deepEqual(statement, sampleStatement)
  const denial = verifyDecision(await decide(official, { verdict: 'deny', levels: [] }), context)
  assert.equal(denial.statement.verdict, 'deny')
})

test('verifyDecision takes no signature but exactly one of somebody who is enrolled', async () => {
  const envelope = await decide(ada)
  const other = (await decide(ben)).signatures
  refuses('REVIEW_SIGNATURE', await decide(stranger))
  refuses('REVIEW_SIGNATURE', await decide(elsewhere))
  refuses('REVIEW_SIGNATURE', envelope, { reviewers: [] })
  refuses('REVIEW_SIGNATURE', envelope, { agreement: 'other' })
  refuses('REVIEW_SIGNATURE', {
    ...envelope,
    signatures: [{ ...other[0], keyid: envelope.signatures[0]!.keyid }],
  })
  refuses('REVIEW_FORM', { ...envelope, signatures: [] })
  refuses('REVIEW_FORM', { ...envelope, signatures: [...envelope.signatures, ...other] })
  refuses('REVIEW_FORM', { ...envelope, payloadType: 'application/vnd.servanda.order+json' })
  refuses('ENVELOPE_MALFORMED', null)
})

test('verifyDecision takes a decision for its own hold and for exactly what was shown', async () => {
  for (const changes of [{ hold: 'hold_2' }, { exchange: 'ex_2' }, { origin: 'other.example/ledger' }]) {
    refuses('REVIEW_OTHER', await decide(ada, changes))
  }
  refuses('REVIEW_OTHER', await decide(ada, { subject: `sha256:${'0'.repeat(64)}` }))
})

test('verifyDecision lets a reviewer approve what is asked and is theirs, and deny without a level', async () => {
  refuses('REVIEW_LEVEL', await decide(official, { levels: ['two-person'] }))
  refuses('REVIEW_LEVEL', await decide(official, { levels: ['official', 'two-person'] }))
  const greedy = sampleReviewer('greedy', { levels: ['official', 'owner'] })
  refuses('REVIEW_LEVEL', await decide(greedy, { levels: ['owner'] }), { reviewers: enrolledOf(greedy) })
  refuses('REVIEW_FORM', await decide(ada, { levels: [] }))
  refuses('REVIEW_FORM', await decide(ada, { verdict: 'deny' }))
})

test('verifyDecision takes nothing from the caller, by whichever of their keys', async () => {
  refuses('REVIEW_OWN_CALL', await decide(clerk))
  const secondKey = sampleReviewer('clerk')
  refuses('REVIEW_OWN_CALL', await decide(secondKey), { reviewers: enrolledOf(clerk, secondKey) })
  refuses('REVIEW_OWN_CALL', await decide(secondKey, { verdict: 'deny', levels: [] }), {
    reviewers: enrolledOf(secondKey, clerk),
  })
})

const payloads: readonly (readonly [what: string, payload: string])[] = [
  ['nothing', ''],
  ['a list', '[]'],
  ['two of a member', '{"v":1,"v":1}'],
  ['blanks', JSON.stringify(sampleStatement, null, 1)],
  ['members in another order', JSON.stringify(sampleStatement)],
  ['a member too many', canonicalJson({ ...sampleStatement, more: 1 })],
  ['a member that is missing', canonicalJson({ ...sampleStatement, reason: undefined })],
  ['null in the place of a text', canonicalJson({ ...sampleStatement, reason: null })],
  ['another version', canonicalJson({ ...sampleStatement, v: 2 })],
  ['another verdict', canonicalJson({ ...sampleStatement, verdict: 'abstain' })],
  ['a time that is none', canonicalJson({ ...sampleStatement, decided: '2026-11-20' })],
  ['levels that are not sorted', canonicalJson({ ...sampleStatement, levels: ['two-person', 'official'] })],
  ['one level twice', canonicalJson({ ...sampleStatement, levels: ['official', 'official'] })],
  ['levels that are no texts', canonicalJson({ ...sampleStatement, levels: [1] })],
]

for (const [what, payload] of payloads) {
  test(`verifyDecision refuses ${what}, although a reviewer signed it`, async () => {
    refuses('REVIEW_FORM', await signEnvelope(decisionPayloadType, Buffer.from(payload), [ada.signer]))
  })
}

test('a decision that was changed in one byte is none', async () => {
  const envelope = await decide(ada)
  const bytes = Buffer.from(envelope.payload, 'base64')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(bytes)
      changed[at] = changed[at]! ^ change
      refuses('REVIEW_SIGNATURE', { ...envelope, payload: changed.toString('base64') })
    }),
  )
})

test('subjectDigest is another for a change in any one character of what was shown', () => {
  const shown = subjectDigest(sampleSubject)
  const text = JSON.stringify(sampleSubject)
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('a', 'b', '0', '1'), (at, character) => {
      const changed = `${text.slice(0, at)}${character}${text.slice(at + 1)}`
      if (changed === text || !isJson(changed)) return
      // Two ways to write one value, such as a digit in an escape, are one subject.
      if (canonicalJson(JSON.parse(changed) as Json) === canonicalJson(JSON.parse(text) as Json)) return
      assert.notEqual(subjectDigest(JSON.parse(changed) as typeof sampleSubject), shown)
    }),
    { numRuns: 500 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('subjectDigest keeps what is missing apart from null, and one order of messages from another', () => {
  const { request } = sampleSubject
  const { stop, ...without } = request as Record<string, Json>
  assert.equal(stop, null)
  const subjects = [request, without, { ...without, stop: [] }, { ...without, stop: '' }]
  const digests = subjects.map((changed) => subjectDigest({ ...sampleSubject, request: changed }))
  assert.equal(new Set(digests).size, digests.length)
})

test('rebindSubject gives the digest that was signed for the same call, and another for every other', () => {
  const shown = sampleHold.subject
  assert.equal(subjectDigest(rebindSubject(sampleSubject, sampleSubject)), shown)
  const others: readonly Partial<typeof sampleSubject>[] = [
    { caller: 'other' },
    { unit: 'clinic' },
    { chain: ['contractor'] },
    { purpose: 'admin' },
    { surface: 'api' },
    { consumer: 'batch' },
    { provenance: [] },
    { route: 'other' },
    { model: 'small' },
    { agreement: { ...sampleSubject.agreement, entry: 2 } },
    { request: { model: 'general', messages: [] } },
    { sent: `sha256:${'3'.repeat(64)}` },
  ]
  for (const change of others) {
    assert.notEqual(subjectDigest(rebindSubject(sampleSubject, { ...sampleSubject, ...change })), shown)
  }
})

/** Who signed approvals of which levels, and the levels that this approves. */
const counts: readonly (readonly [string, readonly (readonly [SampleReviewer, string[]])[], string[]])[] = [
  ['nobody', [], []],
  ['one of two persons', [[ada, ['two-person']]], []],
  ['two persons', [[ada, ['two-person']], [ben, ['two-person']]], ['two-person']],
  ['one person twice', [[ada, ['two-person']], [ada, ['two-person']]], []],
  ['one of one', [[official, ['official']]], ['official']],
  ['one for two levels', [[ada, ['official', 'two-person']]], ['official']],
  ['the caller', [[ada, ['two-person']], [clerk, ['two-person']]], []],
  ['a stranger', [[ada, ['two-person']], [stranger, ['two-person']]], []],
  ['a reviewer of another agreement', [[ada, ['two-person']], [elsewhere, ['two-person']]], []],
  ['somebody of another level', [[ada, ['two-person']], [official, ['two-person']]], []],
] // prettier-ignore

for (const [who, signed, approved] of counts) {
  test(`approvedLevels counts ${who}`, async () => {
    const approvals = await Promise.all(signed.map(([reviewer, levels]) => decide(reviewer, { levels })))
    assert.deepEqual([...levelsOf(approvals)].sort(), approved)
  })
}

function levelsOf(
  approvals: readonly (Envelope | Json)[],
  { reviewers = context.reviewers, asks = sampleHold.asks } = {},
): ReadonlySet<string> {
  return approvedLevels(
    { ...sampleHold, asks, approvals: approvals as readonly Json[] },
    { origin: sampleOrigin, reviewers, agreement: sampleAgreement },
  )
}

test('approvedLevels counts two keys of one person once', async () => {
  const secondKey = sampleReviewer('ada')
  const approvals = [await decide(ada), await decide(secondKey)]
  const reviewers = [...context.reviewers, secondKey.enrolled]
  assert.deepEqual(levelsOf(approvals, { reviewers }), new Set())
  assert.deepEqual(levelsOf([...approvals, await decide(ben)], { reviewers }), new Set(['two-person']))
})

test('approvedLevels fills a quorum with distinct persons of its roles and units, and with nobody else', async () => {
  const joint = (person: string, changes: object) => sampleReviewer(person, { levels: ['joint'], ...changes })
  const counsel = joint('ada', { roles: ['counsel', 'reviewers'], unit: 'ward' })
  const sameCounsel = joint('ada', { roles: ['reviewers'], unit: 'clinic' })
  const ofWard = joint('ben', { roles: ['reviewers'], unit: 'ward' })
  const others = [
    joint('cleo', { roles: ['reviewers'], unit: 'intelligence' }),
    joint('cleo', { roles: ['reviewers'] }),
    joint('cleo', { roles: ['owners'], unit: 'ward' }),
    joint('cleo', { roles: ['reviewers'], unit: 'ward', levels: ['official'] }),
    joint('cleo', { roles: ['reviewers'], unit: 'ward', callers: [callerDigest] }),
    joint('cleo', { roles: ['reviewers'], unit: 'ward', agreement: 'other' }),
    sameCounsel,
  ]
  const approvedBy = async (...people: readonly SampleReviewer[]) =>
    levelsOf(await Promise.all(people.map((one) => decide(one, { levels: ['joint'] }))), {
      reviewers: enrolledOf(...people),
      asks: ['joint'],
    })
  assert.deepEqual(await approvedBy(counsel, ofWard), new Set(['joint']))
  assert.deepEqual(await approvedBy(ofWard, counsel), new Set(['joint']))
  assert.deepEqual(await approvedBy(counsel), new Set())
  for (const other of others) assert.deepEqual(await approvedBy(counsel, other), new Set())
})

test('approvedLevels counts nobody who is no longer enrolled, no denial and nothing unreadable', async () => {
  const approvals = [await decide(ada), await decide(ben)]
  assert.deepEqual(levelsOf(approvals, { reviewers: enrolledOf(ada) }), new Set())
  const denial = await decide(ben, { verdict: 'deny', levels: [] })
  assert.deepEqual(levelsOf([approvals[0]!, denial, null, 'x', {}]), new Set())
})

test('approvedLevels approves no level that the schedule does not list', async () => {
  const owner = sampleReviewer('owner', { levels: ['owner'] })
  const approval = await decide(owner, { levels: ['owner'] })
  const reviewers = enrolledOf(owner)
  assert.deepEqual(levelsOf([approval], { reviewers, asks: ['owner'] }), new Set())
})

test('approvedLevels needs as many distinct persons as the level says, whoever signs how often', async () => {
  const people = ['p1', 'p2', 'p3'].flatMap((person) => [sampleReviewer(person), sampleReviewer(person)])
  const signed = await Promise.all(people.map((one) => decide(one, { levels: ['two-person'] })))
  const reviewers = enrolledOf(...people)
  fc.assert(
    fc.property(fc.array(fc.nat(people.length - 1), { maxLength: 8 }), (signers) => {
      const persons = new Set(signers.map((i) => people[i]!.enrolled.person))
      const approvals = signers.map((i) => signed[i]!)
      assert.equal(levelsOf(approvals, { reviewers }).has('two-person'), persons.size >= 2)
    }),
  )
})
