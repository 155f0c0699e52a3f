/** A streamed answer: text goes out up to where no finding can reach back, the end only when the outcome is durable. */
import { TextDecoder } from 'node:util'
import { createParser } from 'eventsource-parser'
import type { Json } from '../base/index.ts'
import type { Release } from './answer-judge.ts'
import { AnswerError, formatChunk, formatUsageChunk, parseChunk } from './chat/index.ts'
import type { AnswerHead } from './chat/index.ts'
import { exchangeHeaders } from './admitted.ts'
import { AnswerStopped, answerHead } from './relay.ts'
import type { Relay } from './relay.ts'

const done = '[DONE]'

export async function relayStream(relay: Relay): Promise<void> {
  const { admitted, answer, response, reply, requireGoing, complete } = relay
  const out = new Outgoing(relay)
  if (!isEventStream(response.contentType))
    throw new AnswerError('ANSWER_NONSENSE', 'the upstream does not stream')
  let ended = false
  for await (const data of eventsOf(response.body)) {
    if (ended) throw new AnswerError('ANSWER_NONSENSE', 'something follows the end mark of the stream')
    ended = data === done
    // Read to the end of the connection's part, so that it can carry the next call.
    if (ended) continue
    answer.add(parseChunk(data, admitted.known.chat.choices))
    const releases = answer.judge.take()
    // A held answer is heard to its end, so that it is sealed whole; nothing of it goes out meanwhile.
    if (answer.judge.stopped && answer.judge.denied) throw new AnswerStopped(answer.judge.stopped)
    for (const release of releases) {
      requireGoing()
      answer.give(release)
      await out.send(release)
    }
  }
  if (!ended) throw new AnswerError('ANSWER_NONSENSE', 'the stream ended without its end mark')
  const rest = answer.end()
  requireGoing()
  for (const release of rest) answer.give(release)
  const { receipt } = await complete()
  for (const release of rest) await out.send(release)
  if (admitted.known.chat.includeUsage && answer.usage) {
    await out.json(formatUsageChunk(answerHead(relay), answer.usage))
  }
  out.open()
  await reply.comment(`servanda-receipt ${receipt}`)
  await reply.event(done)
  reply.end()
}

/** Writes what is released; the head goes out with the first piece, so that until then a status is possible. */
class Outgoing {
  readonly #relay: Relay
  readonly #head: AnswerHead
  readonly #begun = new Set<number>()

  constructor(relay: Relay) {
    this.#relay = relay
    this.#head = answerHead(relay)
  }

  open(): void {
    const { reply, admitted } = this.#relay
    if (!reply.started) reply.open(exchangeHeaders(admitted.known, admitted.intent.receipt))
  }

  async send(release: Release): Promise<void> {
    await this.json(formatChunk(this.#head, release, !this.#begun.has(release.choice)))
    this.#begun.add(release.choice)
  }

  async json(chunk: Json): Promise<void> {
    this.open()
    await this.#relay.reply.event(JSON.stringify(chunk))
  }
}

/** The data of each event. The parser keeps at most one event; the upstream bounds how long that can be. */
async function* eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })
  for await (const piece of bytes) {
    parser.feed(decode(decoder, piece))
    yield* events.splice(0)
  }
}

function decode(decoder: TextDecoder, piece: Uint8Array): string {
  let text: string
  try {
    text = decoder.decode(piece, { stream: true })
  } catch (cause) {
    throw new AnswerError('ANSWER_NONSENSE', 'the stream is not UTF-8', { cause })
  }
  // Nobody ends lines so, and the parser's work would grow with the square of their number.
  if (/\r[^\n]/.test(text)) throw new AnswerError('ANSWER_NONSENSE', 'the stream holds bare carriage returns')
  return text
}

function isEventStream(contentType: string): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'text/event-stream'
}
