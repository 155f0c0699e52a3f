/** Calls as fast as they are answered, over raw connections, each with a text that nobody has seen before. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { MessageReader } from './message-reader.ts'

const subjects = ['delivery', 'roster', 'invoice', 'vehicle', 'training', 'repair', 'canteen', 'archive']
const paragraph =
  'Please write a short summary of the attached report for the weekly meeting of the logistics office. The convoy ' +
  'reached the depot on Tuesday at nine and was unloaded by noon; two drivers were replaced because of illness, and ' +
  'the van with the spare parts waited at the gate until its papers were found. Of the forty lines of the order ' +
  'thirty-eight were complete. The missing ones are a box of filters and a set of gaskets, which the supplier wants ' +
  'to send by the end of the month. The workshop asks whether the old lifting platform may be used until then, or ' +
  'whether one should be rented. Mention the costs of both, say who has to decide, and keep it to ten sentences. ' +
  'Close with the three points that are still open, in the order of their dates, each with the name of the office ' +
  'that takes care of it. Do not repeat the figures that stand in the annex, and write in plain words.'

const seed = randomBytes(8).toString('hex')
let texts = 0

/** About 1 KB, and another each time, from its first word on. */
export function freshText(): string {
  const number = (texts++).toString(36).padStart(8, '0')
  return `Report ${seed} ${number} about the ${subjects[texts % subjects.length] ?? ''}. ${paragraph}`
}

export interface Target {
  /** Such as `http://127.0.0.1:8420`. */
  readonly url: string
  /** Used in turns, for each caller may make only so many calls in a second. */
  readonly keys: readonly string[]
}

export interface Turn {
  readonly perSecond: number
  readonly calls: number
  /** Milliseconds from the first byte sent to the last received. */
  readonly p50: number
  readonly p99: number
}

/** Calls at `target` for so many seconds, `atOnce` at a time. Rejects when an answer is not 200. */
export async function load(target: Target, atOnce: number, seconds: number): Promise<Turn> {
  const startedAt = performance.now()
  const end = startedAt + seconds * 1000
  const waits: number[] = []
  await Promise.all(Array.from({ length: atOnce }, (_, i) => callUntil(target, i, end, waits)))
  const perSecond = (waits.length * 1000) / (performance.now() - startedAt)
  return { perSecond, calls: waits.length, ...quantiles(waits) }
}

/** Sorts in place. */
export function quantiles(values: number[]): { readonly p50: number; readonly p99: number } {
  values.sort((a, b) => a - b)
  const at = (part: number): number => values[Math.floor(values.length * part)] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

async function callUntil({ url, keys }: Target, first: number, end: number, waits: number[]): Promise<void> {
  const socket = await openSocket(url)
  const { promise, resolve, reject } = Promise.withResolvers<null>()
  let calls = first
  let sentAt = 0
  const send = (): void => {
    sentAt = performance.now()
    socket.write(request(keys[calls++ % keys.length] ?? ''))
  }
  const reader = new MessageReader((head) => {
    waits.push(performance.now() - sentAt)
    if (!head.startsWith('HTTP/1.1 200')) reject(new Error(`the answer begins with ${head.slice(0, 200)}`))
    else if (performance.now() < end) send()
    else resolve(null)
  })
  socket.on('data', (chunk) => reader.read(chunk))
  socket.on('close', () => reject(new Error('the connection was closed')))
  send()
  try {
    await promise
  } finally {
    socket.destroy()
  }
}

export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** The bytes of one call; `extra` members go into its body. */
export function request(key: string, extra: Readonly<Record<string, unknown>> = {}): string {
  const messages = [{ role: 'user', content: freshText() }]
  const body = JSON.stringify({ model: 'general', messages, ...extra })
  return (
    'POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n' +
    `authorization: Bearer ${key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  )
}
