/** A model that costs next to nothing: it counts the bytes of a request and sends bytes that were made before. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { MessageReader } from './message-reader.ts'

const sentences =
  'The depot reports that all three deliveries arrived within the hour that was agreed. Two pallets had to be ' +
  'restacked, because their wrapping had come loose on the ramp; nothing was lost. The list of spare parts has been ' +
  'compared with the order of last month, and the quantities agree except for one line: eleven filters were ordered ' +
  'and ten were found. The supplier has been told and will send the missing one with the next van. '
/** About 1 KB. */
export const answerText = sentences.repeat(2).trim()

const whole = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'large',
  choices: [{ index: 0, message: { role: 'assistant', content: answerText }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 250, completion_tokens: 200, total_tokens: 450 },
})
const wholeAnswer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`,
)
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** Sends the pieces of one streamed answer; each is written at once. */
export type PlayStream = (send: (event: string) => void) => Promise<void>

export interface Model extends AsyncDisposable {
  readonly url: string
  /** What it does when a stream is asked for. */
  playStream: PlayStream
}

export async function startModel(): Promise<Model> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const reader = new MessageReader((_head, body) => {
      if (body.includes('"stream":true')) void stream(socket, model.playStream)
      else socket.write(wholeAnswer)
    })
    socket.on('data', (chunk) => reader.read(chunk))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const model: Model = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    playStream: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
  return model
}

async function stream(socket: Socket, play: PlayStream): Promise<void> {
  socket.write(streamHead)
  await play((event) => {
    const data = `data: ${event}\n\n`
    socket.write(`${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`)
  })
  socket.write('0\r\n\r\n')
}
