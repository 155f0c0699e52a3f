/** The rehearsal model: answers by script, the same bytes for the same request, so that everything runs offline. */
import { digestOf, parseJson, utf8 } from '../base/index.ts'
import type { Clock, Json } from '../base/index.ts'
import { isObject, scriptOf } from './rehearsal-script.ts'
import type { JsonObject, Script } from './rehearsal-script.ts'
import { UpstreamError, defaultLimits } from './upstream.ts'
import type { Upstream, UpstreamLimits, UpstreamResponse } from './upstream.ts'

export interface RehearsalOptions {
  readonly clock: Clock
  readonly limits?: Partial<UpstreamLimits>
}

const choicesMax = 16
/** Stands in what the scripted failures send, so that tests can show that it reaches nobody. */
const innards = 'rehearsed upstream innards'

/**
 * Speaks OpenAI chat completions at `/chat/completions` and plays the script of rehearsal-script.ts, which may
 * make it fail in each way in which a live upstream fails. A hang lasts until the abort or the idle time.
 */
export function rehearsal(options: RehearsalOptions): Upstream {
  const limits = { ...defaultLimits, ...options.limits }
  return {
    kind: 'rehearsal',
    async send(request) {
      requireRunning(request.signal)
      const part = request.path === '/chat/completions' ? parsePart(request.body, options.clock) : null
      if (!part) return refusal(400)
      const { then } = part.script
      if (!request.stream && then === 'error') return refusal(500)
      if (!request.stream && then === 'hang') await hang(request.signal, limits.idleTimeoutMs)
      const end: Curtain = then === 'hang' || then === 'cut' ? then : 'stop'
      return {
        status: 200,
        contentType: request.stream ? 'text/event-stream; charset=utf-8' : 'application/json',
        body: played(request.stream ? frames(part) : whole(part), end, request.signal, limits.idleTimeoutMs),
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** One request as the scripted model sees it. */
interface Part {
  readonly script: Script
  readonly choices: readonly number[]
  readonly includeUsage: boolean
  readonly finishReason: 'stop' | 'length' | 'tool_calls'
  readonly usage: Json
  readonly callIds: string
  /** The members that every piece of the answer begins with. */
  readonly head: { readonly id: string; readonly created: number; readonly model: 'rehearsal' }
}

function parsePart(body: Uint8Array, clock: Clock): Part | null {
  const request = parseRequest(body)
  if (!request) return null
  const count = request['n'] ?? 1
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > choicesMax) return null
  const full = scriptOf(request)
  const script = { ...full, say: firstWords(full.say, wordsMaxOf(request)) }
  const digest = digestOf(body).slice('sha256:'.length)
  const streamOptions = request['stream_options']
  return {
    script,
    choices: Array.from({ length: count }, (_, index) => index),
    includeUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
    finishReason: script.calls.length > 0 ? 'tool_calls' : script.say === full.say ? 'stop' : 'length',
    usage: usageOf(body, script, count),
    callIds: `call_${digest.slice(32, 52)}`,
    head: {
      id: `chatcmpl-${digest.slice(0, 32)}`,
      created: Math.floor(clock.now() / 1000),
      model: 'rehearsal',
    },
  }
}

function parseRequest(body: Uint8Array): JsonObject | null {
  try {
    const request = parseJson(body, { depthMax: 64 })
    return isObject(request) ? request : null
  } catch {
    // A live upstream answers 400 to what it cannot read, and so does this one.
    return null
  }
}

function wordsMaxOf(request: JsonObject): number {
  const limit = request['max_completion_tokens'] ?? request['max_tokens']
  return typeof limit === 'number' ? limit : Infinity
}

function firstWords(text: string, wordsMax: number): string {
  const words = text.match(/\s*\S+/g) ?? []
  return words.length > wordsMax ? words.slice(0, wordsMax).join('') : text
}

/** Four bytes of the request count as one token, and a word of the answer as one; the same every time. */
function usageOf(body: Uint8Array, script: Script, choices: number): Json {
  const words = [script.say, ...script.calls.map((call) => call.arguments)].flatMap(
    (text) => text.match(/\S+/g) ?? [],
  )
  const prompt = Math.ceil(body.length / 4)
  const completion = words.length * choices
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

function* whole(part: Part): Generator<string> {
  const { script } = part
  if (script.then === 'nonsense') {
    yield `{"choices": [{"message": ${innards}`
    return
  }
  const message: Json = {
    role: 'assistant',
    content: script.say === '' && script.calls.length > 0 ? null : script.say,
    ...(script.calls.length > 0 && {
      tool_calls: script.calls.map((call, at) => toolCall(part, at, call.arguments)),
    }),
    ...(script.then === 'unknown-field' && { rehearsed_unknown: script.say }),
  }
  const choices = part.choices.map((index) => ({ index, message, finish_reason: part.finishReason }))
  const text = JSON.stringify({ ...part.head, object: 'chat.completion', choices, usage: part.usage })
  yield script.then === 'cut' ? text.slice(0, text.length / 2) : text
}

function toolCall(part: Part, at: number, args: string): JsonObject {
  const name = part.script.calls[at]?.name ?? ''
  return { id: `${part.callIds}${at}`, type: 'function', function: { name, arguments: args } }
}

function* frames(part: Part): Generator<string> {
  const { script, choices } = part
  for (const index of choices) yield frame(part, [{ index, delta: { role: 'assistant', content: '' } }])
  for (const piece of piecesOf(script.say, script.chunk)) {
    for (const index of choices) yield frame(part, [{ index, delta: { content: piece } }])
  }
  for (const [at, call] of script.calls.entries()) {
    const opening: Json = { tool_calls: [{ index: at, ...toolCall(part, at, '') }] }
    for (const index of choices) yield frame(part, [{ index, delta: opening }])
    for (const piece of piecesOf(call.arguments, script.chunk)) {
      const delta = { tool_calls: [{ index: at, function: { arguments: piece } }] }
      for (const index of choices) yield frame(part, [{ index, delta }])
    }
  }
  yield* endingFrames(part)
}

function* endingFrames(part: Part): Generator<string> {
  const { script, choices } = part
  switch (script.then) {
    case 'hang':
    case 'cut':
      return
    case 'error':
      yield event({ error: { message: innards, type: 'server_error' } })
      return
    case 'nonsense':
      yield `data: {"choices": [{"delta": ${innards}\n\n`
      break
    case 'unknown-field':
      for (const index of choices) yield frame(part, [{ index, delta: { rehearsed_unknown: script.say } }])
      break
    case 'stop':
  }
  for (const index of choices) yield frame(part, [{ index, delta: {}, finish_reason: part.finishReason }])
  if (part.includeUsage) yield frame(part, [], part.usage)
  yield 'data: [DONE]\n\n'
}

interface ChoiceDelta {
  readonly index: number
  readonly delta: Json
  readonly finish_reason?: string
}

function frame(part: Part, deltas: readonly ChoiceDelta[], usage?: Json): string {
  const choices = deltas.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? null }))
  return event({
    ...part.head,
    object: 'chat.completion.chunk',
    choices,
    ...(usage !== undefined && { usage }),
  })
}

function event(value: Json): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/** Cuts by code points, so that no piece ends within a character. */
function* piecesOf(text: string, length: number): Generator<string> {
  const characters = Array.from(text)
  for (let at = 0; at < characters.length; at += length) yield characters.slice(at, at + length).join('')
}

type Curtain = 'stop' | 'cut' | 'hang'

/** Pulled, so that a long script needs no memory; `return()` and the abort end a hang at once. */
function played(
  texts: Iterator<string>,
  end: Curtain,
  signal: AbortSignal,
  idleTimeoutMs: number,
): AsyncIterableIterator<Uint8Array> {
  const reader = new AbortController()
  const body: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => body,
    async next() {
      if (reader.signal.aborted) return { value: undefined, done: true }
      requireRunning(signal)
      const text = texts.next()
      if (!text.done) return { value: utf8(text.value), done: false }
      if (end === 'hang') {
        await hang(AbortSignal.any([signal, reader.signal]), idleTimeoutMs).catch((error: unknown) => {
          if (!reader.signal.aborted) throw error
        })
      }
      if (end === 'cut') throw new UpstreamError('UPSTREAM_CUT', 'the rehearsal model broke off, as scripted')
      return { value: undefined, done: true }
    },
    return() {
      reader.abort()
      return Promise.resolve({ value: undefined, done: true })
    },
  }
  return body
}

function requireRunning(signal: AbortSignal): void {
  if (signal.aborted) throw new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted')
}

/** Never resolves. */
function hang(signal: AbortSignal, idleTimeoutMs: number): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    clearTimeout(timer)
    reject(new UpstreamError('UPSTREAM_ABORTED', 'the call was aborted'))
  }
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', onAbort)
    reject(new UpstreamError('UPSTREAM_TIMEOUT', `the rehearsal model was silent for ${idleTimeoutMs} ms`))
  }, idleTimeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  return promise
}

function refusal(status: number): UpstreamResponse {
  return {
    status,
    contentType: 'application/json',
    body: played([].values(), 'stop', new AbortController().signal, 0),
  }
}
