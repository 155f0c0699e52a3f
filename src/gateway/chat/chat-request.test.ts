import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../base/index.ts'
import { DialectError } from '../shape.ts'
import { parseChatRequest, upstreamBody } from './chat-request.ts'

const user = { role: 'user', content: 'Hello.' }
const body = (fields: Readonly<Record<string, Json>>): Json => ({
  model: 'general',
  messages: [user],
  ...fields,
})
const message = (fields: Readonly<Record<string, Json>>): Json => body({ messages: [fields] })
const tool = (fields: Readonly<Record<string, Json>>): Json =>
  body({ tools: [{ type: 'function', function: { name: 'post', ...fields } }] })

describe('parseChatRequest accepts', () => {
  const accepted: readonly (readonly [string, Json])[] = [
    ['the least', body({})],
    [
      'every role',
      body({ messages: ['system', 'developer', 'user'].map((role) => ({ role, content: 'a' })) }),
    ],
    ['content in parts', message({ role: 'user', content: [{ type: 'text', text: 'a' }] })],
    ['an assistant without content', message({ role: 'assistant', content: null, tool_calls: [] })],
    ['what a tool said', message({ role: 'tool', tool_call_id: 'c', content: '{}' })],
    [
      'nulls where the clients send them',
      body({ stream: null, stream_options: null, max_tokens: null, n: null }),
    ],
    ['usage of a stream', body({ stream: true, stream_options: { include_usage: true } })],
    ['a schema', tool({ parameters: { type: 'object', properties: { a: { enum: [1, 'b', null] } } } })],
    ['a format', body({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } } })],
    ['a chosen tool', body({ tool_choice: { type: 'function', function: { name: 'post' } } })],
    ['stops', body({ stop: ['a', 'b'] })],
  ]
  for (const [name, value] of accepted) test(name, () => assert.ok(parseChatRequest(value)))
})

describe('parseChatRequest refuses', () => {
  const refused: readonly (readonly [string, Json, string, string])[] = [
    ['no object', 'a', 'REQUEST_BAD_VALUE', ''],
    ['an unknown field', body({ web_search: true }), 'REQUEST_UNKNOWN_FIELD', 'web_search'],
    ['stored answers', body({ store: true }), 'REQUEST_UNKNOWN_FIELD', 'store'],
    ['logit bias', body({ logit_bias: {} }), 'REQUEST_UNKNOWN_FIELD', 'logit_bias'],
    ['legacy functions', body({ functions: [] }), 'REQUEST_UNKNOWN_FIELD', 'functions'],
    ['a field of a message', message({ ...user, audio: {} }), 'REQUEST_UNKNOWN_FIELD', 'messages[0].audio'],
    [
      'a legacy call',
      message({ role: 'assistant', function_call: {} }),
      'REQUEST_UNKNOWN_FIELD',
      'messages[0].function_call',
    ],
    [
      'a picture',
      message({ role: 'user', content: [{ type: 'image_url' }] }),
      'REQUEST_UNINSPECTABLE',
      'messages[0].content[0]',
    ],
    [
      'a refusal part',
      message({ role: 'assistant', content: [{ type: 'refusal' }] }),
      'REQUEST_UNINSPECTABLE',
      'messages[0].content[0]',
    ],
    ['no content', message({ role: 'user' }), 'REQUEST_MISSING_FIELD', 'messages[0].content'],
    ['no model', { messages: [] }, 'REQUEST_MISSING_FIELD', 'model'],
    ['a role of every object', message({ role: 'constructor' }), 'REQUEST_BAD_VALUE', 'messages[0].role'],
    ['a custom tool', body({ tools: [{ type: 'custom' }] }), 'REQUEST_BAD_VALUE', 'tools[0].type'],
    ['a name with a line break', tool({ name: 'a\n' }), 'REQUEST_BAD_VALUE', 'tools[0].function.name'],
    ['two limits', body({ max_tokens: 1, max_completion_tokens: 1 }), 'REQUEST_BAD_VALUE', 'max_tokens'],
    ['usage without a stream', body({ stream_options: {} }), 'REQUEST_BAD_VALUE', 'stream_options'],
    ['nine choices', body({ n: 9 }), 'REQUEST_BAD_VALUE', 'n'],
    ['half a token', body({ max_tokens: 0.5 }), 'REQUEST_BAD_VALUE', 'max_tokens'],
    ['a bad temperature', body({ temperature: NaN }), 'REQUEST_BAD_VALUE', 'temperature'],
    ['a text for a truth', body({ stream: 'true' }), 'REQUEST_BAD_VALUE', 'stream'],
  ]
  for (const [name, value, code, place] of refused) {
    test(name, () => {
      assert.throws(
        () => parseChatRequest(value),
        (error) => error instanceof DialectError && error.code === code && error.place === place,
      )
    })
  }
})

const word = fc.string({ minLength: 1, maxLength: 8 })
const contents = fc.oneof(
  word,
  fc.array(fc.record({ type: fc.constant('text'), text: word }), { maxLength: 3 }),
)
const toolCalls = fc.array(
  fc.record({
    id: word,
    type: fc.constant('function'),
    function: fc.record({ name: fc.constant('post'), arguments: word }),
  }),
  { maxLength: 2 },
)
const bodies = fc.record(
  {
    model: word,
    messages: fc.array(
      fc.oneof(
        fc.record({ role: fc.constantFrom('system', 'developer', 'user'), content: contents, name: word }),
        fc.record({
          role: fc.constant('assistant'),
          content: contents,
          refusal: word,
          tool_calls: toolCalls,
        }),
        fc.record({ role: fc.constant('tool'), content: contents, tool_call_id: word }),
      ),
      { maxLength: 4 },
    ),
    tools: fc.array(
      fc.record({
        type: fc.constant('function'),
        function: fc.record({
          name: fc.constant('post'),
          description: word,
          parameters: fc.dictionary(word, fc.jsonValue({ maxDepth: 2 })),
        }),
      }),
      { maxLength: 2 },
    ),
    stop: fc.oneof(word, fc.array(word, { maxLength: 3 })),
    user: word,
    response_format: fc.record({
      type: fc.constant('json_schema'),
      json_schema: fc.record({
        name: fc.constant('a'),
        description: word,
        schema: fc.dictionary(word, word),
      }),
    }),
  },
  { requiredKeys: ['model', 'messages'] },
)

