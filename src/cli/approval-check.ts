/** Whether the people who approved a hold were enough, by the log's own entries and the text of the agreement. */
import type { Agreement } from '../agreement/index.ts'
import { EnvelopeError, parseEnvelope } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { Redemption } from '../ledger/index.ts'
import { OversightError, approvedLevels, parseDecision } from '../oversight/index.ts'
import { CliError } from './cli-error.ts'

/**
 * Throws `CLI_AGREEMENT` unless, for every level that the rules of the hold ask, enough enrolled persons signed for
 * one and the same thing that was shown. What that was, and that none of them was the caller, stands in the sealed
 * record and not in the log.
 */
export function requireApproved(redemption: Redemption, agreement: Agreement, origin: string): void {
  const { opening, approvals, reviewers } = redemption
  const asks = asksOf(opening.rules, agreement)
  const envelopes = approvals.map(({ envelope }) => envelope)
  const { hold: id = '', exchange } = opening
  const enough = [...subjectsOf(envelopes)].some((subject) => {
    const hold = { id, exchange, subject, asks, caller: '', approvals: envelopes }
    const approved = approvedLevels(hold, { origin, reviewers, agreement })
    return asks.every((level) => approved.has(level))
  })
  if (enough) return
  throw refused(`the hold \`${id}\` asks for ${asks.join(', ')}, and was not approved by enough of them`)
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

function refused(message: string): CliError {
  return new CliError('CLI_AGREEMENT', message)
}
