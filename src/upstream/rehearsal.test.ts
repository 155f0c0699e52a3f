import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isErrorCode } from '../base/index.ts'
import { openUpstream } from './index.ts'
import type { UpstreamRequest, UpstreamResponse } from './index.ts'
import { politeAnswer } from './rehearsal-script.ts'
import { rehearsal } from './rehearsal.ts'

const clock = { now: () => 1_767_225_600_000 }

interface Answer {
  id: string
  created: number
  model: string
  choices: { index: number; finish_reason: string; message: Record<string, unknown> }[]
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
}

interface Frame {
  choices: { index: number; finish_reason: string | null; delta: Record<string, unknown> }[]
  usage?: unknown
  error?: unknown
}

function ask(request: unknown, given: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
  const body = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request))
  const signal = new AbortController().signal
  return rehearsal({ clock }).send({ path: '/chat/completions', body, stream: false, signal, ...given })
}

function saying(content: unknown, more: object = {}): object {
  return { model: 'general', messages: [{ role: 'user', content }], ...more }
}

function script(value: unknown, more: object = {}): object {
  return saying(`Please.\n  rehearsal: ${JSON.stringify(value)}\nThank you.`, more)
}

async function read(response: UpstreamResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function answerTo(request: unknown): Promise<Answer> {
  return JSON.parse(await read(await ask(request))) as Answer
}

async function framesOf(request: unknown): Promise<{ frames: Frame[]; done: boolean }> {
  const text = await read(await ask(request, { stream: true }))
  assert.ok(text.endsWith('\n\n'))
  const events = text
    .slice(0, -2)
    .split('\n\n')
    .map((event) => event.replace(/^data: /, ''))
  const done = events.at(-1) === '[DONE]'
  return { frames: (done ? events.slice(0, -1) : events).map((event) => JSON.parse(event) as Frame), done }
}

function spoken(frames: Frame[], index = 0): string {
  const deltas = frames.flatMap((frame) => frame.choices).filter((choice) => choice.index === index)
  return deltas.map(({ delta }) => (typeof delta['content'] === 'string' ? delta['content'] : '')).join('')
}

test('rehearsal answers ordinary conversation politely and says that no model was called', async () => {
  const requests = [
    saying('hello'),
    saying('rehearsal: not json'),
    saying('rehearsal: [1]'),
    script({ say: 7 }),
    script({ chunk: 0 }),
    script({ chunk: 'x' }),
    script({ then: 'explode' }),
    script({ call: [{ arguments: {} }] }),
    script({ call: 'x' }),
    saying(7),
    saying([{ type: 'image_url' }, null]),
    { messages: 'x' },
    { messages: [{ role: 'assistant', content: 'rehearsal: {"say":"x"}' }] },
    { messages: [null] },
  ]
  for (const request of requests) {
    const answer = await answerTo(request)
    assert.equal(answer.choices[0]!.message['content'], politeAnswer)
    assert.equal(answer.model, 'rehearsal')
  }
})

test('rehearsal says what the script of the last user message says', async () => {
  const messages = [
    { role: 'user', content: 'rehearsal: {"say":"first"}' },
    { role: 'user', content: [{ type: 'text', text: 'x\nrehearsal: {"say":"second"}' }] },
    { role: 'assistant', content: 'rehearsal: {"say":"third"}' },
  ]
  const answer = await answerTo({ messages })
  assert.deepEqual(answer.choices, [
    { index: 0, message: { role: 'assistant', content: 'second' }, finish_reason: 'stop' },
  ])
  assert.equal(answer.created, 1_767_225_600)
  assert.match(answer.id, /^chatcmpl-[0-9a-f]{32}$/)
})

test('rehearsal gives the same bytes for the same request, and another id for another', async () => {
  const first = await read(await ask(saying('a'), { stream: true }))
  assert.equal(await read(await ask(saying('a'), { stream: true })), first)
  assert.notEqual((await answerTo(saying('a'))).id, (await answerTo(saying('b'))).id)
})

test('rehearsal honours n, and refuses counts that no model takes', async () => {
  const answer = await answerTo(script({ say: 'one two' }, { n: 3 }))
  assert.deepEqual(
    answer.choices.map(({ index, message }) => [index, message['content']]),
    [0, 1, 2].map((index) => [index, 'one two']),
  )
  assert.equal(answer.usage.completion_tokens, 6)
  for (const n of [0, -1, 1.5, 17, '2', null]) {
    const { status } = await ask(saying('x', { n }))
    assert.equal(status, n === null ? 200 : 400)
  }
})

test('rehearsal counts tokens from the bytes of the request and the words of the answer', async () => {
  const request = script({ say: 'three small words' })
  const { usage } = await answerTo(request)
  const prompt = Math.ceil(JSON.stringify(request).length / 4)
  assert.deepEqual(usage, { prompt_tokens: prompt, completion_tokens: 3, total_tokens: prompt + 3 })
})

test('rehearsal ends at the token limit of the request', async () => {
  for (const limit of [{ max_tokens: 2 }, { max_completion_tokens: 2, max_tokens: 9 }]) {
    const answer = await answerTo(script({ say: 'three small words' }, limit))
    assert.equal(answer.choices[0]!.message['content'], 'three small')
    assert.equal(answer.choices[0]!.finish_reason, 'length')
    assert.equal(answer.usage.completion_tokens, 2)
  }
})

test('rehearsal calls tools, whole and in pieces', async () => {
  const call = [{ name: 'send', arguments: { to: 'everyone', body: 'ü'.repeat(20) } }, { name: 'look_up' }]
  const answer = await answerTo(script({ call }))
  const { message, finish_reason: reason } = answer.choices[0]!
  assert.equal(reason, 'tool_calls')
  assert.equal(message['content'], null)
  const whole = message['tool_calls'] as { id: string; function: { name: string; arguments: string } }[]
  assert.deepEqual(JSON.parse(whole[0]!.function.arguments), call[0]!.arguments)
  assert.equal(whole[1]!.function.arguments, '{}')
  assert.notEqual(whole[0]!.id, whole[1]!.id)

  const { frames } = await framesOf(script({ call, chunk: 3 }))
  const pieces = frames
    .flatMap(({ choices }) => choices)
    .flatMap(({ delta }) => delta['tool_calls'] ?? []) as {
    index: number
    id?: string
    function: { name?: string; arguments: string }
  }[]
  const joined = pieces.filter(({ index }) => index === 0).map((piece) => piece.function.arguments)
  assert.deepEqual(JSON.parse(joined.join('')), call[0]!.arguments)
  assert.ok(joined.length > 5)
  assert.deepEqual(
    pieces.filter(({ id }) => id !== undefined).map((piece) => [piece.index, piece.function.name]),
    [
      [0, 'send'],
      [1, 'look_up'],
    ],
  )
  assert.equal(frames.at(-1)!.choices[0]!.finish_reason, 'tool_calls')
})

test('rehearsal does not call a tool again that has answered', async () => {
  const { messages } = script({ call: [{ name: 'send' }] }) as { messages: object[] }
  const answer = await answerTo({
    messages: [...messages, { role: 'assistant' }, { role: 'tool', content: 'done' }],
  })
  assert.equal(answer.choices[0]!.message['tool_calls'], undefined)
  assert.equal(answer.choices[0]!.finish_reason, 'stop')
})

test('rehearsal streams any text in pieces of any size without breaking a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 3 }),
      async (say, chunk, n) => {
        const { frames, done } = await framesOf(script({ say, chunk }, { n }))
        assert.ok(done)
        for (let index = 0; index < n; index++) assert.equal(spoken(frames, index), say)
        const pieces = frames.flatMap(({ choices }) => choices).map(({ delta }) => delta['content'] ?? '')
        assert.ok(pieces.every((piece) => typeof piece === 'string' && piece.isWellFormed()))
      },
    ),
    { numRuns: 100 },
  )
})

