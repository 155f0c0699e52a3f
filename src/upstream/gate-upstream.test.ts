/** What passes between the two gates beside the bytes of a call: the intent out, one word of refusal back. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openGateUpstream, openUpstream } from './index.ts'
import type { UpstreamRequest } from './index.ts'

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const request: UpstreamRequest = {
  path: '/chat/completions',
  body: Buffer.from('{}'),
  stream: false,
  intent: 'an.intent.receipt.line',
  signal: new AbortController().signal,
}

test('openGateUpstream sends the intent along, at the path of the dialect, and no credential', async (t) => {
  const seen: IncomingMessage[] = []
  const url = await listen(t, (incoming, response) => {
    seen.push(incoming)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  for (const base of [url, `${url}/`]) {
    await using upstream = openGateUpstream(base)
    assert.equal(upstream.asksIntent, true)
    const { status, refusal } = await upstream.send(request)
    assert.deepEqual([status, refusal], [200, undefined])
  }
  for (const { headers, url: path } of seen) {
    assert.equal(path, '/v1/chat/completions')
    assert.equal(headers['servanda-intent'], request.intent)
    assert.equal(headers.authorization, undefined)
  }
})

test('an upstream that is no gate gets no intent, and its word of refusal is not heard', async (t) => {
  const seen: IncomingMessage[] = []
  const url = await listen(t, (incoming, response) => {
    seen.push(incoming)
    response.writeHead(403, { 'servanda-refusal': 'stopped' }).end()
  })
  await using upstream = openUpstream({ upstream: `${url}/v1` }, { clock: { now: () => 0 } })
  assert.equal(upstream.asksIntent, undefined)
  const { status, refusal } = await upstream.send(request)
  assert.deepEqual([status, refusal], [403, undefined])
  assert.equal(seen[0]?.headers['servanda-intent'], undefined)
})

const words: readonly [string | string[] | undefined, string | undefined][] = [
  ['stopped', 'stopped'],
  [undefined, undefined],
  ['', undefined],
  ['two words', undefined],
  ['<b>', undefined],
  ['a'.repeat(17), undefined],
  [['stopped', 'reused'], undefined],
]
for (const [header, heard] of words) {
  test(`a gate's refusal \`${String(header)}\` is heard as ${String(heard)}`, async (t) => {
    const url = await listen(t, (_, response) => {
      response.writeHead(403, header === undefined ? {} : { 'servanda-refusal': header }).end('{"error":{}}')
    })
    await using upstream = openGateUpstream(url)
    const { status, refusal } = await upstream.send(request)
    assert.deepEqual([status, refusal], [403, heard])
  })
}