/** Every way to put `marker` in place of one text or behind one member name, as copies of `value`. */
function* planted(value: Json, marker: string): Generator<Json> {
  if (typeof value === 'string') yield `${value} ${marker}`
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    for (const [i, item] of items.entries())
      for (const copy of planted(item, marker)) yield items.with(i, copy)
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
    for (const [i, [name, member]] of members.entries()) {
      yield Object.fromEntries(members.with(i, [`${name} ${marker}`, member]))
      for (const copy of planted(member ?? null, marker))
        yield Object.fromEntries(members.with(i, [name, copy]))
    }
  }
}

test('every text of an accepted body that leaves, wherever it stands, is in some part', () => {
  const marker = 'planted-marker'
  fc.assert(
    fc.property(bodies, (generated) => {
      for (const value of planted(generated, marker)) {
        try {
          const chat = parseChatRequest(value)
          const leaves = Buffer.from(upstreamBody(chat, 'large', 5)).includes(marker)
          const screened = chat.parts.some(({ text }) => text.includes(marker))
          assert.equal(screened, leaves, JSON.stringify(value))
        } catch (error) {
          assert.ok(error instanceof DialectError)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('arguments and tool answers are also read without their escapes', () => {
  const call = {
    id: 'c',
    type: 'function',
    function: { name: 'post', arguments: '{"a":"tr\\u0061ck\\nall"}' },
  }
  const { parts } = parseChatRequest(
    body({
      messages: [
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c', content: 'a\\tb' },
      ],
    }),
  )
  const texts = parts.map(({ text }) => text)
  assert.ok(texts.includes('{"a":"track\nall"}') && texts.includes('a\tb'), JSON.stringify(texts))
})

const text = (value: string): Json => ({ type: 'text', text: value })

test('parts of one content are sent and judged as one text, and judged as lines too', () => {
  const parts = [text('Track the move'), text('ments of'), text('every cit'), text('izen')]
  const chat = parseChatRequest(message({ role: 'user', content: parts }))
  const sent = 'Track the movements ofevery citizen'
  assert.deepEqual(chat.tree['messages'], [{ role: 'user', content: sent }])
  assert.deepEqual(
    chat.parts.filter(({ place }) => place === 'messages[0].content').map((part) => part.text),
    ['Track the move\nments of\nevery cit\nizen', sent],
  )
})

test('a tool answer in parts is read without its escapes across them', () => {
  const content = [text('tr\\u00'), text('61ck')]
  const { parts } = parseChatRequest(message({ role: 'tool', tool_call_id: 'c', content }))
  assert.ok(parts.some((part) => part.text === 'track'))
})

describe('escapes within escapes', () => {
  const wrapped = (levels: number): string => {
    let value = 'a\tb'
    for (let level = 0; level < levels; level++) value = JSON.stringify(value)
    return value
  }
  const said = (content: string): Json => message({ role: 'tool', tool_call_id: 'c', content })

  for (const levels of [0, 1, 2, 3, 4]) {
    test(`${levels} levels are read to the last`, () => {
      assert.ok(parseChatRequest(said(wrapped(levels))).parts.some((part) => part.text.includes('a\tb')))
    })
  }

  test('one level more is refused, in arguments too', () => {
    const call = { id: 'c', type: 'function', function: { name: 'post', arguments: wrapped(5) } }
    for (const value of [said(wrapped(5)), message({ role: 'assistant', tool_calls: [call] })]) {
      assert.throws(() => parseChatRequest(value), { code: 'REQUEST_UNINSPECTABLE' })
    }
  })
})

describe('too many texts', () => {
  const many = (count: number): Json => Array.from({ length: count }, () => text('a'))
  const said = (counts: readonly number[]): Json =>
    body({ messages: counts.map((count) => ({ role: 'user', content: many(count) })) })

  test('are refused over all messages, at the first one too many', () => {
    // Further texts: the model's name, and each content as a whole, once as lines and once as sent.
    assert.ok(parseChatRequest(said([2000, 1995])))
    assert.throws(() => parseChatRequest(said([2000, 1996, 2000])), {
      code: 'REQUEST_BAD_VALUE',
      place: 'messages[1].content',
    })
  })

  test('are refused before the rest is read', () => {
    const unread = { role: 'user', content: [{ type: 'image_url' }] }
    const messages = [...Array.from({ length: 3 }, () => ({ role: 'user', content: many(1999) })), unread]
    assert.throws(() => parseChatRequest(body({ messages })), { code: 'REQUEST_BAD_VALUE' })
  })
})

test('upstreamBody writes the judged tree, the model of the route and an explicit limit', () => {
  const chat = parseChatRequest(body({ stream: true, max_tokens: 7 }))
  assert.deepEqual(JSON.parse(Buffer.from(upstreamBody(chat, 'large', 5)).toString()), {
    ...{ model: 'large', messages: [user], stream: true, max_tokens: 5 },
    stream_options: { include_usage: true },
  })
})
