/** The decision: (agreement, facts, findings, approvals) → allow, hold or deny, with its clauses. Pure and total. */
export { requireAgreesWithOracle } from './agrees-with-oracle.ts'
export { decide, denyBySystem, joinDecisions, prepare } from './decide.ts'
export type { Prepared, SystemDenial } from './decide.ts'
export { DecisionError } from './decision-error.ts'
export type { DecisionErrorCode } from './decision-error.ts'
export type { Approvals, Citation, Decision, Facts, Signals, Stage, Verdict } from './decision.ts'
export { explain } from './explain.ts'
export type { CitedClause, Explanation, NearestGrant } from './explain.ts'
