/** Claims about disputes: who may open one, that it only tightens, and what settles it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isSettled,
  parseDispute,
  requireReading,
  signDispute,
  underDispute,
  verifyDispute,
} from '../agreement/index.ts'
import type { Agreement, Dispute } from '../agreement/index.ts'
import { requireAgreement, sampleBody, sampleText } from '../agreement/sample-agreement.ts'
import { canonicalJson, isErrorCode, newPrivateKey, signerFromKey, utf8 } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { requireAgreesWithOracle } from './agrees-with-oracle.ts'
import { decide } from './decide.ts'
import type { Verdict } from './decision.ts'
import { randomFrom } from './random.ts'
import { requestSource, requestsFor } from './requests.ts'

const newSigner = (): Signer => signerFromKey(newPrivateKey())
const [agency, provider, stranger] = [newSigner(), newSigner(), newSigner()]
const base64 = ({ publicKey }: Signer): string => Buffer.from(publicKey).toString('base64')
const parts = { agencyKeys: [base64(agency)], providerKeys: [base64(provider)] }
const agreement = requireAgreement(sampleText(parts))

const noBatches = 'forbid (principal, action, resource) when { context.consumer == Consumer::"batch" };'

function disputeAbout(clause: string, reading = '', changed: Partial<Dispute> = {}): Dispute {
  return {
    v: 1,
    id: 'dispute_1',
    agreement: 'sample',
    text: agreement.hash,
    clause,
    reading,
    reason: 'sha256:00',
    issued: '2026-11-20T15:00:00.000Z',
    ...changed,
  }
}

const refuses = (code: string, run: () => Promise<unknown>): Promise<void> =>
  assert.rejects(run, (error) => isErrorCode(error, code))

const weight: Readonly<Record<Verdict, number>> = { allow: 0, hold: 1, deny: 2 }

test('verifyDispute lets any one key of any one party open a dispute, and nobody else', async () => {
  for (const [signer, party] of [
    [agency, 'agency'],
    [provider, 'provider'],
  ] as const) {
    const dispute = disputeAbout('3')
    const verified = verifyDispute(agreement, await signDispute(dispute, [signer]))
    assert.deepEqual(verified, { dispute, parties: [party], demoParties: [] })
  }
  await refuses('ENVELOPE_SIGNATURES', async () =>
    verifyDispute(agreement, await signDispute(disputeAbout('3'), [stranger])),
  )
  await refuses('ENVELOPE_SIGNATURES', async () =>
    verifyDispute(agreement, await signDispute(disputeAbout('3'), [])),
  )
})

test('verifyDispute refuses what is about something else, cannot act or would change nothing', async () => {
  const bad: readonly [what: string, dispute: Dispute][] = [
    ['another agreement', disputeAbout('3', '', { agreement: 'other' })],
    ['another text', disputeAbout('3', '', { text: `sha256:${'0'.repeat(64)}` })],
    ['no such clause', disputeAbout('9.9', noBatches)],
    ['a clause of the system', disputeAbout('system.order', noBatches)],
    ['a clause without grant or hold, and no reading', disputeAbout('4.1')],
    ['a permit', disputeAbout('4.1', 'permit (principal, action, resource);')],
    [
      'a hold',
      disputeAbout(
        '4.1',
        noBatches.replace(';', ' unless { context.approvals.contains(Level::"official") };'),
      ),
    ],
    ['words that the schedule does not list', disputeAbout('4.1', noBatches.replace('batch', 'crowd'))],
    ['no Cedar', disputeAbout('4.1', 'everybody may not')],
    ['more forbids than act at once', disputeAbout('3', `${noBatches}\n`.repeat(17))],
    ['a reading beyond what is read at once', disputeAbout('3', `${noBatches} //${' so'.repeat(1_400)}`)],
    ['a time that is none', disputeAbout('3', '', { issued: 'yesterday' })],
    ['an id with a blank', disputeAbout('3', '', { id: 'a b' })],
  ]
  for (const [what, dispute] of bad) {
    const envelope = await signDispute(dispute, [agency])
    assert.throws(
      () => verifyDispute(agreement, envelope),
      (error) => isErrorCode(error, 'DISPUTE_FALSE'),
      what,
    )
  }
  const spaced = utf8(canonicalJson({ ...disputeAbout('3') }).replace('{', '{ '))
  assert.throws(
    () => parseDispute(spaced),
    (error) => isErrorCode(error, 'DISPUTE_FALSE'),
  )
})

const disputed: readonly [what: string, clause: string, reading: string][] = [
  ['grants', '3', ''],
  ['a hold', '4.2', ''],
  ['a hold beside other rules', '4.3', ''],
  ['a prohibition that is too narrow', '4.1', noBatches],
  ['prose without rule', '1', `${noBatches}\n\nforbid (principal, action == Action::"send", resource);`],
  ['grants, and a reading beside', '3', noBatches],
]

for (const [what, clause, reading] of disputed) {
  test(`under a dispute about ${what} nothing is lighter, something is heavier, and Cedar decides alike`, () => {
    const dispute = disputeAbout(clause, reading)
    requireReading(agreement, dispute)
    const stricter = underDispute(agreement, [dispute])
    assert.ok(requireAgreesWithOracle(stricter).requests > 0)
    assert.equal(stricter.hash, agreement.hash)
    let heavier = 0
    const source = requestSource(agreement, randomFrom(7))
    for (const rule of agreement.rules) {
      for (const { facts, findings, approvals } of requestsFor(source, rule, 2)) {
        const before = decide(agreement, facts, findings, approvals)
        const after = decide(stricter, facts, findings, approvals)
        assert.ok(weight[after.verdict] >= weight[before.verdict], JSON.stringify(facts))
        if (before.verdict === 'hold' && after.verdict === 'hold') {
          assert.ok(before.asks.every((level) => after.asks.includes(level)))
        }
        if (weight[after.verdict] > weight[before.verdict]) heavier++
      }
    }
    assert.ok(heavier > 0)
  })
}

test('several disputes act together', () => {
  const both = underDispute(agreement, [
    disputeAbout('4.2'),
    disputeAbout('4.1', noBatches, { id: 'dispute_2' }),
    disputeAbout('4.1', noBatches.replace('batch', 'seat'), { id: 'dispute_3' }),
  ])
  assert.ok(requireAgreesWithOracle(both).requests > 0)
  assert.deepEqual(
    both.rules.filter(({ id }) => id.includes('#dispute:')).map(({ id }) => id),
    ['4.1#dispute:dispute_2:1', '4.1#dispute:dispute_3:1'],
  )
  assert.deepEqual(both.rules.find(({ id }) => id === '4.2#1')?.liftedBy, [])
})

test('a version settles a dispute where prose or rules of the clause differ, and only there', () => {
  const amended = (text: (before: string) => string): Agreement =>
    requireAgreement(text(sampleText({ ...parts, version: 2, previous: agreement.hash })))
  const otherwise = amended((text) => text)
  const prose = amended((text) =>
    text.replace('### 4.2 Sending waits\n', '### 4.2 Sending waits\n\nFor two people.\n'),
  )
  const rules = amended((text) => text.replace('Level::"two-person"', 'Level::"official"'))
  assert.ok(sampleBody.includes('Level::"two-person"'))
  assert.equal(isSettled(agreement, '4.2', otherwise), false)
  assert.equal(isSettled(agreement, '4.2', prose), true)
  assert.equal(isSettled(agreement, '4.2', rules), true)
  assert.equal(isSettled(agreement, '4.1', prose), false)
  const blanks = amended((text) =>
    text
      .replace('### 4.2 Sending waits\n', '### 4.2 Sending  waits\n\n\n')
      .replace(
        'action == Action::"send", resource)\nunless',
        'action == Action::"send", resource)\n  unless',
      ),
  )
  assert.notEqual(blanks.hash, otherwise.hash)
  assert.equal(isSettled(agreement, '4.2', blanks), false, 'nobody has changed a word')
})
