/** A limit on everything: what one caller, one body and one worker may ask for. */

export interface GatewayLimits {
  readonly bodyBytesMax: number
  readonly headerBytesMax: number
  readonly jsonDepthMax: number
  /** Bodies that are read or held at once in one worker, as their requests announce them. */
  readonly bodyBytesAtOnceMax: number
  /** Connections open at once at one worker. */
  readonly connectionsMax: number
  /** Exchanges that run at once in one worker, and those of one caller among them. */
  readonly exchangesMax: number
  readonly exchangesPerCallerMax: number
  /** Exchanges one caller may begin in a second, in one worker: each becomes an entry. */
  readonly exchangesPerCallerPerSecond: number
  readonly bodyBytesPerCallerPerSecond: number
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
  bodyBytesAtOnceMax: 256 * 1024 * 1024,
  connectionsMax: 4096,
  exchangesMax: 1024,
  exchangesPerCallerMax: 64,
  exchangesPerCallerPerSecond: 500,
  bodyBytesPerCallerPerSecond: 32 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  slowReaderMs: 30_000,
  holdMs: 60 * 60 * 1000,
}
