/**
 * Whether people decided about a hold, and were enough where it was used: by the log's own entries and the text of the
 * agreement.
 */
import type { Agreement } from '../agreement/index.ts'
import { EnvelopeError, parseEnvelope } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { Decision, Redemption } from '../ledger/index.ts'
import { parseDecision } from './decision-statement.ts'
import { OversightError } from './oversight-error.ts'
import { approvedLevels, verifyDecision } from './verify-decision.ts'

/**
 * Throws `SIGNED_FALSE` unless, for every level that the rules of the hold ask, enough enrolled persons signed for
 * one and the same thing that was shown. What that was, and that none of them was the caller, stands in the sealed
 * record and not in the log.
 */
export function requireApproved(redemption: Redemption, agreement: Agreement, origin: string): void {
  const { opening, approvals, reviewers } = redemption
  const asks = asksOf(opening.rules, agreement)
  const envelopes = approvals.map(({ envelope }) => envelope)
  const { hold: id = '', exchange } = opening
  const enough = [...subjectsOf(envelopes)].some((subject) => {
    const hold = { id, exchange, subject, asks: levelsOf(agreement), caller: '', approvals: envelopes }
    const approved = approvedLevels(hold, { origin, reviewers, agreement })
    return asks.every((level) => approved.has(level))
  })
  if (enough) return
  throw refused(`the hold \`${id}\` asks for ${asks.join(', ')}, and was not approved by enough of them`)
}

/**
 * Throws an `OversightError` or `ENVELOPE_MALFORMED` unless one reviewer who was enrolled signed exactly this decision
 * about this hold, and about the same as those who decided before. What was shown, which levels beyond those of its
 * own rules it asks, and that the reviewer is not the caller, stand in the sealed record and not in the log.
 */
export function requireDecided(
  { decided, first, reviewers }: Decision,
  { schedule }: Agreement,
  origin: string,
): void {
  const { envelope, verdict, hold: id, exchange } = decided
  // What was shown is told by the first approval; where this is the first, by itself.
  const [subject = ''] = subjectsOf([first?.envelope ?? envelope])
  const hold = { id, exchange, subject, asks: levelsOf({ schedule }), caller: '' }
  const { statement } = verifyDecision(envelope, { hold, origin, reviewers, agreement: schedule.id })
  if (statement.verdict !== verdict)
    throw refused(`it says \`${verdict}\`, and \`${statement.verdict}\` was signed`)
}

/**
 * Levels that a decision may name. An answer that is held after its request was approved asks for the levels of that
 * request again, beside those of its own rules, and its entry names the latter alone.
 */
function levelsOf({ schedule }: Pick<Agreement, 'schedule'>): readonly string[] {
  return schedule.levels.map(({ id }) => id)
}

/** Every level that lifts one of the rules. */
function asksOf(ids: readonly string[], { rules }: Agreement): string[] {
  const levels = ids.map((id) => {
    const { liftedBy = [] } = rules.find((rule) => rule.id === id) ?? {}
    if (liftedBy.length === 0) throw refused(`the rule \`${id}\` is none that people lift`)
    return liftedBy
  })
  if (levels.length === 0) throw refused('the hold names no rule')
  return [...new Set(levels.flat())].sort()
}

/** The digests of what the approvals say was shown. */
function subjectsOf(envelopes: readonly Json[]): ReadonlySet<string> {
  const subjects = envelopes.flatMap((envelope) => {
    try {
      return [parseDecision(parseEnvelope(envelope).payload).subject]
    } catch (error) {
      // What is no decision approves nothing.
      if (error instanceof OversightError || error instanceof EnvelopeError) return []
      throw error
    }
  })
  return new Set(subjects)
}

function refused(message: string): OversightError {
  return new OversightError('SIGNED_FALSE', message)
}
