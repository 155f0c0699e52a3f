/** Steps 7 to 9: the request leaves, the answer is judged while it comes, and the outcome is durable before its end. */
import type { Json } from '../base/index.ts'
import { JudgedActs, denyBySystem } from '../decision/index.ts'
import type { OutcomeStatus } from '../ledger/index.ts'
import type { Recorded } from '../recorder/index.ts'
import { formatIntentReceipt } from '../records/index.ts'
import { StandingError } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import type { Upstream, UpstreamResponse } from '../upstream/index.ts'
import { AnswerJudge } from './answer-judge.ts'
import type { Stopped } from './answer-judge.ts'
import { exchangeHeaders } from './admitted.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import { AnswerError } from './chat/index.ts'
import { actionOf, judgeNow, requireStanding } from './know.ts'
import { problemBody, problemOf, refusalResponse } from './problem.ts'
import { AnswerSoFar, AnswerStopped, byProvidersGate } from './relay.ts'
import type { GivingOut, Relay } from './relay.ts'
import { giveStream, relayStream } from './relay-stream.ts'
import { giveWhole, relayWhole } from './relay-whole.ts'
import type { Reply } from './reply.ts'
import { settle } from './settle.ts'

export async function relayAnswer(admitted: Admitted, deps: ExchangeDeps, reply: Reply): Promise<void> {
  const { known, route } = admitted
  const { schedule } = route.inForce.agreement
  using running = deps.running.start({
    exchange: known.exchange,
    agreement: schedule.id,
    unit: known.caller.unit,
    route: route.route.id,
  })
  const judged = new JudgedActs()
  const answer = new AnswerSoFar(judgeOf(admitted, judged, deps), judged)
  const { signal } = running
  const leave = (): void => running.abort(callerGone)
  reply.gone.addEventListener('abort', leave, { once: true })
  if (reply.gone.aborted) leave()
  const requireGoing = (): void => {
    if (signal.aborted) throw asError(signal.reason)
    requireStanding(known, deps.lease)
  }
  const settleAs = (status: OutcomeStatus, stopped?: Stopped): ReturnType<typeof settle> => {
    answer.settled = true
    return settle({ admitted, answer, status, ...(stopped ? { stopped } : {}) }, deps)
  }
  try {
    const complete = async (): Promise<Recorded> => (await settleAs('completed')).recorded
    const giving: GivingOut = { admitted, answer, reply, requireGoing, complete }
    if (admitted.held) {
      answer.addHeld(admitted.held)
      await (known.chat.stream ? giveStream(giving) : giveWhole(giving))
      return
    }
    const upstream = deps.upstreamOf(route)
    const response = await forward(admitted, upstream, { signal, requireGoing, answer })
    const relay: Relay = { ...giving, response, throughGate: upstream.asksIntent === true }
    await (known.chat.stream ? relayStream(relay) : relayWhole(relay))
  } catch (error) {
    // The outcome stands, or the recorder owes it: only the caller is still to be told.
    if (answer.settled) throw error
    const ended = signal.aborted && !(error instanceof AnswerStopped)
    await endEarly(byClause(ended ? asError(signal.reason) : error), { admitted, reply, settleAs })
  } finally {
    // However it ended, the upstream works on it no more and its connection is free.
    running.abort(exchangeOver)
  }
}

// Made once: the stack of an error costs more than all else that an abort does.
const callerGone = new UpstreamError('UPSTREAM_ABORTED', 'the caller has gone')
const exchangeOver = new UpstreamError('UPSTREAM_ABORTED', 'the exchange is over')

function judgeOf(admitted: Admitted, judged: JudgedActs, deps: ExchangeDeps): AnswerJudge {
  const { known, screening, committedMicros } = admitted
  return new AnswerJudge({
    open: () => deps.screener.open(),
    versions: () => deps.screener.versions,
    signals: new Set(screening.findings.map(({ signal }) => signal)),
    decide: (stage, signals, tool) => {
      const action = tool === undefined ? {} : { action: actionOf(known, tool) }
      const moment = { stage, signals, committedMicros, ...action }
      const { decision, act } = judgeNow(known, moment, deps.clock)
      judged.note(tool === undefined ? act : { ...act, tool }, decision)
      return decision
    },
  })
}

