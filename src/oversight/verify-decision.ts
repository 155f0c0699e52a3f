/** What a signed decision is worth: who signed it, about which hold, and which levels that adds up to. */
import type { Agreement } from '../agreement/index.ts'
import { EnvelopeError, parseEnvelope, signingKeys } from '../base/index.ts'
import type { Json, ParsedEnvelope } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { decisionPayloadType, parseDecision } from './decision-statement.ts'
import type { DecisionStatement } from './decision-statement.ts'
import { OversightError } from './oversight-error.ts'
import { lackOf } from './quorum-seats.ts'
import type { Approver } from './quorum-seats.ts'

/** What of an open hold a decision is checked against. */
export interface DecidedHold {
  readonly id: string
  readonly exchange: string
  /** Digest of what is shown and signed. */
  readonly subject: string
  readonly asks: readonly string[]
  /** Keyed digest of the caller. */
  readonly caller: string
}

export interface DecisionContext {
  readonly hold: DecidedHold
  /** The log's name. */
  readonly origin: string
  readonly reviewers: readonly EnrolledReviewer[]
  /** Id of the agreement under which the hold was opened. */
  readonly agreement: string
}

export interface VerifiedDecision {
  readonly reviewer: EnrolledReviewer
  readonly statement: DecisionStatement
}

/**
 * Verifies that one enrolled reviewer, who is not the caller, signed exactly this decision about exactly this hold.
 * Throws `ENVELOPE_MALFORMED` or an `OversightError`; returns nothing half trusted.
 */
export function verifyDecision(envelope: unknown, context: DecisionContext): VerifiedDecision {
  const parsed = parseEnvelope(envelope)
  requireForm(parsed)
  const reviewer = requireSigner(parsed, context)
  const statement = parseDecision(parsed.payload)
  requireSameHold(statement, context)
  requireLevels(statement, reviewer, context)
  requireNotCaller(reviewer, context)
  return { reviewer, statement }
}

/** What of an agreement says who is enough: its levels, and its tree of units. */
export type QuorumContext = Pick<Agreement, 'schedule' | 'ancestors'>

type ApprovedHold = DecidedHold & { readonly approvals: readonly Json[] }

/**
 * Levels for which enough distinct persons have approved, and where the level has a quorum, persons who fill it. An
 * envelope that does not verify now, such as one of a reviewer who is no longer enrolled, does not count; a level that
 * the schedule does not list is never approved.
 */
export function approvedLevels(
  hold: ApprovedHold,
  {
    origin,
    reviewers,
    agreement,
  }: Pick<DecisionContext, 'origin' | 'reviewers'> & { readonly agreement: QuorumContext },
): ReadonlySet<string> {
  const { schedule } = agreement
  const valid = validApprovals(hold, { origin, reviewers, agreement: schedule.id })
  const approved = schedule.levels.filter(
    (level) => lackOf(level, approversOf(valid, level.id), agreement) === null,
  )
  return new Set(approved.map(({ id }) => id))
}

/** The approvals of a hold that verify now. */
export function validApprovals(
  hold: ApprovedHold,
  context: Omit<DecisionContext, 'hold'>,
): readonly VerifiedDecision[] {
  return hold.approvals.flatMap((envelope) => verifiedOrNone(envelope, { ...context, hold }))
}

/** Who approved a level, once for each approval. */
export function approversOf(valid: readonly VerifiedDecision[], level: string): readonly Approver[] {
  return valid.flatMap(({ reviewer, statement }) => (statement.levels.includes(level) ? [reviewer] : []))
}

/** Who approved anything, as keyed digests of persons. */
export function personsOf(valid: readonly VerifiedDecision[]): ReadonlySet<string> {
  return new Set(valid.map(({ reviewer }) => reviewer.person))
}

function verifiedOrNone(envelope: unknown, context: DecisionContext): VerifiedDecision[] {
  try {
    const verified = verifyDecision(envelope, context)
    return verified.statement.verdict === 'approve' ? [verified] : []
  } catch (error) {
    if (error instanceof OversightError || error instanceof EnvelopeError) return []
    throw error
  }
}

function requireForm({ payloadType, signatures }: ParsedEnvelope): void {
  if (payloadType !== decisionPayloadType) {
    throw new OversightError('REVIEW_FORM', 'the envelope holds no decision about a hold')
  }
  if (signatures.length !== 1) {
    throw new OversightError('REVIEW_FORM', 'a decision is signed by one key, and by no other')
  }
}

function requireSigner(
  envelope: ParsedEnvelope,
  { reviewers, agreement }: DecisionContext,
): EnrolledReviewer {
  const candidates = reviewers.filter((reviewer) => reviewer.agreement === agreement)
  const signed = signingKeys(
    envelope,
    candidates.map(({ key }) => key),
  )
  const reviewer = candidates.find(({ key }) => signed.has(key))
  if (reviewer) return reviewer
  throw new OversightError('REVIEW_SIGNATURE', `no reviewer who is enrolled for \`${agreement}\` signed this`)
}

function requireSameHold(statement: DecisionStatement, { hold, origin }: DecisionContext): void {
  if (statement.hold !== hold.id || statement.exchange !== hold.exchange || statement.origin !== origin) {
    throw new OversightError('REVIEW_OTHER', `the decision is not about the hold \`${hold.id}\``)
  }
  if (statement.subject !== hold.subject) {
    throw new OversightError('REVIEW_OTHER', 'what was signed is not what is held')
  }
}

function requireLevels(
  { levels }: DecisionStatement,
  reviewer: EnrolledReviewer,
  { hold }: DecisionContext,
): void {
  const wrong = levels.find((level) => !reviewer.levels.includes(level) || !hold.asks.includes(level))
  if (wrong === undefined) return
  throw new OversightError('REVIEW_LEVEL', `\`${wrong}\` is not asked, or not this reviewer's to approve`)
}

/** By the person: whoever has two keys is the caller under both. */
function requireNotCaller({ person }: EnrolledReviewer, { reviewers, hold }: DecisionContext): void {
  const isCaller = reviewers.some((one) => one.person === person && one.callers.includes(hold.caller))
  if (isCaller) throw new OversightError('REVIEW_OWN_CALL', 'nobody decides about a call of their own')
}
