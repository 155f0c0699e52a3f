/** The gateway: HTTP in, one exchange after the other, evidence out. */
export { createGateway } from './server.ts'
export type { GatewayOptions } from './server.ts'
export { defaultGatewayLimits } from './limits.ts'
export type { GatewayLimits } from './limits.ts'
export { createMetrics } from './metrics.ts'
export type { GatewayMetrics, Watched } from './metrics.ts'
