/** What can go wrong with deciding as such; a refused exchange is a decision and never one of these. */
import { ServandaError } from '../base/index.ts'

export type DecisionErrorCode =
  /** The compiled rules and Cedar disagree about some request: the agreement must not come into force. */
  | 'DECISION_ORACLE_MISMATCH'
  /** Cedar does not take the policies or the schema. */
  | 'DECISION_ORACLE_UNAVAILABLE'
  /** What a comparison claims is not what both evaluators decide: it must not be shown, nor relied on. */
  | 'DECISION_COMPARISON'
  /** The request to be explained has an unknown, missing or wrong member. */
  | 'EXPLAIN_REQUEST'

export class DecisionError extends ServandaError<DecisionErrorCode> {
  override readonly name = 'DecisionError'
}
