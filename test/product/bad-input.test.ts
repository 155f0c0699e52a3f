/** Whatever arrives broken meets a clear refusal, passes nothing on, and leaves the program serving. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { chunk, completion, hangAfter, json, openStream, prohibited, say } from './model.ts'
import { assertNotInClear, audit, entriesOf, until } from './program.ts'
import { chat, openStage, post } from './stage.ts'
import type { Stage } from './stage.ts'

interface Row {
  readonly name: string
  readonly body: RequestInit['body']
  readonly status: number
  readonly code: string
  readonly param?: string
  readonly headers?: Readonly<Record<string, string>>
}

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const tool = (parameters: string): string =>
  chat('Hello.').replace(
    /}$/,
    `,"tools":[{"type":"function","function":{"name":"post","parameters":${parameters}}}]}`,
  )

const rows: readonly Row[] = [
  { name: 'no JSON', body: '{"model":', status: 400, code: 'invalid_request' },
  { name: 'nothing', body: '', status: 400, code: 'invalid_request' },
  { name: 'a list', body: '[]', status: 400, code: 'invalid_request' },
  { name: 'a byte order mark', body: `\ufeff${chat('Hello.')}`, status: 400, code: 'invalid_request' },
  {
    name: 'bytes that are not UTF-8',
    body: Buffer.from([0x7b, 0xff, 0x7d]),
    status: 400,
    code: 'invalid_request',
  },
  { name: 'UTF-16', body: Buffer.from(chat('Hello.'), 'utf16le'), status: 400, code: 'invalid_request' },
  {
    name: 'a member twice',
    body: '{"model":"general","model":"general","messages":[]}',
    status: 400,
    code: 'invalid_request',
  },
  {
    name: 'a member twice by an escape',
    body: '{"model":"general","mod\\u0065l":"x","messages":[]}',
    status: 400,
    code: 'invalid_request',
  },
  {
    name: 'an unknown field',
    body: chat('Hello.', { guardrails: 'off' }),
    status: 400,
    code: 'unknown_field',
    param: 'guardrails',
  },
  {
    name: 'a field of the prototype',
    body: chat('Hello.').replace('{', '{"__proto__":{"stream":true},'),
    status: 400,
    code: 'unknown_field',
    param: '__proto__',
  },
  {
    name: 'a field that every object has',
    body: chat('Hello.', { constructor: 1 }),
    status: 400,
    code: 'unknown_field',
    param: 'constructor',
  },
  {
    name: 'legacy functions',
    body: chat('Hello.', { functions: [] }),
    status: 400,
    code: 'unknown_field',
    param: 'functions',
  },
  {
    name: 'a picture',
    body: chat('Hello.').replace('"Hello."', '[{"type":"image_url","image_url":{"url":"data:,x"}}]'),
    status: 400,
    code: 'uninspectable_content',
    param: 'messages[0].content[0]',
  },
  {
    name: 'an unknown role',
    body: chat('Hello.').replace('"user"', '"root"'),
    status: 400,
    code: 'invalid_request',
    param: 'messages[0].role',
  },
  { name: 'no model', body: '{"messages":[]}', status: 400, code: 'invalid_request', param: 'model' },
  {
    name: 'a number without end',
    body: chat('Hello.', {}).replace(/}$/, ',"temperature":1e999}'),
    status: 400,
    code: 'invalid_request',
  },
  {
    name: 'a part of a token',
    body: chat('Hello.', { max_tokens: 1.5 }),
    status: 400,
    code: 'invalid_request',
    param: 'max_tokens',
  },
  {
    name: 'a lone surrogate',
    body: chat('Hello.').replace('Hello.', '\\ud800'),
    status: 400,
    code: 'invalid_request',
  },
  { name: 'nesting without end', body: tool(`{"a":${deep(100_000)}}`), status: 400, code: 'invalid_request' },
  {
    name: 'too many messages',
    body: chat('Hello.', { messages: Array.from({ length: 2001 }, () => ({ role: 'user', content: 'a' })) }),
    status: 400,
    code: 'invalid_request',
    param: 'messages',
  },
  { name: 'an oversized body', body: chat('a'.repeat(4 * 1024 * 1024)), status: 413, code: 'body_too_large' },
  {
    name: 'a form',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a compressed body',
    body: gzipSync(chat('Hello.')),
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'an unknown model',
    body: chat('Hello.', { model: 'another' }),
    status: 403,
    code: 'denied_by_clause',
  },
  {
    name: 'a header of ours that is none',
    body: chat('Hello.'),
    headers: { 'servanda-guardrails': 'off' },
    status: 400,
    code: 'unknown_field',
    param: 'servanda-guardrails',
  },
  {
    name: 'a unit that is not registered',
    body: chat('Hello.'),
    headers: { 'servanda-unit': 'department' },
    status: 403,
    code: 'denied_by_clause',
  },
]

/** Writes these bytes on a bare connection and gives all that comes back until the other side ends it. */
function exchangeBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    socket.on('close', () => resolve(text)).on('error', reject)
  })
}

