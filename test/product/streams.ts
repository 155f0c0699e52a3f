/** Many answers that come without end, and what their callers see of it. */
import type { ServerResponse } from 'node:http'
import { chunk, openStream } from './model.ts'
import type { Play } from './model.ts'
import type { Program } from './program.ts'
import { chat } from './stage.ts'

const sentence = 'A sentence about the weather that nobody would ever object to. '.repeat(6)

/** Streams a piece every `everyMs` until the other side goes away. */
export function streamOn(everyMs: number): Play {
  return (_, response: ServerResponse) => {
    openStream(response)
    const timer = setInterval(() => response.write(chunk({ content: sentence })), everyMs)
    response.on('close', () => clearInterval(timer))
  }
}

export interface WatchedStream {
  /** Resolves when the first piece of the answer is there. */
  readonly begun: Promise<unknown>
  readonly ended: Promise<SeenStream>
}

export interface SeenStream {
  readonly status: number
  readonly text: string
  /** When the last piece of the answer arrived, in milliseconds since the epoch; the error event is none. */
  readonly lastPieceAt: number
}

export function watchStream({ url }: Pick<Program, 'url'>, key: string): WatchedStream {
  const begun = Promise.withResolvers<null>()
  const ended = read(url, key, () => begun.resolve(null))
  ended.then(
    () => begun.resolve(null),
    (error: unknown) => begun.reject(error instanceof Error ? error : new Error(String(error))),
  )
  return { begun: begun.promise, ended }
}

async function read(url: string, key: string, begun: () => void): Promise<SeenStream> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: chat('Tell me of the weather.', { stream: true }),
  })
  let text = ''
  let lastPieceAt = 0
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    const piece = decoder.decode(bytes as Uint8Array, { stream: true })
    text += piece
    if (piece.includes('"content":')) lastPieceAt = performance.timeOrigin + performance.now()
    begun()
  }
  return { status: response.status, text, lastPieceAt }
}
