/** Step 5 for a request: what would leave, what it costs at worst, and what the rules say of it now. */
import { upstreamName } from '../agreement/index.ts'
import { digestOf } from '../base/index.ts'
import { JudgedActs, joinDecisions, offerOf, offersUnlisted } from '../decision/index.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import { upstreamBody } from './chat/index.ts'
import { factsOf, judgeBy } from './know.ts'
import type { Known } from './know.ts'
import { worstCaseMicros } from './price.ts'

/** A request that was screened: the bytes that would leave, and what they cost at worst. */
export type Screened = Pick<Admitted, 'known' | 'screening' | 'sent' | 'sentDigest' | 'worstCase'> & {
  /** Judged anew already: what does not fit now is refused. */
  readonly lastTry: boolean
}

/** A request with its decision, before anything is written. */
export type Decided = Screened & Pick<Admitted, 'decision' | 'judged'>

export function callOf({ chat, route }: Known): Pick<Screened, 'sent' | 'sentDigest' | 'worstCase'> {
  if (!route) return { sent: new Uint8Array(), sentDigest: '', worstCase: 0 }
  const limit = Math.min(chat.outputTokensMax ?? Infinity, route.route.outputTokensMax)
  const sent = upstreamBody(chat, upstreamName(route.model, route.version), limit)
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
  const facts = factsOf(known, { stage: 'request', committedMicros }, clock)
  const judged = new JudgedActs()
  const whole = judgeBy(known, facts, signals)
  judged.note(whole.act, whole.decision)
  const offers = known.chat.declaredTools
  if (offers.length === 0) return { ...request, judged, decision: whole.decision }
  // A tool outside the schedule is not even shown to the model; a listed one is judged when it is called.
  const isJudged = known.inForce === null || offersUnlisted(known.inForce.agreement.schedule, offers)
  const offer = isJudged ? judgeBy(known, offerOf(facts), signals) : null
  judged.note({ ...(offer ?? whole).act, facts: offerOf(facts), offers }, (offer ?? whole).decision)
  return {
    ...request,
    judged,
    decision: offer ? joinDecisions(whole.decision, offer.decision) : whole.decision,
  }
}
