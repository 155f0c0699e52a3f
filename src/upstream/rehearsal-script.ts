/** What the rehearsal model is told to answer: one line of JSON in the last message of the user. */
import { parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'

export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export interface ScriptedCall {
  readonly name: string
  /** The arguments as JSON text, as models send them. */
  readonly arguments: string
}

export type Ending = 'stop' | 'hang' | 'nonsense' | 'cut' | 'error' | 'unknown-field'

export interface Script {
  readonly say: string
  readonly calls: readonly ScriptedCall[]
  /** Characters in one piece of a stream. */
  readonly chunk: number
  readonly then: Ending
}

export const politeAnswer =
  'This is the rehearsal model. It answers by script and no model was called. ' +
  'Put a line `rehearsal: {"say": "…"}` into your message and it says that.'

const answeredTool = 'This is the rehearsal model. It has taken note of what the tool returned.'
/** How a request may ask the model to say something. */
const marker = 'rehearsal:'
const politeScript: Script = { say: politeAnswer, calls: [], chunk: 12, then: 'stop' }
const endings: readonly Ending[] = ['hang', 'nonsense', 'cut', 'error', 'unknown-field']
const piecesMax = 4096

/**
 * Reads the script of a chat-completions request. Whatever is not a script of the documented form counts as
 * ordinary conversation. A script that asks for tool calls is not played again once a tool has answered.
 */
export function scriptOf(request: JsonObject): Script {
  const messages = Array.isArray(request['messages']) ? (request['messages'] as readonly Json[]) : []
  const user = messages.findLast((message) => isObject(message) && message['role'] === 'user')
  if (!isObject(user)) return politeScript
  const line = textOf(user['content'])
    .split('\n')
    .find((candidate) => candidate.trimStart().startsWith(marker))
  if (line === undefined) return politeScript
  const script = parseScript(line.trimStart().slice(marker.length)) ?? politeScript
  const last = messages.at(-1)
  const toolAnswered = isObject(last) && last['role'] === 'tool'
  return toolAnswered && script.calls.length > 0 ? { ...politeScript, say: answeredTool } : script
}

function parseScript(text: string): Script | null {
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    // Not a script, so a message like any other.
    return null
  }
  if (!isObject(value)) return null
  const { say = '', call = [], chunk = 12, then = 'stop' } = value
  const calls = parseCalls(call)
  const ending = then === 'stop' ? then : endings.find((known) => known === then)
  if (typeof say !== 'string' || !calls || !ending) return null
  if (typeof chunk !== 'number' || !Number.isInteger(chunk) || chunk < 1) return null
  const bytes = calls.reduce((longest, { arguments: text }) => Math.max(longest, text.length), say.length)
  return { say, calls, chunk: Math.max(chunk, Math.ceil(bytes / piecesMax)), then: ending }
}

function parseCalls(value: Json): ScriptedCall[] | null {
  if (!Array.isArray(value)) return null
  const calls: ScriptedCall[] = []
  for (const item of value as readonly Json[]) {
    if (!isObject(item) || typeof item['name'] !== 'string') return null
    calls.push({ name: item['name'], arguments: JSON.stringify(item['arguments'] ?? {}) })
  }
  return calls
}

/** A content is a text, or parts of which some are texts. */
function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const parts = (content as readonly Json[]).map((part) => (isObject(part) ? part['text'] : undefined))
  return parts.filter((text) => typeof text === 'string').join('\n')
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
