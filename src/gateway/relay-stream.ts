/** A streamed answer: text goes out up to where no finding can reach back, the end only when the outcome is durable. */
import { TextDecoder } from 'node:util'
import { createParser } from 'eventsource-parser'
import type { Json } from '../base/index.ts'
import type { Release } from './answer-judge.ts'
import { AnswerError, formatChunk, formatUsageChunk, parseChunk } from './chat/index.ts'
import type { AnswerHead } from './chat/index.ts'
import { exchangeHeaders } from './admitted.ts'
import { AnswerStopped, answerHead, byProvidersGate } from './relay.ts'
import type { GivingOut, Relay } from './relay.ts'

const done = '[DONE]'
/** How long the transport may take to end after the end mark. */
const endMs = 200

export async function relayStream(relay: Relay): Promise<void> {
  const { admitted, answer, response, requireGoing } = relay
  const out = new Outgoing(relay)
  if (!isEventStream(response.contentType))
    throw new AnswerError('ANSWER_NONSENSE', 'the upstream does not stream')
  const events = eventsOf(response.body)
  for (;;) {
    const next = await events.next()
    if (next.done) throw new AnswerError('ANSWER_NONSENSE', 'the stream ended without its end mark')
    if (next.value === done) break
    if (relay.throughGate && isStoppedByGate(next.value)) throw new AnswerStopped(byProvidersGate)
    answer.add(parseChunk(next.value, admitted.known.chat.choices))
    const releases = answer.judge.take()
    // A held answer is heard to its end, so that it is sealed whole; nothing of it goes out meanwhile.
    if (answer.judge.stopped && answer.judge.denied) throw new AnswerStopped(answer.judge.stopped)
    for (const release of releases) {
      requireGoing()
      answer.give(release)
      await out.send(release)
    }
  }
  await requireNothingMore(events)
  await giveStream(relay, out)
}

/** The one event with which a provider's gate ends a stream that an order has overtaken. */
function isStoppedByGate(data: string): boolean {
  return data.startsWith('{"error":') && data.includes('"code":"stopped_by_order"')
}

/** Judges what has come as the whole answer, and gives the rest of it out when its outcome is durable. */
export async function giveStream(giving: GivingOut, out = new Outgoing(giving)): Promise<void> {
  const { admitted, answer, reply, requireGoing, complete } = giving
  const rest = answer.end()
  requireGoing()
  for (const release of rest) answer.give(release)
  const { receipt } = await complete()
  // What is in force may have changed while that was written; the outcome then says more than has left.
  requireGoing()
  for (const release of rest) {
    await out.send(release)
    // A slow reader may take long over each of them.
    requireGoing()
  }
  if (admitted.known.chat.includeUsage && answer.usage) {
    await out.json(formatUsageChunk(answerHead(giving), answer.usage))
  }
  out.open()
  requireGoing()
  await reply.comment(`servanda-receipt ${receipt}`)
  await reply.event(done)
  reply.end()
}

/**
 * Reads what ends the transport, so that the connection can carry the next call; an upstream that keeps it open
 * beyond its end mark is not waited for, and loses it.
 */
async function requireNothingMore(events: AsyncGenerator<string>): Promise<void> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), endMs)
  const next = await Promise.race([events.next(), late.promise]).finally(() => clearTimeout(timer))
  if (next && !next.done) {
    throw new AnswerError('ANSWER_NONSENSE', 'something follows the end mark of the stream')
  }
}

/** Writes what is released; the head goes out with the first piece, so that until then a status is possible. */
class Outgoing {
  readonly #giving: GivingOut
  readonly #head: AnswerHead
  readonly #begun = new Set<number>()

  constructor(giving: GivingOut) {
    this.#giving = giving
    this.#head = answerHead(giving)
  }

  open(): void {
    const { reply, admitted } = this.#giving
    if (!reply.started) reply.open(exchangeHeaders(admitted.known, admitted.intent.receipt))
  }

  async send(release: Release): Promise<void> {
    await this.json(formatChunk(this.#head, release, !this.#begun.has(release.choice)))
    this.#begun.add(release.choice)
  }

  async json(chunk: Json): Promise<void> {
    this.open()
    await this.#giving.reply.event(JSON.stringify(chunk))
  }
}

/** The data of each event. The parser keeps at most one event; the upstream bounds how long that can be. */
async function* eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const lines = new Lines()
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })
  for await (const piece of bytes) {
    parser.feed(lines.read(piece))
    yield* events.splice(0)
  }
}

/**
 * The text of a stream, with line feeds only. The parser's work would grow with the square of the lines of a piece
 * that holds one carriage return, so it is given none.
 */
class Lines {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  /** A carriage return at the end of the last piece, of which only the next one says whether it is bare. */
  #carried = ''

  read(piece: Uint8Array): string {
    const text = this.#carried + this.#decode(piece)
    this.#carried = text.endsWith('\r') ? '\r' : ''
    const whole = this.#carried === '' ? text : text.slice(0, -1)
    // Nobody ends lines so.
    if (/\r(?!\n)/.test(whole))
      throw new AnswerError('ANSWER_NONSENSE', 'the stream holds bare carriage returns')
    return whole.replaceAll('\r\n', '\n')
  }

  #decode(piece: Uint8Array): string {
    try {
      return this.#decoder.decode(piece, { stream: true })
    } catch (cause) {
      throw new AnswerError('ANSWER_NONSENSE', 'the stream is not UTF-8', { cause })
    }
  }
}

function isEventStream(contentType: string): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'text/event-stream'
}
