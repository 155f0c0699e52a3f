/** One exchange, in order. The nine steps of the design, on one screen; each leaf of them is its own file. */
import { unlisted } from '../agreement/index.ts'
import { invariant } from '../base/index.ts'
import { joinDecisions } from '../decision/index.ts'
import type { Facts } from '../decision/index.ts'
import type { Screening } from '../screening/index.ts'
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
  const money = await reserve(known, deps) // 4 reserve
  const admitted = await releasedOnFailure(money, deps, async () => {
    const decided = {
      known,
      screening,
      money,
      ...decideRequest(known, screening, money.committedMicros, deps),
    } // 5
    const { route } = known
    return decided.decision.verdict === 'allow' && route !== null
      ? admit({ ...decided, route }, deps) // 6 write first
      : refuse(decided, deps, reply)
  })
  if (admitted) await relayAnswer(admitted, deps, reply) // 7 forward, 8 hold back and judge, 9 settle
}

/** A request with its decision, before anything is written. */
type Decided = Pick<Admitted, 'known' | 'screening' | 'decision'> & {
  readonly facts: Facts
  readonly money: Money
}

/** What the call would cost at worst is taken at once; the decision sees the sum. */
interface Money {
  readonly reservation: number | null
  readonly sent: Uint8Array
  readonly worstCase: number
  readonly committedMicros: number
}

async function reserve({ chat, route, inForce }: Known, { recorder }: ExchangeDeps): Promise<Money> {
  const limit = Math.min(chat.outputTokensMax ?? Infinity, route?.route.outputTokensMax ?? 0)
  const sent = route ? upstreamBody(chat, route.model.name ?? route.model.id, limit) : new Uint8Array()
  if (!inForce) return { reservation: null, sent, worstCase: 0, committedMicros: 0 }
  const call = { requestBytes: sent.length, choices: chat.choices, outputTokensMax: limit }
  const worstCase = route ? worstCaseMicros(route.route.price, call) : 0
  const { id, committedMicros } = await recorder.reserve(inForce.agreement.schedule.id, worstCase)
  return { reservation: id, sent, worstCase, committedMicros }
}

/** What was reserved and then neither admitted nor refused binds no money. */
async function releasedOnFailure<T>(
  { reservation }: Money,
  { recorder }: ExchangeDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (reservation !== null) recorder.release(reservation)
    throw error
  }
}

function decideRequest(
  known: Known,
  screening: Screening,
  committedMicros: number,
  { clock, decided }: ExchangeDeps,
): Pick<Decided, 'decision' | 'facts'> {
  const signals = new Set(screening.findings.map(({ signal }) => signal))
  const tools = known.inForce?.agreement.schedule.tools ?? []
  const facts = factsOf(known, { stage: 'request', committedMicros }, clock)
  const whole = decideBy(known, facts, signals)
  // A tool outside the schedule is not even shown to the model; a listed one is judged when it is called.
  const offersUnlisted = known.chat.declaredTools.some((name) => !tools.some(({ id }) => id === name))
  const offer = offersUnlisted
    ? decideBy(known, { ...facts, stage: 'tool', action: unlisted }, signals)
    : whole
  const decision = joinDecisions(whole, offer)
  decided(decision)
  return { decision, facts }
}

async function refuse(decided: Decided, deps: ExchangeDeps, reply: Reply): Promise<null> {
  const { known, decision, money } = decided
  const hold = decision.verdict === 'hold' ? newHold(deps) : undefined
  const evidence = requestEvidence(decided)
  const recorded = await deps.recorder.refuse({
    ...refusalEvidence(known, evidence, deps.recordKey, hold?.id),
    ...(hold ? { hold } : {}),
    ...(money.reservation === null ? {} : { reservation: money.reservation }),
  })
  const { status, body } = refusalResponse(known, {
    decision,
    receipt: recorded.receipt,
    ...(hold ? { hold } : {}),
  })
  reply.json(status, exchangeHeaders(known, recorded.receipt, hold?.id), body)
  return null
}

async function admit(decided: Decided & Pick<Admitted, 'route'>, deps: ExchangeDeps): Promise<Admitted> {
  const { known, screening, decision, money, route } = decided
  const { reservation, sent, worstCase, committedMicros } = money
  invariant(reservation !== null, 'an allowed exchange has an agreement, and so a reservation')
  requireStanding(known, deps.lease)
  const evidence = requestEvidence(decided)
  const intent = await deps.recorder.admit({
    ...intentEvidence(known, evidence, deps.recordKey),
    reservation,
  })
  return { known, route, screening, decision, sent, worstCase, committedMicros, intent }
}

function requestEvidence({ known, screening, decision, facts, money }: Decided): Evidence {
  return {
    stage: 'request',
    decision,
    findings: screening.findings,
    detectors: screening.detectors,
    micros: money.worstCase,
    sent: money.sent,
    content: {
      request: known.chat.tree,
      findings: screening.findings.map((finding) => ({ ...finding })),
      facts: { ...facts },
    },
  }
}
