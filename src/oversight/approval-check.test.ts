/** An offline reader comes to the same answer as the gate about who is enough. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import type { Json } from '../base/index.ts'
import type { Redemption } from '../ledger/index.ts'
import { requireApproved } from './approval-check.ts'
import { decide, sampleHold, sampleOrigin, sampleReviewer } from './sample-hold.fixture.ts'
import type { SampleReviewer } from './sample-hold.fixture.ts'

const agreement = requireAgreement(
  sampleText({
    lines: {
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels: `
  two-person: { quorum: "one of counsel and one of reviewers of clinic", clause: "2" }
  official: { clause: "2" }`,
    },
  }),
)
const counsel = sampleReviewer('ada', { roles: ['counsel', 'reviewers'], unit: 'ward' })
const sameCounsel = sampleReviewer('ada', { roles: ['reviewers'], unit: 'ward' })
const ofWard = sampleReviewer('ben', { roles: ['reviewers'], unit: 'ward' })
const ofDepartment = sampleReviewer('cleo', { roles: ['reviewers'], unit: 'department' })
const ofNothing = sampleReviewer('dan')

/** A hold of rule 4.2#1 that was used after these had approved it. */
async function check(people: readonly SampleReviewer[]): Promise<void> {
  const approvals = await Promise.all(people.map((one) => decide(one)))
  const { id, exchange } = sampleHold
  const redemption = {
    opening: { rules: ['4.2#1'], hold: id, exchange },
    approvals: approvals.map((envelope) => ({ envelope: envelope as unknown as Json })),
    reviewers: people.map(({ enrolled }) => enrolled),
  } as unknown as Redemption
  requireApproved(redemption, agreement, sampleOrigin)
}

test('requireApproved takes approvals of distinct persons who fill the quorum of the level', async () => {
  await check([counsel, ofWard])
  await check([ofDepartment, ofWard, counsel])
})

const tooFew: readonly (readonly [string, readonly SampleReviewer[]])[] = [
  ['one who could take both seats', [counsel]],
  ['one person by two keys', [counsel, sameCounsel]],
  ['two who could take the same seat only', [ofWard, ofDepartment]],
  ['a reviewer of a unit above the one that is asked', [counsel, ofDepartment]],
  ['somebody without a role', [counsel, ofNothing]],
  ['nobody', []],
]

for (const [who, people] of tooFew) {
  test(`requireApproved refuses the approvals of ${who}`, async () => {
    await assert.rejects(check(people), { code: 'SIGNED_FALSE' })
  })
}
