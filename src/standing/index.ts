/** What is in force now, how a worker knows it, and what runs under it. */
export { endChanged } from './end-changed.ts'
export { Lease } from './lease.ts'
export type { PendingAmendment } from './pending.ts'
export { RunningExchanges } from './running-exchanges.ts'
export type { Running, RunningScope } from './running-exchanges.ts'
export { StandingError, buildStanding, requireSame } from './standing.ts'
export type { AgreementInForce, RouteInForce, Standing, StandingErrorCode } from './standing.ts'
