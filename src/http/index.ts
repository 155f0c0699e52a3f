/** HTTP as both gates speak it: a bare server within limits, its probes, and a bounded way back. */
export { BoundedReply, ReplyError } from './bounded-reply.ts'
export type { ReplyErrorCode } from './bounded-reply.ts'
export { addProbes, createBareServer } from './bare-server.ts'
export type { Probed, ServerLimits } from './bare-server.ts'
