/** HTTP in front of the model: who shows no true intent is turned away before a byte of its body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BoundedReply, addProbes, createBareServer } from '../http/index.ts'
import type { Probed } from '../http/index.ts'
import type { Verifier } from '../ledger/index.ts'
import type { VerifiedIntent } from '../records/index.ts'
import type { Lease } from '../standing/index.ts'
import { isRefusal, judgeTime, readIntent } from './judge-call.ts'
import type { Refusal } from './judge-call.ts'
import type { GateLimits } from './limits.ts'
import type { GateMetrics } from './metrics.ts'
import { gateProblemBody, gateProblemOf, isGateFault, problems, refusalProblem } from './problem.ts'
import type { GateProblem } from './problem.ts'
import { serveCall } from './serve-call.ts'
import type { ServeDeps } from './serve-call.ts'
import type { TurnedAway } from './turned-away.ts'

export interface GateOptions extends Pick<Probed, 'metricsText'> {
  /** The agency's log: what it did not sign is no intent. */
  readonly agencyLog: Verifier
  readonly lease: Pick<Lease, 'fresh'>
  readonly limits: GateLimits
  readonly turnedAway: Pick<TurnedAway, 'add'>
  readonly metrics: Pick<GateMetrics, 'turnedAway' | 'failed'>
  readonly serve: ServeDeps
  /** Told of what is our own fault; the other side learns only that it happened. */
  readonly fault: (error: unknown) => void
}

/** A call's room among those that run: given back once, by whoever has it last. */
interface Room {
  leave(): void
}

declare module 'fastify' {
  interface FastifyRequest {
    intent?: VerifiedIntent
    room?: Room
  }
}

/** Builds the server; whoever calls this listens and closes. */
export function createGate(options: GateOptions): FastifyInstance {
  const app = createBareServer(options.limits)
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, httpProblem(error, options), options))
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, problems.notFound, options))
  addProbes(app, options)
  addCalls(app, options)
  return app
}

function addCalls(app: FastifyInstance, options: GateOptions): void {
  const underWay = new Set<Promise<void>>()
  // A call whose other side has left still brings its end.
  app.addHook('onClose', async () => {
    await Promise.all(underWay)
  })
  const onRequest = requireIntent(options)
  app.post('/v1/chat/completions', { onRequest }, async (request, reply) => {
    const { intent, room, body, headers } = request
    if (!intent || !room) return sendProblem(reply, problems.internal, options)
    if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
      return sendProblem(reply, problems.notJson, options)
    }
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
    const stream = headers.accept === 'text/event-stream'
    reply.hijack()
    const back = new BoundedReply(reply.raw, options.limits.slowReaderMs)
    // From here on the room is the call's, whether the other side stays or not.
    delete request.room
    const ended = runCall({ intent, body: bytes, stream }, back, options).finally(() => {
      room.leave()
      underWay.delete(ended)
    })
    underWay.add(ended)
    await ended
  })
}

async function runCall(
  call: Parameters<typeof serveCall>[0],
  back: BoundedReply,
  options: GateOptions,
): Promise<void> {
  try {
    const refusal = await serveCall(call, options.serve, back)
    if (!refusal) return
    const { problem, headers } = await turnAway(refusal, options)
    if (!back.gone.aborted) back.json(problem.status, headers, gateProblemBody(problem, refusal.reason))
  } catch (error) {
    const problem = gateProblemOf(error)
    if (isGateFault(error)) options.fault(error)
    if (back.gone.aborted) return
    options.metrics.failed(problem.code)
    if (!back.started && !back.ended) back.json(problem.status, {}, gateProblemBody(problem))
    else if (!back.ended) back.cut()
  }
}

/**
 * Verifies the intent and its time before the body is read, and takes room for it: a stranger costs a signature and no
 * more, and so does whoever kept an old intent. The time is looked at again when the body is there.
 */
function requireIntent(options: GateOptions) {
  const rooms = new Rooms(options.limits)
  return async function verifyIntent(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const header = request.headers['servanda-intent']
    const intent = readIntent(Array.isArray(header) ? header.join() : header, options.agencyLog)
    if (isRefusal(intent)) return sendRefusal(reply, intent, options)
    const late = judgeTime(intent, options.serve)
    if (late) return sendRefusal(reply, late, options)
    const room = rooms.enter(request.headers['content-length'])
    if (!room) {
      await sendProblem(reply, problems.overloaded, options)
      return
    }
    request.intent = intent
    request.room = room
    reply.raw.on('close', () => request.room?.leave())
  }
}

async function sendRefusal(reply: FastifyReply, refusal: Refusal, options: GateOptions): Promise<void> {
  const { problem, headers } = await turnAway(refusal, options)
  await reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .send(gateProblemBody(problem, refusal.reason))
}

/** Counts the refused call, and says what it is answered with: its reason only once that is durable. */
async function turnAway(
  { reason, intent }: Refusal,
  { turnedAway, metrics }: GateOptions,
): Promise<{ readonly problem: GateProblem; readonly headers: Readonly<Record<string, string>> }> {
  metrics.turnedAway(reason)
  switch (await turnedAway.add(reason, intent)) {
    case 'written':
      return { problem: refusalProblem(reason), headers: { 'servanda-refusal': reason } }
    case 'unwritten':
      return { problem: problems.ledger, headers: { 'retry-after': '1' } }
    case 'full':
      return { problem: problems.overloaded, headers: { 'retry-after': '1' } }
  }
}

/** Room for calls that run at once, and for the bytes of their bodies. */
class Rooms {
  readonly #limits: GateLimits
  #calls = 0
  #bytes = 0

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  enter(contentLength: string | undefined): Room | null {
    const { callsMax, bodyBytesMax, bodyBytesAtOnceMax } = this.#limits
    const announced = Number(contentLength ?? NaN)
    // Without a length, or with one that will be refused, as much as a body may have.
    const bytes = Number.isSafeInteger(announced) ? Math.min(announced, bodyBytesMax) : bodyBytesMax
    if (this.#calls >= callsMax || this.#bytes + bytes > bodyBytesAtOnceMax) return null
    this.#calls++
    this.#bytes += bytes
    let isLeft = false
    return {
      leave: () => {
        if (isLeft) return
        isLeft = true
        this.#calls--
        this.#bytes -= bytes
      },
    }
  }
}

/** Fastify's own refusals, in our words. */
function httpProblem(error: unknown, options: GateOptions): GateProblem {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problems.tooLarge
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problems.notJson
    // Where the other side breaks off, nobody reads this.
    case 'ECONNRESET':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problems.broken
    default:
      if (isGateFault(error)) options.fault(error)
      return gateProblemOf(error)
  }
}

function sendProblem(reply: FastifyReply, problem: GateProblem, { metrics }: GateOptions): FastifyReply {
  metrics.failed(problem.code)
  // Closed at once, the connection would break under whoever still sends, and never reads why.
  if (problem.code === 'body_too_large') reply.removeHeader('connection')
  const later = problem.status === 503 ? { 'retry-after': '1' } : {}
  return reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store', ...later })
    .send(gateProblemBody(problem))
}
