/** An answer that is not streamed: read whole, judged whole, and only then given out. */
import { formatCompletion, parseCompletion } from './chat/index.ts'
import { exchangeHeaders } from './admitted.ts'
import { answerHead } from './relay.ts'
import type { GivingOut, Relay } from './relay.ts'

export async function relayWhole(relay: Relay): Promise<void> {
  const { admitted, answer, response } = relay
  const pieces: Uint8Array[] = []
  // The upstream limits how many bytes an answer may have.
  for await (const piece of response.body) pieces.push(piece)
  answer.add(parseCompletion(Buffer.concat(pieces), admitted.known.chat.choices))
  await giveWhole(relay)
}

/** Judges what has come as the whole answer, and gives it out when its outcome is durable. */
export async function giveWhole(giving: GivingOut): Promise<void> {
  const { admitted, answer, reply, requireGoing, complete } = giving
  const releases = answer.end()
  requireGoing()
  for (const release of releases) answer.give(release)
  const { receipt } = await complete()
  // What is in force may have changed while that was written; the outcome then says more than has left.
  requireGoing()
  const body = formatCompletion(answerHead(giving), answer.judge.choices(), answer.usage)
  reply.json(200, exchangeHeaders(admitted.known, receipt), body)
}
