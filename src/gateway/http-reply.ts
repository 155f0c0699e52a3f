/** The way back over HTTP: bounded in what it keeps for a slow reader and in how long it waits for one. */
import type { ServerResponse } from 'node:http'
import type { Json } from '../base/index.ts'
import { ServandaError } from '../base/index.ts'
import type { Reply, ReplyHeaders } from './reply.ts'

export type ReplyErrorCode = 'REPLY_GONE' | 'REPLY_SLOW'

export class ReplyError extends ServandaError<ReplyErrorCode> {
  override readonly name = 'ReplyError'
}

const common: ReplyHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export class HttpReply implements Reply {
  readonly #response: ServerResponse
  readonly #slowReaderMs: number
  readonly #gone = new AbortController()

  constructor(response: ServerResponse, slowReaderMs: number) {
    this.#response = response
    this.#slowReaderMs = slowReaderMs
    const gone = (): void => this.#leave('REPLY_GONE', 'the caller has gone')
    response.on('close', () => {
      if (!response.writableFinished) gone()
    })
    // A write that fails is followed by `close`; unheard, the error would end the process.
    response.on('error', gone)
    if (response.destroyed) gone()
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get started(): boolean {
    return this.#response.headersSent
  }

  /** Everything was said: nothing more may be written. */
  get ended(): boolean {
    return this.#response.writableEnded
  }

  json(status: number, headers: ReplyHeaders, body: Json): void {
    const text = JSON.stringify(body)
    this.#response.writeHead(status, {
      ...common,
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    this.#response.end(text)
  }

  open(headers: ReplyHeaders): void {
    // Intermediaries that collect small pieces would undo the streaming; nginx heeds this header.
    const streaming = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }
    this.#response.writeHead(200, { ...common, ...headers, ...streaming })
  }

  event(data: string): Promise<void> {
    return this.#write(`data: ${data}\n\n`)
  }

  comment(text: string): Promise<void> {
    return this.#write(`: ${text}\n\n`)
  }

  end(): void {
    this.#response.end()
  }

  async #write(text: string): Promise<void> {
    this.gone.throwIfAborted()
    if (!this.#response.write(text)) await this.#drained()
  }

  async #drained(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<null>()
    const drained = (): void => resolve(null)
    const gone = (): void => reject(asReplyError(this.gone.reason))
    const timer = setTimeout(
      () => this.#leave('REPLY_SLOW', 'the caller reads too slowly'),
      this.#slowReaderMs,
    )
    this.#response.on('drain', drained)
    this.gone.addEventListener('abort', gone)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#response.off('drain', drained)
      this.gone.removeEventListener('abort', gone)
    }
  }

  #leave(code: ReplyErrorCode, message: string): void {
    this.#gone.abort(new ReplyError(code, message))
    this.#response.destroy()
  }
}

function asReplyError(reason: unknown): ReplyError {
  return reason instanceof ReplyError ? reason : new ReplyError('REPLY_GONE', 'the caller has gone')
}