for (const workers of ['1', '2']) {
  describe(`bad input with ${workers} worker(s)`, () => {
    let stage: Stage
    before(async () => {
      stage = await openStage(workers)
    })
    after(() => stage[Symbol.asyncDispose]())

    for (const { name, body, headers, status, code, param } of rows) {
      test(`refuses ${name}`, async () => {
        const { model, program, keys } = stage
        const asked = model.asked.length
        const answer = await post(program, keys.care, body, headers)
        assert.deepEqual([answer.status, answer.error.code], [status, code], answer.text)
        if (param !== undefined) assert.equal(answer.error.param, param)
        assert.equal(model.asked.length, asked)
      })
    }

    test('refuses a missing, a wrong and a doubled key without an entry', async () => {
      const { program, keys, home } = stage
      const entries = entriesOf(home).length
      const wrong = `sv_${'a'.repeat(43)}`
      for (const authorization of [
        '',
        'Bearer',
        `Basic ${keys.care}`,
        `Bearer ${wrong}`,
        `Bearer ${keys.care} x`,
      ]) {
        const answer = await post(program, '', chat('Hello.'), { authorization })
        assert.deepEqual([answer.status, answer.error.code], [401, 'unauthenticated'], authorization)
      }
      const head =
        'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n'
      const both = `${head}authorization: Bearer ${keys.care}\r\nauthorization: Bearer ${wrong}\r\n\r\n`
      assert.match(await exchangeBytes(program.port, both), /^HTTP\/1.1 401 /)
      assert.equal(entriesOf(home).length, entries)
    })

    test('refuses every other endpoint and method', async () => {
      const { program, keys } = stage
      const headers = { authorization: `Bearer ${keys.care}` }
      for (const [method, path] of [
        ['POST', '/v1/completions'],
        ['POST', '/v1/embeddings'],
        ['POST', '/v1/responses'],
        ['POST', '/v1/chat/completions/'],
        ['POST', '//v1/chat/completions'],
        ['PUT', '/v1/chat/completions'],
        ['GET', '/v1/chat/completions'],
        ['OPTIONS', '/v1/chat/completions'],
        ['DELETE', '/v1/models'],
      ] as const) {
        const response = await fetch(program.url + path, { method, headers })
        assert.equal(response.status, 404, `${method} ${path}`)
        assert.match(await response.text(), /not_found/)
      }
      assert.equal((await fetch(`${program.url}/v1/models?limit=1`, { headers })).status, 400)
      assert.equal((await fetch(`${program.url}/v1/models`, { headers, method: 'HEAD' })).status, 200)
    })

    test('takes requests one behind the other, in pieces and after `100-continue`', async () => {
      const { program, keys, model } = stage
      model.play = say('Gladly.')
      const body = chat('Hello.')
      const head = (last: string): string =>
        `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${keys.care}\r\ncontent-type: application/json\r\n${last}\r\n\r\n`
      const sized = `content-length: ${Buffer.byteLength(body)}`
      const inPieces = `${Math.floor(body.length / 2).toString(16)}\r\n${body.slice(0, Math.floor(body.length / 2))}\r\n${(body.length - Math.floor(body.length / 2)).toString(16)}\r\n${body.slice(Math.floor(body.length / 2))}\r\n0\r\n\r\n`
      const text = await exchangeBytes(
        program.port,
        [
          head(sized) + body,
          head(`${sized}\r\nexpect: 100-continue`) + body,
          head('transfer-encoding: chunked\r\nconnection: close') + inPieces,
        ].join(''),
      )
      assert.equal(text.match(/HTTP\/1.1 200 OK/g)?.length, 3, text)
      assert.equal(text.match(/HTTP\/1.1 100 Continue/g)?.length, 1)
    })

    test('refuses bytes that two servers could read differently', async () => {
      const { program, keys, model } = stage
      const asked = model.asked.length
      const auth = `authorization: Bearer ${keys.care}\r\ncontent-type: application/json\r\n`
      for (const bytes of [
        `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${auth}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
        `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${auth}content-length: 5\r\ncontent-length: 6\r\n\r\n{}{}{}`,
        `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${auth}servanda-unit: clinic\r\n folded\r\n\r\n`,
        'nonsense\r\n\r\n',
        `GET /v1/models HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      ]) {
        assert.match(await exchangeBytes(program.port, bytes), /^HTTP\/1.1 4\d\d /)
      }
      assert.equal(model.asked.length, asked)
    })

    test('judges 2,000 messages and four million characters as it judges one', async () => {
      const { program, keys, model } = stage
      model.play = say('Gladly.')
      const filler = { role: 'user', content: 'A quiet word about the weather. '.repeat(60) }
      const messages = [...Array.from({ length: 1999 }, () => filler), { role: 'user', content: 'Hello.' }]
      const large = await post(program, keys.care, chat('', { messages }))
      assert.ok([200, 403].includes(large.status), large.text.slice(0, 300))
      const hidden = [
        ...messages.slice(0, 1000),
        { role: 'tool', tool_call_id: 'c', content: prohibited },
        ...messages.slice(1001),
      ]
      const denied = await post(program, keys.care, chat('', { messages: hidden }))
      assert.equal(denied.status, 403)
    })

    test('sends no more output tokens than the route may have', async () => {
      const { program, keys, model } = stage
      model.play = say('Gladly.')
      await post(program, keys.care, chat('Hello.', { max_completion_tokens: 1_000_000 }))
      assert.equal(
        (JSON.parse(model.asked.at(-1)!.body) as { max_completion_tokens: number }).max_completion_tokens,
        4096,
      )
    })

    test('takes no lie of the upstream about tokens for money', async () => {
      const { program, keys, model } = stage
      for (const usage of [
        { prompt_tokens: -5, completion_tokens: 1 },
        { prompt_tokens: 0.5, completion_tokens: 1 },
        { prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: Number.MAX_SAFE_INTEGER },
        'free',
      ]) {
        model.play = (_, response) => json(response, { ...completion({ content: 'Gladly.' }), usage })
        assert.equal((await post(program, keys.care, chat('Hello.'))).status, 200)
      }
    })

    test('takes nothing from a stream behind its end mark, and no huge event whole', async () => {
      const { program, keys, model } = stage
      const end = `${chunk({}, 'stop')}data: [DONE]\n\n`
      model.play = (_, response) =>
        void openStream(response).end(
          `${chunk({ content: 'One.' })}${end}${chunk({ content: 'after-the-end' })}`,
        )
      const answer = await post(program, keys.care, chat('Hello.', { stream: true }))
      assert.equal(answer.error.code, 'upstream_nonsense')
      assert.ok(!answer.text.includes('after-the-end'), answer.text)
      model.play = (_, response) =>
        void openStream(response).end(chunk({ content: 'a'.repeat(17 * 1024 * 1024) }) + end)
      const huge = await post(program, keys.care, chat('Hello.', { stream: true }))
      assert.deepEqual([huge.status, huge.error.code], [502, 'upstream_nonsense'])
      model.play = (_, response) => void openStream(response).end('data: {}\r\rdata: {}\r\r')
      assert.equal(
        (await post(program, keys.care, chat('Hello.', { stream: true }))).error.code,
        'upstream_nonsense',
      )
    })

    test('tells of an upstream that is down, and is abandoned by a caller who waits no longer', async () => {
      const { program, keys, model, home } = stage
      model.play = hangAfter('')
      const before = model.abandoned()
      const leaving = fetch(`${program.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keys.care}`, 'content-type': 'application/json' },
        body: chat('Hello.'),
        signal: AbortSignal.timeout(300),
      })
      await assert.rejects(leaving)
      await until('the upstream is abandoned', () => model.abandoned() > before)
      await until('the outcome is written', () =>
        entriesOf(home).some((entry) => entry.kind === 'outcome' && entry.status === 'client-gone'),
      )
      await model[Symbol.asyncDispose]()
      const down = await post(program, keys.care, chat('Hello.'))
      assert.deepEqual([down.status, down.error.code], [502, 'upstream_unavailable'])
    })

    test('serves on after all that, and its evidence is whole', async () => {
      const { program, keys, home } = stage
      assert.equal((await post(program, keys.care, chat('Hello.', { model: 'rehearsed' }))).status, 200)
      assert.ok(!program.err().includes('worker ended'), program.err())
      assert.equal(await program.stop(), 0)
      assert.deepEqual((await audit(home)).openIntents, [])
      assertNotInClear(home, ['weather', 'clerk-for-care', keys.care, 'citizen'])
    })
  })
}
