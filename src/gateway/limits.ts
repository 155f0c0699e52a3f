/** A limit on everything: what one caller, one body and one worker may ask for. */

export interface GatewayLimits {
  readonly bodyBytesMax: number
  readonly headerBytesMax: number
  readonly jsonDepthMax: number
  /** Exchanges that run at once in one worker. */
  readonly exchangesMax: number
  /** Exchanges one caller may begin in a second, in one worker: each becomes an entry. */
  readonly exchangesPerCallerPerSecond: number
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number
  /** How long a caller may take nothing of a stream that is ready for it. */
  readonly slowReaderMs: number
  readonly holdMs: number
}

export const defaultGatewayLimits: GatewayLimits = {
  bodyBytesMax: 4 * 1024 * 1024,
  headerBytesMax: 16 * 1024,
  jsonDepthMax: 32,
  exchangesMax: 1024,
  exchangesPerCallerPerSecond: 500,
  requestTimeoutMs: 60_000,
  slowReaderMs: 30_000,
  holdMs: 60 * 60 * 1000,
}
