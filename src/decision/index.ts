/** The decision: (agreement, facts, findings, approvals) → allow, hold or deny, with its clauses. Pure and total. */
export { requireAgreesWithOracle } from './agrees-with-oracle.ts'
export { decide, noGrant, notJudged, prepare } from './decide.ts'
export type { Prepared } from './decide.ts'
export { DecisionError } from './decision-error.ts'
export type { DecisionErrorCode } from './decision-error.ts'
export type { Approvals, Citation, Decision, Facts, Signals, Stage, Verdict } from './decision.ts'
export { createOracle } from './oracle.ts'
export type { Oracle } from './oracle.ts'
