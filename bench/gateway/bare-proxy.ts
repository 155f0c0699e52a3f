/**
 * What is left of a gateway that judges and records nothing: it reads JSON and writes it on, both ways, and passes
 * streams on as they come. A process of its own, `node bare-proxy.ts <upstream>`; prints its port.
 */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: 256, pipelining: 1 })
const json = { 'content-type': 'application/json' }

function answerTo(response: ServerResponse): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = []
  let status = 502
  let streams = false
  return {
    onRequestStart: () => undefined,
    onResponseStart(_, answered, headers) {
      status = answered
      streams = headers['content-type'] === 'text/event-stream'
      if (streams) response.writeHead(status, { 'content-type': 'text/event-stream' })
    },
    onResponseData(_, chunk) {
      if (streams) response.write(chunk)
      else chunks.push(chunk)
    },
    onResponseEnd() {
      if (streams) {
        response.end()
        return
      }
      const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(status, { ...json, 'content-length': Buffer.byteLength(text) }).end(text)
    },
    onResponseError: () => void response.destroy(),
  }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))
    const call = { method: 'POST', path: '/v1/chat/completions', headers: json, body } as const
    pool.dispatch(call, answerTo(response))
  })
})
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`),
)
