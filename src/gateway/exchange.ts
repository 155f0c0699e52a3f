/** One exchange, in order. The nine steps of the design, on one screen; each leaf of them is its own file. */
import { unlisted } from '../agreement/index.ts'
import { digestOf, invariant } from '../base/index.ts'
import { denyBySystem, joinDecisions } from '../decision/index.ts'
import type { Decision, Facts } from '../decision/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { OpenHold, Reservation } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import { exchangeHeaders } from './admitted.ts'
import type { Admitted, Arrival, ExchangeDeps } from './admitted.ts'
import { relayAnswer } from './answer.ts'
import { upstreamBody } from './chat/index.ts'
import { intentEvidence, refusalEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { callKey, newHold, redemptionOf } from './hold.ts'
import type { HoldToOpen, Redemption } from './hold.ts'
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
  const admitted = await underWhatStands(deps, async (lastTry) => {
    const known = know(arrival, deps.lease.require()) // 2 know
    const screening = await deps.screener.screen(known.chat.parts) // 3 screen
    return reserveAndDecide({ known, screening, ...callOf(known), lastTry }, deps, reply) // 4, 5, 6
  })
  if (admitted) await relayAnswer(admitted, deps, reply) // 7 forward, 8 hold back and judge, 9 settle
}

/**
 * Where something else has come into force between knowing and writing, or the hold was opened or used by another
 * call, nothing was written: the call is judged anew, once, by what is so now.
 */
async function underWhatStands<T>(
  { lease }: Pick<ExchangeDeps, 'lease'>,
  judge: (lastTry: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await judge(false)
  } catch (error) {
    if (!mayDiffer(error)) throw error
    await lease.renew()
    return judge(true)
  }
}

function mayDiffer(error: unknown): boolean {
  if (error instanceof RecorderError) return ['RECORDER_SUPERSEDED', 'RECORDER_HOLD'].includes(error.code)
  return error instanceof StandingError && error.code === 'STANDING_STOPPED'
}

/** A request that was screened: the bytes that would leave, and what they cost at worst. */
type Request = Pick<Admitted, 'known' | 'screening' | 'sent' | 'sentDigest' | 'worstCase'> & {
  /** Judged anew already: what does not fit now is refused. */
  readonly lastTry: boolean
}

/** A request with its decision, before anything is written. */
type Decided = Request & Pick<Admitted, 'decision'> & { readonly facts: Facts }

function callOf({ chat, route }: Known): Pick<Request, 'sent' | 'sentDigest' | 'worstCase'> {
  if (!route) return { sent: new Uint8Array(), sentDigest: '', worstCase: 0 }
  const limit = Math.min(chat.outputTokensMax ?? Infinity, route.route.outputTokensMax)
  const sent = upstreamBody(chat, route.model.name ?? route.model.id, limit)
  const call = { requestBytes: sent.length, choices: chat.choices, outputTokensMax: limit }
  return { sent, sentDigest: digestOf(sent), worstCase: worstCaseMicros(route.route.price, call) }
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
  const alone = decideRequest(request, request.worstCase, deps)
  if (alone.decision.verdict === 'deny') return refuse(alone, deps, reply)
  const reserved = await reserve(request, deps) // 4 reserve
  return releasedOnFailure(reserved.id, deps, async () => {
    const { known, redemption, refused } = await redeem(request, reserved.hold, deps)
    const judged = decideRequest({ ...request, known }, reserved.committedMicros, deps) // 5 decide
    const decided = refused ? { ...judged, decision: joinDecisions(judged.decision, refused) } : judged
    if (decided.decision.verdict === 'allow') return admit(decided, { reserved, redemption }, deps) // 6 write first
    deps.recorder.release(reserved.id)
    return refuse(decided, deps, reply, reserved.hold)
  })
}

/** An answer that waits was paid for when it was made: giving it out reserves nothing. */
async function reserve(request: Request, { recorder, recordKey }: ExchangeDeps): Promise<Reservation> {
  const { known, worstCase } = request
  invariant(known.inForce, 'where no agreement is in force everything is denied')
  const { id } = known.inForce.agreement.schedule
  const call = callKey(request, recordKey)
  if (known.redeems === undefined) return recorder.reserve(id, worstCase, call)
  const free = await recorder.reserve(id, 0, call)
  if (free.hold && free.hold.stage !== 'request') return free
  recorder.release(free.id)
  return recorder.reserve(id, worstCase, call)
}

