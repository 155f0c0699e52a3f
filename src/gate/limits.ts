/** A limit on everything: what one worker of a provider's gate takes on. */

export interface GateLimits {
  /** More than a caller's body at the agency's gate, which writes each request anew. */
  readonly bodyBytesMax: number
  /** The intent receipt stands among them. */
  readonly headerBytesMax: number
  /** Bodies that are read or held at once, as their requests announce them. */
  readonly bodyBytesAtOnceMax: number
  readonly connectionsMax: number
  /** Calls that run at once. */
  readonly callsMax: number
  /** Refused calls that wait at once until their refusal is durable. */
  readonly refusedWaitingMax: number
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number
  /** How long the other side may take nothing of an answer that is ready for it. */
  readonly slowReaderMs: number
}

export const defaultGateLimits: GateLimits = {
  bodyBytesMax: 8 * 1024 * 1024,
  headerBytesMax: 16 * 1024,
  bodyBytesAtOnceMax: 512 * 1024 * 1024,
  connectionsMax: 4096,
  callsMax: 1024,
  refusedWaitingMax: 1024,
  requestTimeoutMs: 60_000,
  slowReaderMs: 30_000,
}
