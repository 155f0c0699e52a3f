/** The provider's gate: stands at the model, serves what an intent of the agency's log lets out, and keeps no content. */
export { createGate } from './server.ts'
export type { GateOptions } from './server.ts'
export { defaultGateLimits } from './limits.ts'
export type { GateLimits } from './limits.ts'
export { createGateMetrics } from './metrics.ts'
export type { GateMetrics } from './metrics.ts'
export { TurnedAway } from './turned-away.ts'
