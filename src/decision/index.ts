/** The decision: (agreement, facts, findings, approvals) → allow, hold or deny, with its clauses. Pure and total. */
export { requireAgreesWithOracle } from './agrees-with-oracle.ts'
export { confirmComparison, requestOf } from './confirm-comparison.ts'
export type { Confirmation, ConfirmationOptions } from './confirm-comparison.ts'
export { confirmedAmendment } from './confirmed-amendment.ts'
export { decide, denyBySystem, joinDecisions, prepare } from './decide.ts'
export type { Prepared, SystemDenial } from './decide.ts'
export { DecisionError } from './decision-error.ts'
export type { DecisionErrorCode } from './decision-error.ts'
export type { Approvals, Citation, Decision, Facts, Signals, Stage, Verdict } from './decision.ts'
export { explain } from './explain.ts'
export type { Explanation, NearestGrant } from './explain.ts'
export type { ChangedFact } from './explain-alterations.ts'
export type { Changes, FactChange, Lift } from './explain-changes.ts'
export {
  JudgedActs,
  classOf,
  formatJudgedActs,
  judgeAgain,
  offerOf,
  offersUnlisted,
  parseJudgedActs,
} from './judged-act.ts'
export type { JudgedAct } from './judged-act.ts'
export { parseExplainRequest } from './explain-request.ts'
export type { ExplainRequest } from './explain-request.ts'
export type { CitedClause, ExplainedCondition, ExplainedRule, Spoken } from './explain-tree.ts'
export { effectInWords, statedInWords } from './plain-words.ts'
