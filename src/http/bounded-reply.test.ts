/** The way back over a real connection: what it says, and what ends it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { BoundedReply } from './bounded-reply.ts'

interface Line extends AsyncDisposable {
  readonly reply: BoundedReply
  /** The other side, which reads nothing unless it is told to. */
  readonly reader: Socket
}

async function open(slowReaderMs = 60_000): Promise<Line> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const asked = Promise.withResolvers<BoundedReply>()
  server.on('request', (_request: IncomingMessage, response) =>
    asked.resolve(new BoundedReply(response, slowReaderMs)),
  )
  const { port } = server.address() as AddressInfo
  const reader = connect(port, '127.0.0.1')
  reader.on('error', () => null)
  reader.write('GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n')
  return {
    reply: await asked.promise,
    reader,
    async [Symbol.asyncDispose]() {
      reader.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readAll(reader: Socket): Promise<string> {
  let text = ''
  for await (const piece of reader) text += String(piece)
  return text
}

const piece = Buffer.alloc(1024 * 1024, 'x')

/** Writes until the connection takes no more, and then for ever. */
async function fill(reply: BoundedReply, signal?: AbortSignal): Promise<never> {
  for (;;) await reply.write(piece, signal)
}

test('json says the whole answer, and that nobody may keep it', async () => {
  await using line = await open()
  assert.deepEqual([line.reply.started, line.reply.ended], [false, false])
  line.reply.json(403, { 'servanda-refusal': 'missing' }, { error: 'no' })
  assert.deepEqual([line.reply.started, line.reply.ended], [true, true])
  const text = await readAll(line.reader)
  assert.match(text, /^HTTP\/1\.1 403 /)
  assert.match(text, /^cache-control: no-store\r$/im)
  assert.match(text, /^servanda-refusal: missing\r$/im)
  assert.ok(text.endsWith('\r\n\r\n{"error":"no"}'))
  assert.equal(line.reply.gone.aborted, false)
})

test('open, write and end bring pieces in their order', async () => {
  await using line = await open()
  line.reply.open({ 'content-type': 'text/plain' })
  await line.reply.write('one ')
  await line.reply.write(new Uint8Array())
  await line.reply.write(Buffer.from('two '))
  line.reply.end(Buffer.from('three'))
  const text = await readAll(line.reader)
  assert.match(text, /^HTTP\/1\.1 200 /)
  assert.deepEqual(text.match(/one|two|three|\r\n0\r\n/g), ['one', 'two', 'three', '\r\n0\r\n'])
})

test('write waits for a slow reader and goes on when it reads', async () => {
  await using line = await open()
  line.reply.open({})
  let written = 0
  const writing = (async () => {
    for (; written < 64; written++) await line.reply.write(piece)
    line.reply.end()
  })()
  const text = await readAll(line.reader)
  await writing
  assert.equal(written, 64)
  assert.ok(text.length > 64 * piece.length)
})

test('a reader that takes nothing is cut off: REPLY_SLOW', async () => {
  await using line = await open(20)
  line.reply.open({})
  await assert.rejects(fill(line.reply), { name: 'ReplyError', code: 'REPLY_SLOW' })
  assert.equal(line.reply.gone.aborted, true)
})

test('a reader that closes while it is waited for has gone: REPLY_GONE', async () => {
  await using line = await open()
  line.reply.open({})
  const filling = fill(line.reply)
  line.reader.destroy()
  await assert.rejects(filling, { name: 'ReplyError', code: 'REPLY_GONE' })
})

test('write rejects with the reason of the signal that it was given', async () => {
  await using line = await open()
  line.reply.open({})
  const order = new AbortController()
  const filling = fill(line.reply, AbortSignal.any([line.reply.gone, order.signal]))
  order.abort(new Error('stopped'))
  await assert.rejects(filling, { message: 'stopped' })
  assert.equal(line.reply.gone.aborted, false)
})

test('cut breaks off without the mark of an end', async () => {
  await using line = await open()
  line.reply.open({})
  await line.reply.write('half')
  line.reply.cut()
  const text = await readAll(line.reader).catch((error: unknown) => String(error))
  assert.doesNotMatch(text, /\r\n0\r\n/)
  assert.equal(line.reply.gone.aborted, true)
})
