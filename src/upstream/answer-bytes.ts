/** The bytes of one answer on their way from a pushing upstream to a pulling reader, with bounded memory. */
import { invariant } from '../base/index.ts'
import type { UpstreamError } from './upstream.ts'

interface AnswerBytesOptions {
  readonly bufferBytesMax: number
  /** Called when a full buffer has room again. */
  readonly onRoom: () => void
  /** Called when the reader stops before the end. */
  readonly onReturn: () => void
}

/**
 * A hand-written iterator instead of a generator: `return()` acts at once, also before the first `next()` and
 * while one is waiting, where a generator would queue it behind the very byte that never comes.
 */
export class AnswerBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #options: AnswerBytesOptions
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #state: 'open' | 'ended' | 'failed' = 'open'
  #error: UpstreamError | null = null
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | null = null

  constructor(options: AnswerBytesOptions) {
    this.#options = options
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Answers whether there is room for more. */
  push(chunk: Uint8Array): boolean {
    if (this.#state !== 'open') return true
    if (this.#waiting) {
      this.#take().resolve({ value: chunk, done: false })
      return true
    }
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    return this.#bytes < this.#options.bufferBytesMax
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    if (this.#waiting) this.#take().resolve({ value: undefined, done: true })
  }

  /** What has arrived is still read; then the reader gets the error, once. */
  fail(error: UpstreamError): void {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    if (this.#waiting) {
      this.#state = 'ended'
      this.#take().reject(error)
    } else {
      this.#error = error
    }
  }

  /** Like `fail`, but what has arrived and is not read yet is dropped: an order ends an answer at once. */
  abort(error: UpstreamError): void {
    if (this.#state !== 'open') return
    this.#clear()
    this.fail(error)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    invariant(!this.#waiting, 'an answer is read by one reader, one piece at a time')
    const chunk = this.#chunks.shift()
    if (chunk) {
      const wasFull = this.#bytes >= this.#options.bufferBytesMax
      this.#bytes -= chunk.length
      if (wasFull && this.#bytes < this.#options.bufferBytesMax) this.#options.onRoom()
      return Promise.resolve({ value: chunk, done: false })
    }
    if (this.#error) {
      const error = this.#error
      this.#error = null
      this.#state = 'ended'
      return Promise.reject(error)
    }
    if (this.#state !== 'open') return Promise.resolve({ value: undefined, done: true })
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#clear()
    this.#error = null
    this.end()
    this.#options.onReturn()
    return Promise.resolve({ value: undefined, done: true })
  }

  #clear(): void {
    this.#chunks.length = 0
    this.#bytes = 0
  }

  #take(): PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> {
    const waiting = this.#waiting
    invariant(waiting, 'someone is waiting')
    this.#waiting = null
    return waiting
  }
}