interface Redeemed {
  readonly known: Known
  readonly redemption: Redemption | null
  /** What is decided whatever the rules say: a repeat waits as the call that is held, a false claim is refused. */
  readonly refused: Decision | null
}

/** What the open hold of this very call means for it: nothing without one. */
async function redeem(request: Request, hold: OpenHold | undefined, deps: ExchangeDeps): Promise<Redeemed> {
  const { known } = request
  if (known.redeems === undefined) {
    return { known, redemption: null, refused: hold ? waitingFor(hold) : null }
  }
  const redemption = hold?.id === known.redeems ? await redemptionOf(hold, request, deps) : null
  if (!redemption) return { known, redemption, refused: denyBySystem('system.holds') }
  const enough = hold?.asks.every((level) => redemption.approved.levels.has(level)) ?? false
  const refused = hold && !enough ? waitingFor(hold) : null
  return { known: { ...known, approved: redemption.approved }, redemption, refused }
}

function waitingFor({ rules, asks }: OpenHold): Decision {
  const citations = rules.map((rule) => ({ rule, clause: rule.split('#')[0] ?? rule }))
  return { verdict: 'hold', citations, asks }
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

function decideRequest<R extends Request>(
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

/** `open` is the hold that this very call waits for already, if there is one: it is named, and no other opened. */
async function refuse(decided: Decided, deps: ExchangeDeps, reply: Reply, open?: OpenHold): Promise<null> {
  const { known, screening, decision } = decided
  const held = decision.verdict === 'hold'
  const because = { stage: 'request', decision, findings: screening.findings, answer: null } as const
  const opens = held && !open ? newHold(decided, because, deps) : null
  try {
    await writeRefusal(decided, { named: held ? (open ?? opens?.hold) : undefined, opens }, deps, reply)
  } catch (error) {
    const full = error instanceof RecorderError && error.code === 'RECORDER_HOLD'
    if (!full || !decided.lastTry) throw error
    const denied = { ...decided, decision: denyBySystem('system.holds') }
    await writeRefusal(denied, { named: undefined, opens: null }, deps, reply)
  }
  return null
}

interface RefusalHold {
  readonly named: { readonly id: string; readonly expiresAt: number } | undefined
  readonly opens: HoldToOpen | null
}

async function writeRefusal(
  decided: Decided,
  { named, opens }: RefusalHold,
  deps: ExchangeDeps,
  reply: Reply,
): Promise<void> {
  const { known, decision } = decided
  const evidence = requestEvidence(decided, opens)
  const { receipt } = await deps.recorder.refuse({
    ...refusalEvidence(known, evidence, deps.recordKey, named?.id),
    ...(opens ? { hold: opens.hold } : {}),
  })
  deps.decided(decision)
  const { status, body } = refusalResponse(known, { decision, receipt, ...(named ? { hold: named } : {}) })
  reply.json(status, exchangeHeaders(known, receipt, named?.id), body)
}

async function admit(
  decided: Decided,
  { reserved, redemption }: { readonly reserved: Reservation; readonly redemption: Redemption | null },
  deps: ExchangeDeps,
): Promise<Admitted> {
  const { known, screening, decision, sent, sentDigest } = decided
  const { route } = known
  invariant(route !== null, 'a model without a route is unlisted, and denied')
  requireStanding(known, deps.lease)
  const held = redemption?.answer ?? null
  const redeems = redemption ? reserved.hold : undefined
  const worstCase = held ? 0 : decided.worstCase
  const stage = held ? ('answer' as const) : ('request' as const)
  const evidence = { ...requestEvidence(decided, null), stage, micros: worstCase }
  const { leaf, sealed, disclosable } = intentEvidence(known, evidence, deps.recordKey, redeems?.id)
  const intent = await deps.recorder.admit({
    leaf,
    sealed,
    reservation: reserved.id,
    ...(redeems ? { call: redeems.call } : {}),
  })
  deps.decided(decision)
  const { committedMicros } = reserved
  const shown = { leaf, ...disclosable, receipt: intent.receipt }
  return {
    known,
    route,
    screening,
    decision,
    sent,
    sentDigest,
    worstCase,
    committedMicros,
    intent,
    shown,
    held,
  }
}

function requestEvidence(
  { known, screening, decision, facts, sent, worstCase }: Decided,
  opens: HoldToOpen | null,
): Evidence {
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
      ...(opens ? { hold: { ...opens.subject } } : {}),
    },
  }
}
