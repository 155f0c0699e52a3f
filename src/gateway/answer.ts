/** Steps 7 to 9: the request leaves, the answer is judged while it comes, and the outcome is durable before its end. */
import type { Json } from '../base/index.ts'
import { denyBySystem } from '../decision/index.ts'
import type { Decision } from '../decision/index.ts'
import type { OutcomeStatus } from '../ledger/index.ts'
import type { OpenedHold, Recorded } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import type { UpstreamResponse } from '../upstream/index.ts'
import { AnswerJudge } from './answer-judge.ts'
import type { Stopped } from './answer-judge.ts'
import { exchangeHeaders, newHold } from './admitted.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import { AnswerError } from './chat/index.ts'
import { outcomeEvidence } from './evidence.ts'
import { actionOf, decideNow, requireStanding } from './know.ts'
import { requestMicros, settledMicros } from './price.ts'
import { problemBody, problemOf, refusalResponse } from './problem.ts'
import { AnswerSoFar, AnswerStopped } from './relay.ts'
import type { Relay } from './relay.ts'
import { relayStream } from './relay-stream.ts'
import { relayWhole } from './relay-whole.ts'
import type { Reply } from './reply.ts'

export async function relayAnswer(admitted: Admitted, deps: ExchangeDeps, reply: Reply): Promise<void> {
  const { known, route } = admitted
  const { schedule } = route.inForce.agreement
  using running = deps.running.start({
    exchange: known.exchange,
    agreement: schedule.id,
    unit: known.caller.unit,
    route: route.route.id,
  })
  const answer = new AnswerSoFar(judgeOf(admitted, deps))
  const over = new AbortController()
  const signal = AbortSignal.any([reply.gone, running.signal, over.signal])
  const requireGoing = (): void => {
    if (running.signal.aborted) throw asError(running.signal.reason)
    if (reply.gone.aborted) throw new UpstreamError('UPSTREAM_ABORTED', 'the caller has gone')
    requireStanding(known, deps.lease)
  }
  const settleAs = (status: OutcomeStatus, stopped?: Stopped): ReturnType<typeof settle> => {
    answer.settled = true
    return settle({ admitted, answer, status, ...(stopped ? { stopped } : {}) }, deps)
  }
  try {
    const response = await forward(admitted, deps, { signal, requireGoing, answer })
    const complete = async (): Promise<Recorded> => (await settleAs('completed')).recorded
    const relay: Relay = { admitted, answer, response, reply, requireGoing, complete }
    await (known.chat.stream ? relayStream(relay) : relayWhole(relay))
  } catch (error) {
    // The outcome stands, or the recorder owes it: only the caller is still to be told.
    if (answer.settled) throw error
    const ordered = running.signal.aborted && !(error instanceof AnswerStopped)
    await endEarly(ordered ? asError(running.signal.reason) : error, { admitted, reply, settleAs })
  } finally {
    // However it ended, the upstream works on it no more and its connection is free.
    over.abort()
  }
}

function judgeOf(admitted: Admitted, deps: ExchangeDeps): AnswerJudge {
  const { known, screening, committedMicros } = admitted
  return new AnswerJudge({
    open: () => deps.screener.open(),
    versions: () => deps.screener.versions,
    signals: new Set(screening.findings.map(({ signal }) => signal)),
    decide: (stage, signals, tool) => {
      const action = tool === undefined ? {} : { action: actionOf(known, tool) }
      return decideNow(known, { stage, signals, committedMicros, ...action }, deps.clock)
    },
  })
}

async function forward(
  { route, sent, known }: Admitted,
  deps: ExchangeDeps,
  { signal, requireGoing, answer }: Pick<Relay, 'requireGoing' | 'answer'> & { readonly signal: AbortSignal },
): Promise<UpstreamResponse> {
  requireGoing()
  const upstream = deps.upstreamOf(route)
  const response = await upstream
    .send({ path: '/chat/completions', body: sent, stream: known.chat.stream, signal })
    .catch((error: unknown) => {
      if (!neverLeft(error)) answer.reached = 'model'
      throw error
    })
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
    const { recorded, hold } = await settleAs('stopped', error.stopped)
    const refused = { decision: error.stopped.decision, receipt: recorded.receipt, ...(hold ? { hold } : {}) }
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

async function settle(
  ended: {
    readonly admitted: Admitted
    readonly answer: AnswerSoFar
    readonly status: OutcomeStatus
    readonly stopped?: Stopped
  },
  deps: ExchangeDeps,
): Promise<{ readonly recorded: Recorded; readonly hold?: OpenedHold }> {
  const { admitted, answer, status, stopped } = ended
  const decision: Decision = stopped?.decision ?? answer.judge.decision ?? admitted.decision
  // An answer that failed while it was held back is not there to wait for anyone.
  const hold = stopped?.decision.verdict === 'hold' ? newHold(deps) : undefined
  const micros = microsOf(admitted, answer)
  const choices = answer.judge.choices() as unknown as Json
  const evidence = {
    stage: stopped?.stage ?? ('answer' as const),
    decision,
    findings: answer.judge.findings,
    detectors: answer.judge.detectors,
    micros,
    sent: admitted.sent,
    released: answer.given(),
    content: {
      answer: choices,
      dropped: answer.dropped,
      status,
    },
  }
  if (stopped) deps.decided(decision)
  const outcome = { intent: admitted.intent.seq, status, ...(hold ? { hold: hold.id } : {}) }
  const recorded = await deps.recorder.settle({
    ...outcomeEvidence(admitted.known, evidence, deps.recordKey, outcome),
    micros,
    ...(hold ? { hold } : {}),
  })
  return { recorded, ...(hold ? { hold } : {}) }
}

/** What the exchange cost, as far as anyone can say; see docs/decisions/0044. */
function microsOf({ route, sent, worstCase }: Admitted, { reached, usage }: AnswerSoFar): number {
  const { price } = route.route
  switch (reached) {
    case 'nobody':
      return 0
    case 'refused':
      return requestMicros(price, sent.length)
    case 'model':
      return settledMicros(price, usage, worstCase)
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new StandingError('STANDING_STALE', 'the exchange was ended')
}
