/**
 * How long a stream is held up: from the moment the model writes the last byte that a release needs, to the moment
 * the caller has the release. Model and caller are one process, so that one clock serves.
 */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createScreener } from '../../src/screening/index.ts'
import { freshText } from './load.ts'
import type { Target } from './load.ts'
import { answerText } from './model.ts'
import type { Model } from './model.ts'

/** Characters of a piece, as models stream them. */
const pieceChars = 12
const pauseMs = 4

/** The answer in pieces, and for each how many characters are safe to release once it is there. */
const pieces = answerText.match(new RegExp(`.{1,${pieceChars}}`, 'gs')) ?? []
const session = createScreener().open()
let pushed = 0
const plan = pieces.map((text) => {
  const { safeUpTo } = session.push(text)
  pushed += text.length
  return { text, pushed, safeUpTo }
})

/** Characters that are there and held back, after each piece. */
export const heldBack: readonly number[] = plan.map((piece) => piece.pushed - piece.safeUpTo)

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'large' }
const chunk = (delta: object, finish: string | null = null): string =>
  JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })
const ending = [
  chunk({}, 'stop'),
  JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 250, completion_tokens: 200 } }),
  '[DONE]',
]

export interface StreamTimes {
  /** Milliseconds of each release. */
  readonly releases: readonly number[]
  /** From the model's end mark to the caller's: the outcome is durable in between. */
  readonly end: number
}

/** One streamed call. What passes everything on at once releases what has come; a gate, what is safe by then. */
export async function streamOnce(
  model: Model,
  target: Target,
  turn: number,
  gated: boolean,
): Promise<StreamTimes> {
  const written: number[] = []
  let endedAt = 0
  model.playStream = async (send) => {
    for (const { text } of plan) {
      written.push(performance.now())
      send(chunk({ content: text }))
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    endedAt = performance.now()
    for (const event of ending) send(event)
  }
  const seen = await readStream(target, turn)
  let held = 0
  const releases = plan.flatMap(({ pushed: all, safeUpTo }, i) => {
    const upTo = gated ? safeUpTo : all
    if (upTo <= held) return []
    held = upTo
    const arrived = seen.texts.find(({ chars }) => chars >= upTo)
    if (!arrived) throw new Error('a release has not come')
    return [arrived.at - (written[i] ?? NaN)]
  })
  return { releases, end: seen.endedAt - endedAt }
}

interface Seen {
  /** Characters that the caller has, and since when. */
  readonly texts: readonly { readonly chars: number; readonly at: number }[]
  readonly endedAt: number
}

async function readStream({ url, keys }: Target, turn: number): Promise<Seen> {
  const body = JSON.stringify({
    model: 'general',
    stream: true,
    messages: [{ role: 'user', content: freshText() }],
  })
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${keys[turn % keys.length] ?? ''}`,
    'content-length': Buffer.byteLength(body),
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  httpRequest(`${url}/v1/chat/completions`, { method: 'POST', headers }, resolve)
    .on('error', reject)
    .end(body)
  const response = await promise
  if (response.statusCode !== 200) throw new Error(`the stream has status ${String(response.statusCode)}`)
  const texts: { chars: number; at: number }[] = []
  let chars = 0
  let rest = ''
  let endedAt = NaN
  for await (const bytes of response as AsyncIterable<Buffer>) {
    const at = performance.now()
    const events = (rest + bytes.toString()).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (event === 'data: [DONE]') endedAt = at
      else chars += contentOf(event).length
    }
    texts.push({ chars, at })
  }
  return { texts, endedAt }
}

function contentOf(event: string): string {
  if (!event.startsWith('data: ')) return ''
  const { choices } = JSON.parse(event.slice('data: '.length)) as {
    readonly choices?: readonly { readonly delta: { readonly content?: string } }[]
  }
  if (!choices) throw new Error(`the stream ended early: ${event}`)
  return choices[0]?.delta.content ?? ''
}
