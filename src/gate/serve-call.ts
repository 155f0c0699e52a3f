/** One call that the gate lets through: written first, passed on as it is, its end durable before its last byte. */
import { utf8 } from '../base/index.ts'
import type { BoundedReply } from '../http/index.ts'
import type { ServedStatus } from '../ledger/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { Recorded, Recorder } from '../recorder/index.ts'
import type { VerifiedIntent } from '../records/index.ts'
import { StandingError, requireSame } from '../standing/index.ts'
import type { Lease, RouteInForce, RunningExchanges } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import type { Upstream } from '../upstream/index.ts'
import { holdEndMark, holdLastPiece } from './end-mark.ts'
import { isRefusal, judgeCall } from './judge-call.ts'
import type { JudgeDeps, Permit, Refusal } from './judge-call.ts'
import { gateProblemBody, gateProblemOf, problems } from './problem.ts'

/** A call whose intent is true; whether it is for this body is still to be seen. */
export interface Call {
  readonly intent: VerifiedIntent
  /** The bytes that go to the model: read for the name of the model alone, and never kept. */
  readonly body: Uint8Array
  readonly stream: boolean
}

export interface ServeDeps extends JudgeDeps {
  readonly lease: Pick<Lease, 'require' | 'renew'>
  readonly running: Pick<RunningExchanges, 'start'>
  readonly recorder: Pick<Recorder, 'serve' | 'note'>
  readonly upstreamOf: (route: RouteInForce) => Upstream
  /** Told how each served call ended, once that is durable. */
  readonly ended: (status: ServedStatus) => void
}

/**
 * Serves the call to its end, or answers why it is turned away; then nothing was written and nothing said. Rejects
 * where nothing could be decided or written; then nothing was passed on.
 */
export async function serveCall(call: Call, deps: ServeDeps, reply: BoundedReply): Promise<Refusal | null> {
  const admitted = await admit(call, deps)
  if (isRefusal(admitted)) return admitted
  await relay({ ...call, ...admitted }, deps, reply)
  return null
}

type Admitted = Permit & { readonly served: Recorded }

/** Where an amendment or an order has come between judging and writing, the call is judged anew, once. */
async function admit(call: Call, deps: ServeDeps): Promise<Admitted | Refusal> {
  try {
    return await write(call, deps)
  } catch (error) {
    if (!(error instanceof RecorderError && error.code === 'RECORDER_SUPERSEDED')) throw error
    await deps.lease.renew()
    return write(call, deps)
  }
}

async function write({ intent, body }: Call, deps: ServeDeps): Promise<Admitted | Refusal> {
  const permit = judgeCall(intent, body, deps)
  if (isRefusal(permit)) return permit
  const { route, model, inForce } = permit.route
  const leaf = {
    kind: 'served' as const,
    exchange: intent.exchange,
    agreement: inForce.entry,
    provider: model.provider,
    upstream: route.upstream === 'rehearsal' ? ('rehearsal' as const) : ('live' as const),
    receipt: intent.receipt,
  }
  try {
    const served = await deps.recorder.serve({ leaf, intent: intent.index, intentTime: intent.time })
    return { ...permit, served }
  } catch (error) {
    if (!(error instanceof RecorderError && error.code === 'RECORDER_REUSED')) throw error
    return { reason: 'reused', intent: intent.index }
  }
}

async function relay(call: Call & Admitted, deps: ServeDeps, reply: BoundedReply): Promise<void> {
  const { route, inForce } = call.route
  using running = deps.running.start({
    // Ours, and not the agency's word: two calls under one name would hide one of them from an order.
    exchange: `served ${call.served.seq}`,
    agreement: inForce.agreement.schedule.id,
    unit: '',
    route: route.id,
  })
  const over = new AbortController()
  const signal = AbortSignal.any([reply.gone, running.signal, over.signal])
  const requireGoing = (): void => {
    running.signal.throwIfAborted()
    reply.gone.throwIfAborted()
    requireSame(inForce, deps.lease.require())
  }
  const end = endOf(call, deps)
  let isAsked = false
  const upstreamOf: ServeDeps['upstreamOf'] = (route) => {
    isAsked = true
    return deps.upstreamOf(route)
  }
  try {
    await pass(call, { upstreamOf }, { signal, requireGoing, end, reply })
  } catch (error) {
    const cause: unknown = running.signal.aborted ? running.signal.reason : error
    await endEarly(cause, { end, reply, stream: call.stream, isAsked })
  } finally {
    // However it ended, the model works on it no more and its connection is free.
    over.abort()
  }
}

