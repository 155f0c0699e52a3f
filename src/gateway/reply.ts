/** The way back to the caller, so that the exchange can be read and tested without HTTP. */
import type { Json } from '../base/index.ts'

export interface ReplyHeaders {
  readonly [name: string]: string
}

export interface Reply {
  /** Fires when the caller has gone away: nothing more reaches it. */
  readonly gone: AbortSignal
  /** A first byte has left: from here on only events tell of an error. */
  readonly started: boolean
  /** The whole answer. */
  json(status: number, headers: ReplyHeaders, body: Json): void
  /** Begins a stream of server-sent events. */
  open(headers: ReplyHeaders): void
  /**
   * Resolves when the connection takes more. Rejects when the caller has gone or reads too slowly; the caller of
   * this method stops the upstream then.
   */
  event(data: string): Promise<void>
  /** A line that clients skip (HTML Living Standard §9.2.6). */
  comment(text: string): Promise<void>
  end(): void
}
