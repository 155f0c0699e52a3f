/** OpenAI Chat Completions, the request: what of it is understood, screened and passed on. */
import type { Json } from '../../base/index.ts'
import type { Part, PartKind } from '../../screening/index.ts'
import {
  DialectError,
  array,
  badValue,
  bareText,
  boolean,
  document,
  integer,
  isObject,
  jsonText,
  nullable,
  number,
  object,
  oneOf,
  startReading,
  text,
  under,
} from '../shape.ts'
import type { Reader } from '../shape.ts'

export interface ChatRequest {
  /** The judged tree; `upstreamBody` writes what is sent on from it. */
  readonly tree: Readonly<Record<string, Json>>
  /** Every text in the request. */
  readonly parts: readonly Part[]
  /** The route the caller names. */
  readonly model: string
  readonly stream: boolean
  /** The caller asked for a last chunk with the token counts. */
  readonly includeUsage: boolean
  readonly choices: number
  /** What the caller allows one answer to have; null where it sets no limit. */
  readonly outputTokensMax: number | null
  readonly declaredTools: readonly string[]
}

const messagesMax = 2000
const toolsMax = 128
export const choicesMax = 8

/** Reads a request body. Throws `DialectError` naming the first field that this gateway does not pass on. */
export function parseChatRequest(body: Json): ChatRequest {
  const at = startReading()
  const tree = request(body, at) as Record<string, Json>
  const limits = [tree['max_completion_tokens'], tree['max_tokens']].filter(
    (limit) => typeof limit === 'number',
  )
  if (limits.length === 2) badValue(under(at, 'max_tokens'), 'left out beside `max_completion_tokens`')
  const streamOptions = tree['stream_options'] ?? undefined
  if (streamOptions !== undefined && tree['stream'] !== true) {
    badValue(under(at, 'stream_options'), 'left out unless `stream` is true')
  }
  return {
    tree,
    parts: at.parts,
    model: tree['model'] as string,
    stream: tree['stream'] === true,
    includeUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
    choices: (tree['n'] as number | undefined) ?? 1,
    outputTokensMax: limits[0] ?? null,
    declaredTools: declaredTools(tree['tools']),
  }
}

/** The bytes that leave: from the judged tree, with the model's own name and `outputTokensMax` as explicit limit. */
export function upstreamBody(chat: ChatRequest, upstreamModel: string, outputTokensMax: number): Uint8Array {
  const limit = chat.tree['max_completion_tokens'] === undefined ? 'max_tokens' : 'max_completion_tokens'
  const body = {
    ...chat.tree,
    model: upstreamModel,
    [limit]: outputTokensMax,
    // Counts are asked for always: what an answer cost is settled by them.
    ...(chat.stream ? { stream_options: { include_usage: true } } : {}),
  }
  return Buffer.from(JSON.stringify(body))
}

/**
 * Content is a text or a list of text parts; what is not text cannot be looked into yet. A list is sent on as one
 * text, for a model reads its parts as one: a word cut in two over them is judged as the word it is.
 */
function content(kind: PartKind): Reader {
  // Tools mostly answer JSON.
  const whole = kind === 'tool' ? jsonText(kind) : text(kind)
  return (value, at) => {
    if (typeof value === 'string') return whole(value, at)
    const texts = pieces(value, at) as readonly { readonly text: string }[]
    const merged = texts.map((piece) => piece.text)
    // Where a part ends a word may end too, so the parts are also judged as lines.
    if (merged.length > 1) whole(merged.join('\n'), at)
    return whole(merged.join(''), at)
  }
}

const textPart = object({ type: oneOf('text'), text: bareText }, ['type', 'text'])

const piece: Reader = (value, at) => {
  if (isObject(value) && typeof value['type'] === 'string' && value['type'] !== 'text') {
    throw new DialectError(
      'REQUEST_UNINSPECTABLE',
      at.place,
      `\`${at.place}\` is not text; this gateway refuses what it cannot look into`,
    )
  }
  return textPart(value, at)
}

const pieces = array(piece, messagesMax)

const callId = text('name', { charsMax: 256 })
const toolName: Reader = (value, at) =>
  typeof value === 'string' && isToolName(value)
    ? text('name')(value, at)
    : badValue(at, 'a name of letters, digits, `_` and `-`, at most 64')

