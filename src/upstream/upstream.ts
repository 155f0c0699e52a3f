/** What every model upstream promises: bytes go out, bytes come back, so that all are judged on one path. */
import { ServandaError } from '../base/index.ts'

export interface UpstreamRequest {
  /** Path below the upstream's base URL, such as `/chat/completions`. */
  readonly path: string
  /** Exactly the bytes that were judged and entered in the ledger. */
  readonly body: Uint8Array
  readonly stream: boolean
  /** The intent receipt, for an upstream that `asksIntent`; to any other it is not sent. */
  readonly intent?: string
  /** Aborting it ends the upstream's work at once, before and during the answer. */
  readonly signal: AbortSignal
}

export interface UpstreamResponse {
  readonly status: number
  readonly contentType: string
  /** Why a provider's gate refused, in its one word; only an upstream that `asksIntent` says so. */
  readonly refusal?: string
  /**
   * One reader, once. It throws an `UpstreamError` for everything that goes wrong after the first byte;
   * stopping early (`return`) ends the upstream's work. It ends normally when the transport says that the
   * answer is whole; whether the content is whole is for the dialect to judge.
   *
   * INVARIANT: empty unless the status is 2xx. The text of a failed upstream may repeat the request or name
   * a key, so it goes nowhere.
   */
  readonly body: AsyncIterable<Uint8Array>
}

export interface Upstream extends AsyncDisposable {
  readonly kind: 'live' | 'rehearsal'
  /** It is a provider's gate: it serves nothing without an intent receipt. */
  readonly asksIntent?: true
  /** Resolves when status and headers are there. Rejects with an `UpstreamError` and nothing else. */
  send(request: UpstreamRequest): Promise<UpstreamResponse>
}

export type UpstreamErrorCode =
  | 'UPSTREAM_CONFIGURATION'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_BUSY'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_CUT'
  | 'UPSTREAM_MALFORMED'
  | 'UPSTREAM_TOO_LARGE'
  | 'UPSTREAM_ABORTED'

/**
 * With `UPSTREAM_UNREACHABLE` and `UPSTREAM_BUSY` no byte of the request has left; with every other code the
 * model may have worked on it. The message never repeats a byte that came from the upstream, and there is no
 * cause attached, because parser errors carry such bytes.
 */
export class UpstreamError extends ServandaError<UpstreamErrorCode> {
  override readonly name = 'UpstreamError'
}

export interface UpstreamLimits {
  readonly connectTimeoutMs: number
  /** From the request's departure to status and headers; a model that does not stream thinks in this time. */
  readonly firstByteTimeoutMs: number
  /** Between two pieces of an answer. Time in which the reader itself does not read does not count. */
  readonly idleTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly answerBytesMax: number
  /** Bytes held for a slow reader before the upstream is told to wait. */
  readonly bufferBytesMax: number
  /** Calls under way at once, each on a connection of its own; one more is refused, not queued. */
  readonly callsMax: number
}

export const defaultLimits: UpstreamLimits = {
  connectTimeoutMs: 5_000,
  firstByteTimeoutMs: 300_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 900_000,
  answerBytesMax: 16 * 1024 * 1024,
  bufferBytesMax: 64 * 1024,
  callsMax: 256,
}
