import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../base/index.ts'
import { AnswerError, formatCompletion, parseChunk, parseCompletion } from './chat-answer.ts'

const whole = (choice: Json, fields = {}): Buffer =>
  Buffer.from(JSON.stringify({ object: 'chat.completion', choices: [choice], ...fields }))
const piece = (choice: Json, fields = {}): string =>
  JSON.stringify({ object: 'chat.completion.chunk', choices: [choice], ...fields })
const said = { index: 0, message: { content: 'a' }, finish_reason: 'stop' }

describe('what is read of an answer', () => {
  test('parseCompletion gives text, calls and the end', () => {
    const call = { id: 'c', type: 'function', function: { name: 'post', arguments: '{}' } }
    const choice = {
      index: 0,
      message: { role: 'user', content: 'a', refusal: 'b', tool_calls: [call] },
      finish_reason: 'stop',
    }
    assert.deepEqual(parseCompletion(whole(choice), 1).deltas, [
      { choice: 0, text: { channel: 'content', text: 'a' } },
      { choice: 0, text: { channel: 'refusal', text: 'b' } },
      { choice: 0, toolCall: { index: 0, id: 'c', name: 'post', arguments: '{}' } },
      { choice: 0, finish: 'stop' },
    ])
  })

  test('parseChunk reads an empty one, and one with usage only', () => {
    assert.deepEqual(parseChunk(piece({ index: 0, delta: {}, finish_reason: null }), 1).deltas, [])
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    const counted = parseChunk(JSON.stringify({ object: 'chat.completion.chunk', choices: [], usage }), 1)
    assert.deepEqual(counted.usage, { inputTokens: 1, outputTokens: 2 })
  })

  test('fields that are not understood are dropped and named', () => {
    const choice = {
      index: 0,
      message: { content: 'a', reasoning_content: 'b', function_call: {} },
      logprobs: {},
    }
    const { deltas, dropped } = parseCompletion(whole(choice, { secret: 1 }), 1)
    assert.equal(deltas.length, 1)
    assert.deepEqual(dropped, [
      'secret',
      'choices[0].logprobs',
      'choices[0].message.reasoning_content',
      'choices[0].message.function_call',
    ])
  })

  for (const usage of [
    {},
    { prompt_tokens: -1, completion_tokens: 1 },
    { prompt_tokens: 1.5, completion_tokens: 1 },
    { prompt_tokens: 2 ** 60, completion_tokens: 1 },
    'free',
    [],
  ]) {
    test(`usage ${JSON.stringify(usage)} is none`, () =>
      assert.equal(parseCompletion(whole(said, { usage }), 1).usage, null))
  }
})

describe('nonsense is refused', () => {
  const call = (fields: Readonly<Record<string, Json>>): string =>
    piece({ index: 0, delta: { tool_calls: [fields] } })
  const chunks: readonly (readonly [string, string])[] = [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['an error', '{"error":{"message":"innards"}}'],
    ['a whole answer', whole(said).toString()],
    ['no choices', '{"object":"chat.completion.chunk"}'],
    ['a choice that is none', piece('a')],
    ['a choice without index', piece({ delta: {} })],
    ['a choice below zero', piece({ index: -1, delta: {} })],
    ['a choice nobody asked for', piece({ index: 1, delta: { content: 'a' } })],
    ['a text that is none', piece({ index: 0, delta: { content: ['a'] } })],
    ['a lone surrogate', piece({ index: 0, delta: { content: 'a' } }).replace('"a"', '"\\ud83d"')],
    ['an unknown end', piece({ index: 0, delta: {}, finish_reason: 'function_call' })],
    ['an end that is none', piece({ index: 0, delta: {}, finish_reason: 1 })],
    ['calls that are no list', piece({ index: 0, delta: { tool_calls: {} } })],
    ['a call without index', call({ id: 'c' })],
    ['a call with a broken index', call({ index: 0.5 })],
    ['a call of index 128', call({ index: 128 })],
    ['a call of another type', call({ index: 0, type: 'custom' })],
    ['a name that is none', call({ index: 0, function: { name: 1 } })],
    ['arguments that are none', call({ index: 0, function: { arguments: {} } })],
    ['an id without end', call({ index: 0, id: 'a'.repeat(257) })],
    ['a member twice', '{"object":"chat.completion.chunk","choices":[],"choices":[]}'],
  ]
  for (const [name, data] of chunks) {
    test(name, () =>
      assert.throws(
        () => parseChunk(data, 1),
        (error) => error instanceof AnswerError && !error.message.includes('innards'),
      ),
    )
  }
})

test('formatCompletion writes only what was judged', () => {
  const judged = [
    {
      index: 1,
      content: '',
      refusal: '',
      toolCalls: [{ id: 'c', name: 'post', arguments: '{}' }],
      finish: 'tool_calls',
    },
  ]
  const { choices } = formatCompletion({ id: 'ex', created: 1, model: 'm' }, judged, null) as {
    choices: Json
  }
  const call = { id: 'c', type: 'function', function: { name: 'post', arguments: '{}' } }
  assert.deepEqual(choices, [
    {
      index: 1,
      message: { role: 'assistant', content: null, refusal: null, tool_calls: [call] },
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ])
})
