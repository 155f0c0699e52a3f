/** OpenAI Chat Completions, the answer: read from untrusted bytes, written from what was judged. */
import type { Json } from '../../base/index.ts'
import { ServandaError, parseJson } from '../../base/index.ts'
import type { AnswerDelta, JudgedChoice, Release, ToolCallDelta } from '../answer-judge.ts'
import { isObject } from '../shape.ts'

export type AnswerErrorCode =
  /** The upstream answered something that is not this dialect. */
  'ANSWER_NONSENSE'

export class AnswerError extends ServandaError<AnswerErrorCode> {
  override readonly name = 'AnswerError'
}

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** One chunk of a stream, or a whole answer: what this gateway understands of it. */
export interface AnswerPiece {
  readonly deltas: readonly AnswerDelta[]
  readonly usage: Usage | null
  /** Fields that are not understood: never passed on, but recorded. */
  readonly dropped: readonly string[]
}

const finishes = new Set(['stop', 'length', 'tool_calls', 'content_filter'])
const idCharsMax = 256
const toolCallsMax = 128

/** Reads a whole answer with at most `choicesMax` choices. Throws `ANSWER_NONSENSE`. */
export function parseCompletion(bytes: Uint8Array, choicesMax: number): AnswerPiece {
  return parsePiece(readJson(bytes), choicesMax, { kind: 'chat.completion', messageField: 'message' })
}

/** Reads the data of one event of a stream. Throws `ANSWER_NONSENSE`. */
export function parseChunk(data: string, choicesMax: number): AnswerPiece {
  return parsePiece(readJson(data), choicesMax, { kind: 'chat.completion.chunk', messageField: 'delta' })
}

type MessageField = 'message' | 'delta'

function parsePiece(
  value: Json,
  choicesMax: number,
  { kind, messageField }: { readonly kind: string; readonly messageField: MessageField },
): AnswerPiece {
  if (!isObject(value) || value['object'] !== kind || !Array.isArray(value['choices'])) {
    return nonsense(`no \`${kind}\` with choices`)
  }
  const dropped: string[] = []
  const seen = new Dropped(dropped)
  seen.besides(value, '', ['id', 'object', 'created', 'model', 'choices', 'usage'])
  const deltas = (value['choices'] as readonly Json[]).flatMap((choice, i) => {
    const deltasOfOne = readChoice(choice, messageField, seen.at(`choices[${i}]`))
    if (deltasOfOne.some((delta) => delta.choice >= choicesMax))
      return nonsense('more choices than asked for')
    return deltasOfOne
  })
  return { deltas, usage: readUsage(value['usage']), dropped }
}

function readJson(source: Uint8Array | string): Json {
  try {
    return parseJson(source)
  } catch (cause) {
    throw new AnswerError('ANSWER_NONSENSE', 'the upstream did not answer JSON', { cause })
  }
}

/** Notes the names of fields that are left out. */
class Dropped {
  readonly #names: string[]
  readonly #place: string

  constructor(names: string[], place = '') {
    this.#names = names
    this.#place = place
  }

  at(place: string): Dropped {
    return new Dropped(this.#names, place)
  }

  besides(value: Readonly<Record<string, Json | undefined>>, member: string, known: readonly string[]): void {
    for (const name of Object.keys(value)) {
      // Bounded, for the upstream chooses the names.
      if (!known.includes(name) && this.#names.length < 32) {
        this.#names.push([this.#place, member, name.slice(0, 64)].filter((part) => part !== '').join('.'))
      }
    }
  }
}

function readChoice(choice: Json, messageField: MessageField, dropped: Dropped): AnswerDelta[] {
  if (!isObject(choice)) return nonsense('a choice is no object')
  const index = choice['index']
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) {
    return nonsense('a choice has no valid index')
  }
  const message = choice[messageField] ?? {}
  if (!isObject(message)) return nonsense('a choice has no message')
  dropped.besides(choice, '', ['index', messageField, 'finish_reason'])
  dropped.besides(message, messageField, ['role', 'content', 'refusal', 'tool_calls'])
  return [
    ...readText(message['content'], 'content', index),
    ...readText(message['refusal'], 'refusal', index),
    ...readToolCalls(message['tool_calls'], messageField, index),
    ...readFinish(choice['finish_reason'], index),
  ]
}