interface Passing {
  readonly signal: AbortSignal
  /** Throws when the call must not go on: lease stale, order, amendment, other side gone. */
  readonly requireGoing: () => void
  readonly end: End
  readonly reply: BoundedReply
}

/** Passes the model's answer on, byte for byte. */
async function pass(
  { route, body, stream }: Call & Admitted,
  { upstreamOf }: Pick<ServeDeps, 'upstreamOf'>,
  { signal, requireGoing, end, reply }: Passing,
): Promise<void> {
  requireGoing()
  const answer = await upstreamOf(route).send({ path: '/chat/completions', body, stream, signal })
  if (answer.status !== 200 || !isPlainText(answer.contentType)) {
    // What a model says of its refusal may hold anything, so it is not read.
    throw new UpstreamError('UPSTREAM_MALFORMED', `the model answered with status ${answer.status}`)
  }
  const holdback = stream ? holdEndMark() : holdLastPiece()
  for await (const piece of answer.body) {
    requireGoing()
    const out = holdback.take(piece)
    if (!reply.started && out.length > 0) reply.open({ 'content-type': answer.contentType })
    await reply.write(out, signal)
  }
  requireGoing()
  await end('answered')
  // An order may have come while that was written; the entry then says more than has left.
  requireGoing()
  if (!reply.started) reply.open({ 'content-type': answer.contentType })
  reply.end(holdback.rest)
}

function isPlainText(contentType: string): boolean {
  return /^[\x20-\x7e]+$/.test(contentType)
}

/** Writes how it ended; a second end is none. */
type End = (status: ServedStatus) => Promise<void>

function endOf({ intent, served }: Call & Admitted, { recorder, ended }: ServeDeps): End {
  let isWritten = false
  return async (status) => {
    if (isWritten) return
    isWritten = true
    await recorder.note({ kind: 'served-end', exchange: intent.exchange, served: served.seq, status })
    ended(status)
  }
}

interface Ending {
  readonly end: End
  readonly reply: BoundedReply
  readonly stream: boolean
  /** The model may have worked on the call. */
  readonly isAsked: boolean
}

/**
 * Everything that is not a whole answer ends here: first the entry, then what the other side is told. Throws the
 * error on where no order caused the end, so that it is counted and, if it is our fault, logged.
 */
async function endEarly(error: unknown, { end, ...call }: Ending): Promise<void> {
  const { reply } = call
  try {
    await end(statusOf(error, reply))
  } catch (unwritten) {
    tell(unwritten, call)
    throw unwritten
  }
  tell(error, call)
  const isOrder = error instanceof StandingError && error.code === 'STANDING_STOPPED'
  if (!isOrder && !reply.gone.aborted) throw error
}

function statusOf(error: unknown, reply: BoundedReply): ServedStatus {
  if (error instanceof StandingError) return error.code === 'STANDING_STOPPED' ? 'stopped' : 'interrupted'
  return reply.gone.aborted ? 'gone' : 'failed'
}

/**
 * Before the first byte a status; afterwards a stream gets one error event, for a bare close is taken for an end,
 * and any other answer is broken off.
 */
function tell(error: unknown, { reply, stream, isAsked }: Omit<Ending, 'end'>): void {
  if (reply.gone.aborted || reply.ended) return
  const problem = gateProblemOf(error)
  const body = gateProblemBody(problem)
  if (!reply.started) {
    // The agency's gate takes this header for the word that no model was asked, and then the call costs nothing.
    const refusal = problem === problems.stopped && !isAsked ? { 'servanda-refusal': 'stopped' } : {}
    reply.json(problem.status, refusal, body)
    return
  }
  // A piece may have ended within an event: the blank line ends it, and what it then says is no answer.
  if (stream) reply.end(utf8(`\n\ndata: ${JSON.stringify(body)}\n\n`))
  else reply.cut()
}