async function forward(
  { sent, known, shown }: Admitted,
  upstream: Upstream,
  { signal, requireGoing, answer }: Pick<Relay, 'requireGoing' | 'answer'> & { readonly signal: AbortSignal },
): Promise<UpstreamResponse> {
  requireGoing()
  const intent = upstream.asksIntent ? { intent: formatIntentReceipt(shown) } : {}
  const response = await upstream
    .send({ path: '/chat/completions', body: sent, stream: known.chat.stream, signal, ...intent })
    .catch((error: unknown) => {
      if (!neverLeft(error)) answer.reached = 'model'
      throw error
    })
  // The provider's gate has not called the model.
  if (response.refusal !== undefined) throw new AnswerStopped(byProvidersGate)
  const taken = response.status >= 200 && response.status < 300
  answer.reached = taken ? 'model' : 'refused'
  if (response.status === 200) return response
  // What an upstream says of its refusal may hold anything, so it is not read.
  throw new AnswerError('ANSWER_NONSENSE', `the upstream answered with status ${response.status}`)
}

/** No byte of the request has left. */
function neverLeft(error: unknown): boolean {
  return error instanceof UpstreamError && ['UPSTREAM_UNREACHABLE', 'UPSTREAM_BUSY'].includes(error.code)
}

interface Ending {
  readonly admitted: Admitted
  readonly reply: Reply
  readonly settleAs: (status: OutcomeStatus, stopped?: Stopped) => ReturnType<typeof settle>
}

/**
 * Everything that is not a complete answer ends here: first the outcome, then what the caller is told. Throws the
 * error on where no clause caused the end, so that it is counted and, if it is our fault, logged.
 */
async function endEarly(error: unknown, { admitted, reply, settleAs }: Ending): Promise<void> {
  const { known } = admitted
  if (error instanceof AnswerStopped) {
    const { recorded, decision, hold } = await settleAs('stopped', error.stopped)
    const refused = { decision, receipt: recorded.receipt, ...(hold ? { hold } : {}) }
    const { status, body } = refusalResponse(known, refused)
    return tell(reply, status, exchangeHeaders(known, recorded.receipt, hold?.id), body)
  }
  const status: OutcomeStatus =
    error instanceof StandingError ? 'stopped' : reply.gone.aborted ? 'client-gone' : 'failed'
  const { recorded } = await settleAs(status, error instanceof StandingError ? notInForce : undefined)
  const problem = problemOf(error)
  await tell(
    reply,
    problem.status,
    exchangeHeaders(known, recorded.receipt),
    problemBody(problem, known.exchange),
  )
  throw error
}

/** The exchange ended because what is in force changed or was not known. */
const notInForce: Stopped = { stage: 'answer', decision: denyBySystem('system.standing') }
const byOrder: Stopped = { stage: 'answer', decision: denyBySystem('system.order') }

/** A stop order ends an exchange as a clause does: the caller is told which. */
function byClause(error: unknown): unknown {
  const stopped = error instanceof StandingError && error.code === 'STANDING_STOPPED'
  return stopped ? new AnswerStopped(byOrder) : error
}

/** Before the first byte a status; afterwards one error event, never a bare close, which clients take for an end. */
async function tell(
  reply: Reply,
  status: number,
  headers: Record<string, string>,
  body: Json,
): Promise<void> {
  if (reply.gone.aborted) return
  if (!reply.started) {
    reply.json(status, headers, body)
    return
  }
  try {
    await reply.event(JSON.stringify(body))
  } finally {
    reply.end()
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new StandingError('STANDING_STALE', 'the exchange was ended')
}