test('rehearsal makes at most 4,096 pieces of a text', async () => {
  const { frames } = await framesOf(script({ say: 'x'.repeat(10_000), chunk: 1 }))
  assert.ok(frames.length < 4_200)
  assert.equal(spoken(frames).length, 10_000)
})

test('rehearsal reports usage in a stream only when it is asked to', async () => {
  const without = await framesOf(script({ say: 'x' }))
  assert.ok(without.frames.every((frame) => frame.usage === undefined))
  const { frames } = await framesOf(script({ say: 'x' }, { stream_options: { include_usage: true } }))
  assert.deepEqual(frames.at(-1)!.choices, [])
  assert.equal((frames.at(-1)!.usage as Answer['usage']).completion_tokens, 1)
})

test('rehearsal fails as scripted', async () => {
  assert.equal((await ask(script({ say: 'x', then: 'error' }))).status, 500)
  assert.equal(await read(await ask(script({ say: 'x', then: 'error' }))), '')
  const { frames, done } = await framesOf(script({ say: 'x', then: 'error' }))
  assert.ok(frames.at(-1)!.error !== undefined && !done)

  const nonsense = await read(await ask(script({ say: 'x', then: 'nonsense' })))
  assert.throws(() => JSON.parse(nonsense) as unknown)
  const text = await read(await ask(script({ say: 'x', then: 'nonsense' }), { stream: true }))
  assert.throws(() => JSON.parse(text.split('\n\n').at(-4)!.slice('data: '.length)) as unknown)

  for (const stream of [true, false]) {
    const response = await ask(script({ say: 'x', then: 'cut' }), { stream })
    await assert.rejects(read(response), (error) => isErrorCode(error, 'UPSTREAM_CUT'))
  }

  const unknown = await answerTo(script({ say: 'x', then: 'unknown-field' }))
  assert.equal(unknown.choices[0]!.message['rehearsed_unknown'], 'x')
  const streamed = await framesOf(script({ say: 'x', then: 'unknown-field' }))
  assert.ok(streamed.frames.some(({ choices }) => choices[0]?.delta['rehearsed_unknown'] === 'x'))
})

