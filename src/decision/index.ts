/** The decision: (agreement, facts, findings, approvals) → allow, hold or deny, with its clauses. Pure and total. */
export { decide, noGrant, notJudged, prepare } from './decide.ts'
export type { Prepared } from './decide.ts'
export type { Approvals, Citation, Decision, Facts, Signals, Stage, Verdict } from './decision.ts'
