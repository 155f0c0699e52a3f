/** A hold with reviewers to decide about it, for tests. */
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Envelope, Signer } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { signDecision } from './decision-statement.ts'
import type { DecisionStatement } from './decision-statement.ts'
import { newSubject, subjectDigest } from './subject.ts'
import type { HoldSubject } from './subject.ts'

export const sampleOrigin = 'gateway.example/ledger'

export const sampleAgreement = requireAgreement(
  sampleText({
    lines: {
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels: `
  two-person: { persons: 2, clause: "2" }
  official: { clause: "2" }
  joint: { quorum: "one of counsel and one of reviewers of clinic", clause: "2" }`,
    },
  }),
)

export const sampleSubject: HoldSubject = newSubject({
  origin: sampleOrigin,
  hold: 'hold_1',
  exchange: 'ex_1',
  stage: 'tool',
  caller: 'clerk',
  unit: 'ward',
  chain: [],
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  provenance: ['own'],
  route: 'general',
  model: 'large',
  agreement: { id: 'sample', version: 1, hash: sampleAgreement.hash, entry: 1 },
  request: { model: 'general', messages: [{ role: 'user', content: 'Post the letter.' }], stop: null },
  sent: `sha256:${'1'.repeat(64)}`,
  answer: { tool: 'post', arguments: { to: 'the archive' } },
  findings: [],
  rules: ['4.2#1'],
  asks: ['official', 'two-person'],
  expires: Date.parse('2026-11-21T00:00:00Z'),
})

export const callerDigest = 'c'.repeat(64)

export const sampleHold = {
  id: sampleSubject.hold,
  exchange: sampleSubject.exchange,
  subject: subjectDigest(sampleSubject),
  asks: sampleSubject.asks,
  caller: callerDigest,
}

export interface SampleReviewer {
  readonly signer: Signer
  readonly enrolled: EnrolledReviewer
}

/** A reviewer with a new key. */
export function sampleReviewer(person: string, changes: Partial<EnrolledReviewer> = {}): SampleReviewer {
  const signer = signerFromKey(newPrivateKey())
  const key = Buffer.from(signer.publicKey).toString('base64')
  const rest = { agreement: 'sample', levels: ['official', 'two-person'], roles: [], callers: [] }
  return { signer, enrolled: { key, person, ...rest, ...changes } }
}

export const sampleStatement: DecisionStatement = {
  v: 1,
  hold: sampleHold.id,
  exchange: sampleHold.exchange,
  origin: sampleOrigin,
  subject: sampleHold.subject,
  verdict: 'approve',
  levels: ['two-person'],
  reason: `sha256:${'2'.repeat(64)}`,
  decided: '2026-11-20T15:00:00.000Z',
}

export function decide(
  { signer }: SampleReviewer,
  changes: Partial<DecisionStatement> = {},
): Promise<Envelope> {
  return signDecision({ ...sampleStatement, ...changes }, signer)
}