test('a hang ends with the abort, the idle time or the reader', async () => {
  const request = script({ say: 'x', then: 'hang', chunk: 1 })
  const order = new AbortController()
  const whole = ask(request, { signal: order.signal })
  const body = (await ask(request, { stream: true, signal: order.signal })).body[Symbol.asyncIterator]()
  await body.next()
  await body.next()
  const next = body.next()
  order.abort()
  for (const hanging of [whole, next]) {
    await assert.rejects(hanging, (error) => isErrorCode(error, 'UPSTREAM_ABORTED'))
  }

  const short = rehearsal({ clock, limits: { idleTimeoutMs: 5 } })
  const signal = new AbortController().signal
  const sent = { path: '/chat/completions', body: Buffer.from(JSON.stringify(request)), signal }
  await assert.rejects(short.send({ ...sent, stream: false }), (error) =>
    isErrorCode(error, 'UPSTREAM_TIMEOUT'),
  )
  const silent = await short.send({ ...sent, stream: true })
  await assert.rejects(read(silent), (error) => isErrorCode(error, 'UPSTREAM_TIMEOUT'))

  const stopped = (await ask(request, { stream: true })).body[Symbol.asyncIterator]()
  await stopped.next()
  await stopped.next()
  const pending = stopped.next()
  await stopped.return?.()
  assert.deepEqual(await pending, { value: undefined, done: true })
  assert.deepEqual(await stopped.next(), { value: undefined, done: true })
})

test('rehearsal answers 400 to what is no chat completion, and rejects nothing but an abort', async () => {
  for (const request of ['', '{', '[]', '"x"', '{"a":1,"a":2}', Buffer.from([0xff]).toString('latin1')]) {
    assert.equal((await ask(request)).status, 400)
  }
  assert.equal((await ask(saying('x'), { path: '/models' })).status, 400)
  await assert.rejects(ask(saying('x'), { signal: AbortSignal.abort() }), (error) =>
    isErrorCode(error, 'UPSTREAM_ABORTED'),
  )
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.boolean(), async (json, stream) => {
      await read(await ask(json, { stream }))
    }),
  )
})

test('openUpstream opens what the route names', async () => {
  for (const [name, kind] of [
    ['rehearsal', 'rehearsal'],
    ['http://127.0.0.1:9/v1', 'live'],
  ] as const) {
    await using upstream = openUpstream({ upstream: name }, { clock })
    assert.equal(upstream.kind, kind)
  }
})
