/** One exchange, in order. The nine steps of the design, on one screen; each leaf of them is its own file. */
import { unlisted } from '../agreement/index.ts'
import { invariant } from '../base/index.ts'
import { joinDecisions } from '../decision/index.ts'
import type { Facts } from '../decision/index.ts'
import { exchangeHeaders, newHold } from './admitted.ts'
import type { Admitted, Arrival, ExchangeDeps } from './admitted.ts'
import { relayAnswer } from './answer.ts'
import { upstreamBody } from './chat/index.ts'
import { intentEvidence, refusalEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { decideBy, factsOf, know, requireStanding } from './know.ts'
import type { Known } from './know.ts'
import { worstCaseMicros } from './price.ts'
import { refusalResponse } from './problem.ts'
import type { Reply } from './reply.ts'

/**
 * Runs one exchange to its end: an answer, a refusal with its clauses, or a rejection that the caller of this
 * function turns into a response. Whatever happens after the intent is durable leaves an outcome.
 */
export async function runExchange(arrival: Arrival, deps: ExchangeDeps, reply: Reply): Promise<void> {
  const known = know(arrival, deps.lease.require()) // 2 know
  const screening = await deps.screener.screen(known.chat.parts) // 3 screen
  const admitted = await reserveAndDecide({ known, screening, ...callOf(known) }, deps, reply) // 4, 5, 6
  if (admitted) await relayAnswer(admitted, deps, reply) // 7 forward, 8 hold back and judge, 9 settle
}

/** A request that was screened: the bytes that would leave, and what they cost at worst. */
type Request = Pick<Admitted, 'known' | 'screening' | 'sent' | 'worstCase'>

/** A request with its decision, before anything is written. */
type Decided = Request & Pick<Admitted, 'decision'> & { readonly facts: Facts }

function callOf({ chat, route }: Known): Pick<Request, 'sent' | 'worstCase'> {
  if (!route) return { sent: new Uint8Array(), worstCase: 0 }
  const limit = Math.min(chat.outputTokensMax ?? Infinity, route.route.outputTokensMax)
  const sent = upstreamBody(chat, route.model.name ?? route.model.id, limit)
  const call = { requestBytes: sent.length, choices: chat.choices, outputTokensMax: limit }
  return { sent, worstCase: worstCaseMicros(route.route.price, call) }
}

/**
 * What is refused anyway binds no money: else a caller who may do nothing could keep others from what they may. So
 * the call is decided by its own worst case first, and by the sum only when nothing else denies it; and what is not
 * allowed then gives its reservation back before the refusal is written.
 */
async function reserveAndDecide(
  request: Request,
  deps: ExchangeDeps,
  reply: Reply,
): Promise<Admitted | null> {
  const { known, worstCase } = request
  const alone = decideRequest(request, worstCase, deps)
  if (alone.decision.verdict === 'deny') return refuse(alone, deps, reply)
  invariant(known.inForce, 'where no agreement is in force everything is denied')
  const { id, committedMicros } = await deps.recorder.reserve(known.inForce.agreement.schedule.id, worstCase) // 4 reserve
  return releasedOnFailure(id, deps, () => {
    const decided = decideRequest(request, committedMicros, deps) // 5 decide
    if (decided.decision.verdict === 'allow')
      return admit(decided, { reservation: id, committedMicros }, deps) // 6 write first
    deps.recorder.release(id)
    return refuse(decided, deps, reply)
  })
}

/** What was reserved and then not admitted binds no money. */
async function releasedOnFailure<T>(
  reservation: number,
  { recorder }: ExchangeDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    recorder.release(reservation)
    throw error
  }
}

function decideRequest(request: Request, committedMicros: number, { clock }: ExchangeDeps): Decided {
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

async function refuse(decided: Decided, deps: ExchangeDeps, reply: Reply): Promise<null> {
  const { known, decision } = decided
  deps.decided(decision)
  const hold = decision.verdict === 'hold' ? newHold(deps) : undefined
  const evidence = requestEvidence(decided)
  const recorded = await deps.recorder.refuse({
    ...refusalEvidence(known, evidence, deps.recordKey, hold?.id),
    ...(hold ? { hold } : {}),
  })
  const { status, body } = refusalResponse(known, {
    decision,
    receipt: recorded.receipt,
    ...(hold ? { hold } : {}),
  })
  reply.json(status, exchangeHeaders(known, recorded.receipt, hold?.id), body)
  return null
}

async function admit(
  decided: Decided,
  money: { readonly reservation: number; readonly committedMicros: number },
  deps: ExchangeDeps,
): Promise<Admitted> {
  const { known, screening, decision, sent, worstCase } = decided
  const { route } = known
  invariant(route !== null, 'a model without a route is unlisted, and denied')
  deps.decided(decision)
  requireStanding(known, deps.lease)
  const evidence = requestEvidence(decided)
  const intent = await deps.recorder.admit({
    ...intentEvidence(known, evidence, deps.recordKey),
    reservation: money.reservation,
  })
  return {
    known,
    route,
    screening,
    decision,
    sent,
    worstCase,
    committedMicros: money.committedMicros,
    intent,
  }
}

function requestEvidence({ known, screening, decision, facts, sent, worstCase }: Decided): Evidence {
  return {
    stage: 'request',
    decision,
    findings: screening.findings,
    detectors: screening.detectors,
    micros: worstCase,
    sent,
    content: {
      request: known.chat.tree,
      facts: { ...facts },
    },
  }
}
