/** One caller's share is its own: what it takes, it takes from itself. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { defaultGatewayLimits } from '../../src/gateway/index.ts'
import { hangAfter, say } from './model.ts'
import { until } from './program.ts'
import { chat, openStage, post } from './stage.ts'

/** The sample agreement holds what this caller asks: it was let in and decided. */
const decidedForAdmin = 423
const share = defaultGatewayLimits.exchangesPerCallerMax

/** Announces a body of `bytes` and sends none of it. */
async function announce(url: string, key: string, bytes: number): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`,
  )
  return socket
}

test('a caller with all its places taken is told so; another is served; a place that is left is free', async () => {
  await using stage = await openStage('1')
  const { program, keys, model } = stage
  model.play = hangAfter('Once upon a time there was a quiet town beside a river. '.repeat(8))
  const leaving = new AbortController()
  const request = {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.care}`, 'content-type': 'application/json' },
    body: chat('Tell me.', { stream: true }),
    signal: leaving.signal,
  }
  const streams = Array.from({ length: share }, () => fetch(`${program.url}/v1/chat/completions`, request))
  for (const { status } of await Promise.all(streams)) assert.equal(status, 200)
  const refused = await post(program, keys.care, chat('Hello'))
  assert.deepEqual([refused.status, refused.error.code], [429, 'too_many_requests'])
  model.play = say('Hello.')
  assert.equal((await post(program, keys.admin, chat('Hello'))).status, decidedForAdmin)
  leaving.abort()
  await until('a place is free', async () => (await post(program, keys.care, chat('Hello'))).status === 200)
})

test('bodies that are announced and never sent take a share, and nobody else pays for it', async () => {
  await using stage = await openStage('1')
  const { program, keys, model } = stage
  model.play = say('Hello.')
  const sockets = await Promise.all(
    Array.from({ length: share }, () => announce(program.url, keys.care, 1024)),
  )
  await until(
    'the share is taken',
    async () => (await post(program, keys.care, chat('Hello'))).status === 429,
  )
  assert.equal((await post(program, keys.admin, chat('Hello'))).status, decidedForAdmin)
  for (const socket of sockets) socket.destroy()
  await until('a place is free', async () => (await post(program, keys.care, chat('Hello'))).status === 200)
})
