/** Step 5 for a request: what would leave, what it costs at worst, and what the rules say of it now. */
import { unlisted } from '../agreement/index.ts'
import { digestOf } from '../base/index.ts'
import { joinDecisions } from '../decision/index.ts'
import type { Facts } from '../decision/index.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import { upstreamBody } from './chat/index.ts'
import { decideBy, factsOf } from './know.ts'
import type { Known } from './know.ts'
import { worstCaseMicros } from './price.ts'

/** A request that was screened: the bytes that would leave, and what they cost at worst. */
export type Screened = Pick<Admitted, 'known' | 'screening' | 'sent' | 'sentDigest' | 'worstCase'> & {
  /** Judged anew already: what does not fit now is refused. */
  readonly lastTry: boolean
}

/** A request with its decision, before anything is written. */
export type Decided = Screened & Pick<Admitted, 'decision'> & { readonly facts: Facts }

export function callOf({ chat, route }: Known): Pick<Screened, 'sent' | 'sentDigest' | 'worstCase'> {
  if (!route) return { sent: new Uint8Array(), sentDigest: '', worstCase: 0 }
  const limit = Math.min(chat.outputTokensMax ?? Infinity, route.route.outputTokensMax)
  const sent = upstreamBody(chat, route.model.name ?? route.model.id, limit)
  const call = { requestBytes: sent.length, choices: chat.choices, outputTokensMax: limit }
  return { sent, sentDigest: digestOf(sent), worstCase: worstCaseMicros(route.route.price, call) }
}

export function decideRequest<R extends Screened>(
  request: R,
  committedMicros: number,
  { clock }: ExchangeDeps,
): R & Decided {
  const { known, screening } = request
  const signals = new Set(screening.findings.map(({ signal }) => signal))
  const tools = known.inForce?.agreement.schedule.tools ?? []
  const facts = factsOf(known, { stage: 'request', committedMicros }, clock)
  const whole = decideBy(known, facts, signals)
  // A tool outside the schedule is not even shown to the model; a listed one is judged when it is called.
  const offersUnlisted = known.chat.declaredTools.some((name) => !tools.some(({ id }) => id === name))
  const offer = offersUnlisted
    ? decideBy(known, { ...facts, stage: 'tool', action: unlisted }, signals)
    : whole
  return { ...request, facts, decision: joinDecisions(whole, offer) }
}