function readText(value: Json | undefined, channel: 'content' | 'refusal', choice: number): AnswerDelta[] {
  if (value === undefined || value === null || value === '') return []
  if (typeof value !== 'string') return nonsense('a text is no text')
  return [{ choice, text: { channel, text: value } }]
}

function readToolCalls(value: Json | undefined, messageField: MessageField, choice: number): AnswerDelta[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > toolCallsMax) return nonsense('tool calls are no list')
  return (value as readonly Json[]).map((call, i) => ({
    choice,
    toolCall: readToolCall(call, messageField, i),
  }))
}

function readToolCall(call: Json, messageField: MessageField, position: number): ToolCallDelta {
  if (!isObject(call)) return nonsense('a tool call is no object')
  const index = messageField === 'message' ? position : call['index']
  const { id, function: called = {} } = call
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= toolCallsMax) {
    return nonsense('a tool call has no valid index')
  }
  if (call['type'] !== undefined && call['type'] !== 'function')
    return nonsense('a tool call of an unknown type')
  if (!isObject(called)) return nonsense('a tool call without function')
  const text = (value: Json | undefined): string | undefined =>
    value === undefined || value === null
      ? undefined
      : typeof value === 'string'
        ? value
        : nonsense('no text')
  const name = text(called['name'])
  const args = text(called['arguments'])
  const callId = text(id)
  if (callId !== undefined && callId.length > idCharsMax) return nonsense('an id that is too long')
  return {
    index,
    ...(callId === undefined ? {} : { id: callId }),
    ...(name === undefined ? {} : { name }),
    ...(args === undefined ? {} : { arguments: args }),
  }
}

function readFinish(value: Json | undefined, choice: number): AnswerDelta[] {
  if (value === undefined || value === null) return []
  return [
    { choice, finish: typeof value === 'string' && finishes.has(value) ? value : nonsense('an unknown end') },
  ]
}

function readUsage(value: Json | undefined): Usage | null {
  if (!isObject(value)) return null
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = value
  return isCount(inputTokens) && isCount(outputTokens) ? { inputTokens, outputTokens } : null
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function nonsense(what: string): never {
  throw new AnswerError('ANSWER_NONSENSE', `the upstream's answer is not of the dialect: ${what}`)
}

/** What every piece of one answer to the caller carries. */
export interface AnswerHead {
  /** The exchange id: the upstream's own id is text that nobody judged. */
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  /** The route, as the caller named it. */
  readonly model: string
}

/** A whole answer, from the judged choices. */
export function formatCompletion(
  head: AnswerHead,
  choices: readonly JudgedChoice[],
  usage: Usage | null,
): Json {
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: choices.map(({ index, content, refusal, toolCalls, finish }) => ({
      index,
      message: {
        role: 'assistant',
        content: content === '' && toolCalls.length > 0 ? null : content,
        refusal: refusal === '' ? null : refusal,
        ...(toolCalls.length > 0 ? { tool_calls: formatToolCalls(toolCalls) } : {}),
      },
      logprobs: null,
      finish_reason: finish ?? 'stop',
    })),
    ...(usage ? { usage: formatUsage(usage) } : {}),
  }
}

/** One chunk of a stream for what may go out. `first`: the role goes with the first piece of each choice. */
export function formatChunk(head: AnswerHead, release: Release, first: boolean): Json {
  const role = first ? { role: 'assistant' } : {}
  const chunk = (delta: Json, finish: string | null): Json => ({
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    choices: [{ index: release.choice, delta, logprobs: null, finish_reason: finish }],
  })
  if ('finish' in release) return chunk(role, release.finish)
  if ('toolCalls' in release) {
    const calls = formatToolCalls(release.toolCalls).map((call, index) => ({ index, ...call }))
    return chunk({ ...role, tool_calls: calls }, null)
  }
  return chunk({ ...role, [release.channel]: release.text }, null)
}

export function formatUsageChunk(head: AnswerHead, usage: Usage): Json {
  return { ...head, object: 'chat.completion.chunk', choices: [], usage: formatUsage(usage) }
}

function formatToolCalls(calls: JudgedChoice['toolCalls']) {
  return calls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }))
}

function formatUsage({ inputTokens, outputTokens }: Usage): Json {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
