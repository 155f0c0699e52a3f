/** Explains a request under what is in force now, for a console: what would be decided, why, and what would change it. */
import type { Json } from '../base/index.ts'
import { denyBySystem, explain, parseExplainRequest } from '../decision/index.ts'
import type { Decision, Explanation } from '../decision/index.ts'
import type { ControlDeps } from './control-deps.ts'
import { requireInForce } from './current-standing.ts'
import type { CurrentStanding } from './current-standing.ts'
import { misshapen, readObject } from './read-body.ts'

export interface ExplainedNow {
  readonly agreement: {
    readonly id: string
    readonly version: number
    readonly hash: string
    /** Its activation entry. */
    readonly entry: number
  }
  /** Stop orders that stand: while there is one, everything is denied, whatever the rules say. */
  readonly stops: readonly string[]
  /** Clauses in dispute: the stricter readings act, and are what is explained. */
  readonly disputed: readonly string[]
  /** What the gate would decide now; the explanation is that of the rules. */
  readonly decision: Decision
  readonly explanation: Explanation
}

/**
 * `{agreement, request, everyRule?}`, where the request is as in the file of `servanda explain`, with the present time
 * where it names none. Throws `CONTROL_REQUEST`, `EXPLAIN_REQUEST` and `CONTROL_NOT_FOUND`.
 */
export async function explainNow(
  body: unknown,
  standing: CurrentStanding,
  { clock }: Pick<ControlDeps, 'clock'>,
): Promise<ExplainedNow> {
  const asked = readObject(body, ['agreement', 'request'], ['everyRule'])
  const everyRule = readFlag(asked['everyRule'] ?? false)
  if (typeof asked['agreement'] !== 'string') throw misshapen('the id of an agreement is needed')
  const inForce = requireInForce(await standing.read(), asked['agreement'])
  const { agreement, prepared, entry, stops, disputes } = inForce
  const request = parseExplainRequest(asked['request'] ?? null, agreement.schedule, clock.now())
  if (request.text !== undefined) throw misshapen('no text is screened here: name its findings instead')
  const explanation = explain(prepared, request.facts, request.findings, request.approvals, { everyRule })
  return {
    agreement: {
      id: agreement.schedule.id,
      version: agreement.schedule.version,
      hash: agreement.hash,
      entry,
    },
    stops,
    disputed: [...new Set(disputes.map(({ dispute }) => dispute.clause))],
    decision: stops.length > 0 ? denyBySystem('system.order') : explanation.decision,
    explanation,
  }
}

function readFlag(value: Json): boolean {
  if (typeof value === 'boolean') return value
  throw misshapen('`everyRule` is true or false')
}