const toolCall = object(
  {
    id: callId,
    type: oneOf('function'),
    function: object({ name: toolName, arguments: jsonText('tool-call') }, ['name', 'arguments']),
  },
  ['id', 'type', 'function'],
)

const speakerName = text('name', { charsMax: 128 })

const messages: Readonly<Record<string, Reader>> = {
  system: object({ role: oneOf('system'), content: content('system'), name: speakerName }, ['content']),
  developer: object({ role: oneOf('developer'), content: content('system'), name: speakerName }, ['content']),
  user: object({ role: oneOf('user'), content: content('user'), name: speakerName }, ['content']),
  assistant: object({
    role: oneOf('assistant'),
    content: nullable(content('assistant')),
    refusal: nullable(text('assistant')),
    name: speakerName,
    tool_calls: array(toolCall, toolsMax),
  }),
  tool: object({ role: oneOf('tool'), content: content('tool'), tool_call_id: callId }, [
    'content',
    'tool_call_id',
  ]),
}

const message: Reader = (value, at) => {
  const role = isObject(value) ? value['role'] : undefined
  const reader = typeof role === 'string' && Object.hasOwn(messages, role) ? messages[role] : undefined
  if (!reader)
    return badValue({ ...at, place: `${at.place}.role` }, `one of ${Object.keys(messages).join(', ')}`)
  return reader(value, at)
}

const tool = object(
  {
    type: oneOf('function'),
    function: object(
      {
        name: toolName,
        description: text('tool-definition'),
        parameters: document('tool-definition'),
        strict: nullable(boolean),
      },
      ['name'],
    ),
  },
  ['type', 'function'],
)

const toolChoice: Reader = (value, at) =>
  typeof value === 'string'
    ? oneOf('none', 'auto', 'required')(value, at)
    : object({ type: oneOf('function'), function: object({ name: toolName }, ['name']) }, [
        'type',
        'function',
      ])(value, at)

const responseFormat: Reader = (value, at) => {
  const kind = isObject(value) ? value['type'] : undefined
  if (kind !== 'json_schema')
    return object({ type: oneOf('text', 'json_object', 'json_schema') }, ['type'])(value, at)
  const schema = {
    name: toolName,
    description: text('tool-definition'),
    schema: document('tool-definition'),
    strict: nullable(boolean),
  }
  return object({ type: oneOf('json_schema'), json_schema: object(schema, ['name']) }, ['json_schema'])(
    value,
    at,
  )
}

const stop: Reader = (value, at) =>
  typeof value === 'string'
    ? text('user', { charsMax: 256 })(value, at)
    : array(text('user', { charsMax: 256 }), 4)(value, at)

/**
 * No part to screen, for it never leaves: the model is asked by the name that the schedule gives it, and a name that
 * is no route is denied.
 */
const routeName: Reader = (value, at) => {
  const name = bareText(value, at) as string
  return name.length <= 128 ? name : badValue(at, 'a text of at most 128 characters')
}

const request = object(
  {
    model: routeName,
    messages: array(message, messagesMax),
    stream: nullable(boolean),
    stream_options: nullable(object({ include_usage: boolean })),
    max_tokens: nullable(integer(1, 10_000_000)),
    max_completion_tokens: nullable(integer(1, 10_000_000)),
    n: nullable(integer(1, choicesMax)),
    temperature: nullable(number(0, 2)),
    top_p: nullable(number(0, 1)),
    presence_penalty: nullable(number(-2, 2)),
    frequency_penalty: nullable(number(-2, 2)),
    seed: nullable(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    stop: nullable(stop),
    reasoning_effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh')),
    verbosity: nullable(oneOf('low', 'medium', 'high')),
    response_format: responseFormat,
    tools: array(tool, toolsMax),
    tool_choice: toolChoice,
    parallel_tool_calls: boolean,
    user: text('name', { charsMax: 256 }),
  },
  ['model', 'messages'],
)

function declaredTools(tools: Json | undefined): string[] {
  if (!Array.isArray(tools)) return []
  return (tools as readonly { readonly function: { readonly name: string } }[]).map(
    (entry) => entry.function.name,
  )
}

/** As the dialect defines names of functions. */
function isToolName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
}
