/** One call to a live upstream: from dispatch to the last byte, with its timers, its abort and its limits. */
import type { Dispatcher } from 'undici'
import { AnswerBytes } from './answer-bytes.ts'
import { UpstreamError } from './upstream.ts'
import type { UpstreamErrorCode, UpstreamLimits, UpstreamResponse } from './upstream.ts'

/** Of a refused request's answer this much is read away, so that the connection can be used again. */
const discardBytesMax = 64 * 1024

const refusalHeader = 'servanda-refusal'

interface LiveCallOptions {
  readonly limits: UpstreamLimits
  /** A refusal may say why, in one word. */
  readonly hearsRefusal: boolean
}

type Phase = 'unsent' | 'sent' | 'answering' | 'discarding' | 'over'

/** Timers are undici's own only for connecting; here one clock covers thinking, pauses and the whole call. */
export class LiveCall implements Dispatcher.DispatchHandler {
  readonly response: Promise<UpstreamResponse>
  readonly #answered = Promise.withResolvers<UpstreamResponse>()
  readonly #body: AnswerBytes
  readonly #limits: UpstreamLimits
  readonly #hearsRefusal: boolean
  readonly #signal: AbortSignal
  /** Whoever aborts learns whether the model can have seen anything: until then the call costs nothing. */
  readonly #onAbort = (): void =>
    this.#end(this.#phase === 'unsent' ? 'UPSTREAM_UNREACHABLE' : 'UPSTREAM_ABORTED', 'the call was aborted')
  readonly #total: NodeJS.Timeout
  #patience: NodeJS.Timeout | undefined
  #controller: Dispatcher.DispatchController | null = null
  #phase: Phase = 'unsent'
  #received = 0
  readonly #onOver: () => void

  /** `onOver` is called once, when the connection is free or destroyed and not before. */
  constructor({ limits, hearsRefusal }: LiveCallOptions, signal: AbortSignal, onOver: () => void) {
    this.#limits = limits
    this.#hearsRefusal = hearsRefusal
    this.#onOver = onOver
    this.#signal = signal
    this.response = this.#answered.promise
    this.#body = new AnswerBytes({
      bufferBytesMax: limits.bufferBytesMax,
      onRoom: () => this.#controller?.resume(),
      onReturn: () => {
        if (this.#phase === 'answering') this.#end('UPSTREAM_ABORTED', 'the reader stopped')
      },
    })
    this.#total = setTimeout(
      () => this.#end('UPSTREAM_TIMEOUT', `no whole answer in ${limits.totalTimeoutMs} ms`),
      limits.totalTimeoutMs,
    )
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#phase === 'over') {
      controller.abort(new Error('over before it was sent'))
      return
    }
    this.#phase = 'sent'
    this.#wait(this.#limits.firstByteTimeoutMs)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Early hints and the like come before the answer.
    if (this.#phase !== 'sent' || status < 200) return
    const ok = status < 300
    if (ok && !isPlain(headers['content-encoding'])) {
      this.#end('UPSTREAM_MALFORMED', 'the answer is compressed, which was not asked for')
      return
    }
    this.#phase = ok ? 'answering' : 'discarding'
    if (!ok) this.#body.end()
    this.#wait(this.#limits.idleTimeoutMs)
    const contentType = headers['content-type']
    this.#answered.resolve({
      status,
      contentType: typeof contentType === 'string' ? contentType.slice(0, 256) : '',
      ...(this.#hearsRefusal && !ok ? refusalOf(headers[refusalHeader]) : {}),
      body: this.#body,
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase !== 'answering' && this.#phase !== 'discarding') return
    this.#patience?.refresh()
    this.#received += chunk.length
    const bytesMax = this.#phase === 'answering' ? this.#limits.answerBytesMax : discardBytesMax
    if (this.#received > bytesMax) {
      this.#end('UPSTREAM_TOO_LARGE', `the answer is larger than ${bytesMax} bytes`)
    } else if (this.#phase === 'answering' && !this.#body.push(chunk)) {
      controller.pause()
    }
  }

  onResponseEnd(): void {
    this.#onOver()
    if (this.#phase === 'over') return
    this.#finish()
    this.#body.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, cause: Error): void {
    this.#onOver()
    const [code, message] = failureOf(cause, this.#phase)
    this.#end(code, message)
  }

  #wait(timeoutMs: number): void {
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => {
      // A full buffer is the reader's pause, not the upstream's.
      if (this.#controller?.paused) this.#patience?.refresh()
      else this.#end('UPSTREAM_TIMEOUT', `the upstream was silent for ${timeoutMs} ms`)
    }, timeoutMs)
  }

  #finish(): void {
    this.#phase = 'over'
    clearTimeout(this.#total)
    clearTimeout(this.#patience)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  #end(code: UpstreamErrorCode, message: string): void {
    if (this.#phase === 'over') return
    this.#finish()
    const error = new UpstreamError(code, message)
    if (code === 'UPSTREAM_ABORTED') this.#body.abort(error)
    else this.#body.fail(error)
    this.#answered.reject(error)
    this.#controller?.abort(error)
  }
}

/** One word, for it may be repeated; anything else is no refusal of a gate's. */
function refusalOf(header: string | string[] | undefined): { readonly refusal?: string } {
  return typeof header === 'string' && /^[a-z]{1,16}$/.test(header) ? { refusal: header } : {}
}

function isPlain(encoding: string | string[] | undefined): boolean {
  return encoding === undefined || (typeof encoding === 'string' && encoding.toLowerCase() === 'identity')
}

/** Of what undici reports only the code is repeated: its parser errors carry the upstream's bytes. */
function failureOf(cause: Error, phase: Phase): [UpstreamErrorCode, string] {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  if (phase === 'unsent') return ['UPSTREAM_UNREACHABLE', `no connection to the upstream (${code})`]
  if (code === 'UND_ERR_DESTROYED') return ['UPSTREAM_ABORTED', 'the upstream was closed']
  // The parser has no code of its own for an end that comes too early, only this reason.
  const early = cause.message.includes('EOF')
  if ((cause.name === 'HTTPParserError' && !early) || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return ['UPSTREAM_MALFORMED', `the upstream does not speak HTTP (${code})`]
  }
  return ['UPSTREAM_CUT', `the upstream broke off (${code})`]
}
