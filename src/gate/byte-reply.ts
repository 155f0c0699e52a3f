/** The way back to the agency's gate: bytes as they are, bounded in what is kept for a slow reader. */
import type { ServerResponse } from 'node:http'
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'

export type ByteReplyErrorCode =
  /** The other side closed the connection, or reads too slowly. */
  'GATE_REPLY_GONE'

export class ByteReplyError extends ServandaError<ByteReplyErrorCode> {
  override readonly name = 'ByteReplyError'
}

type Headers = Readonly<Record<string, string>>

const common: Headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export class ByteReply {
  readonly #response: ServerResponse
  readonly #slowReaderMs: number
  readonly #gone = new AbortController()

  constructor(response: ServerResponse, slowReaderMs: number) {
    this.#response = response
    this.#slowReaderMs = slowReaderMs
    const gone = (): void => this.#leave('the other side has gone')
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

  get started(): boolean {
    return this.#response.headersSent
  }

  get ended(): boolean {
    return this.#response.writableEnded
  }

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

  open(contentType: string): void {
    this.#response.writeHead(200, { ...common, 'content-type': contentType })
  }

  /**
   * Resolves when the connection takes more. Rejects with the reason why `signal` fires, which it does at the latest
   * when `gone` does.
   */
  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (bytes.length > 0 && !this.#response.write(bytes)) await this.#drained(signal)
  }

  /** The last bytes, after which nothing is waited for. */
  end(bytes: Uint8Array): void {
    this.#response.end(bytes)
  }

  /** Breaks the connection off: what was sent is not whole, and cannot be taken for it. */
  cut(): void {
    this.#response.destroy()
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<null>()
    const drained = (): void => resolve(null)
    const ended = (): void => reject(asError(signal.reason))
    const late = setTimeout(() => this.#leave('the other side reads too slowly'), this.#slowReaderMs)
    this.#response.on('drain', drained)
    signal.addEventListener('abort', ended)
    try {
      await promise
    } finally {
      clearTimeout(late)
      this.#response.off('drain', drained)
      signal.removeEventListener('abort', ended)
    }
  }

  #leave(message: string): void {
    this.#gone.abort(goneError(message))
    this.#response.destroy()
  }
}

function goneError(message: string): ByteReplyError {
  return new ByteReplyError('GATE_REPLY_GONE', message)
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : goneError('the other side has gone')
}
