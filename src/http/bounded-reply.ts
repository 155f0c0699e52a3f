/** The way back over HTTP: bounded in what it keeps for a slow reader and in how long it waits for one. */
import type { ServerResponse } from 'node:http'
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'

export type ReplyErrorCode =
  /** The other side closed the connection. */
  | 'REPLY_GONE'
  /** It took nothing of what was ready for it, for longer than it may. */
  | 'REPLY_SLOW'

export class ReplyError extends ServandaError<ReplyErrorCode> {
  override readonly name = 'ReplyError'
}

type Headers = Readonly<Record<string, string>>

const common: Headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export class BoundedReply {
  readonly #response: ServerResponse
  readonly #slowReaderMs: number
  readonly #gone = new AbortController()

  constructor(response: ServerResponse, slowReaderMs: number) {
    this.#response = response
    this.#slowReaderMs = slowReaderMs
    const gone = (): void => this.#leave(goneError())
    response.on('close', () => {
      if (!response.writableFinished) gone()
    })
    // A write that fails is followed by `close`; unheard, the error would end the process.
    response.on('error', gone)
    if (response.destroyed) gone()
  }

  /** Fires when nothing more reaches the other side. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** A first byte has left: no status can be said any more. */
  get started(): boolean {
    return this.#response.headersSent
  }

  /** Everything was said: nothing more may be written. */
  get ended(): boolean {
    return this.#response.writableEnded
  }

  /** The whole answer. */
  json(status: number, headers: Headers, body: Json): void {
    const text = JSON.stringify(body)
    this.#response.writeHead(status, {
      ...common,
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    this.#response.end(text)
  }

  /** Begins an answer with status 200 that comes in pieces. */
  open(headers: Headers): void {
    this.#response.writeHead(200, { ...common, ...headers })
  }

  /**
   * Resolves when the connection takes more. Rejects with the reason why `signal` fires, which must do so at the
   * latest when `gone` does.
   */
  async write(piece: string | Uint8Array, signal: AbortSignal = this.gone): Promise<void> {
    signal.throwIfAborted()
    if (piece.length > 0 && !this.#response.write(piece)) await this.#drained(signal)
  }

  /** With the last bytes, if there are any; nothing is waited for. */
  end(bytes?: Uint8Array): void {
    this.#response.end(bytes)
  }

  /** Breaks the connection off: what was sent is not whole, and cannot be taken for it. */
  cut(): void {
    this.#response.destroy()
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<null>()
    const drained = (): void => resolve(null)
    const over = (): void => reject(signal.reason instanceof Error ? signal.reason : goneError())
    const late = setTimeout(() => this.#leave(slowError()), this.#slowReaderMs)
    this.#response.on('drain', drained)
    signal.addEventListener('abort', over)
    try {
      await promise
    } finally {
      clearTimeout(late)
      this.#response.off('drain', drained)
      signal.removeEventListener('abort', over)
    }
  }

  #leave(error: ReplyError): void {
    this.#gone.abort(error)
    this.#response.destroy()
  }
}

function goneError(): ReplyError {
  return new ReplyError('REPLY_GONE', 'the other side has gone')
}

function slowError(): ReplyError {
  return new ReplyError('REPLY_SLOW', 'the other side reads too slowly')
}
