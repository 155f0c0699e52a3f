/** HTTP in front of the exchange: who may ask what, in which form, within which limits. Step 1 ends here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newId, parseJson } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { ReplyError, addProbes, createBareServer } from '../http/index.ts'
import type { Probed } from '../http/index.ts'
import type { Authenticate, CallerIdentity, Selection } from '../identity/index.ts'
import type { Lease } from '../standing/index.ts'
import type { Arrival, ExchangeDeps } from './admitted.ts'
import { parseChatRequest } from './chat/index.ts'
import { runExchange } from './exchange.ts'
import { HttpReply } from './http-reply.ts'
import type { GatewayLimits } from './limits.ts'
import type { GatewayMetrics } from './metrics.ts'
import { Intake } from './intake.ts'
import type { Place } from './intake.ts'
import { isOurFault, problemBody, problemOf } from './problem.ts'
import type { Problem } from './problem.ts'

export interface GatewayOptions extends Pick<Probed, 'metricsText'> {
  readonly authenticate: Authenticate
  readonly lease: Pick<Lease, 'require' | 'fresh'>
  readonly limits: GatewayLimits
  readonly metrics: Pick<GatewayMetrics, 'failed' | 'ended'>
  readonly exchange: ExchangeDeps
  /** Told of what is our own fault; the caller learns only that it happened. */
  readonly fault: (error: unknown, exchange: string) => void
}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: CallerIdentity
    place?: Place
  }
}

/** Builds the server; whoever calls this listens and closes. */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const app = createBareServer(options.limits)
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, httpProblem(error, options), options))
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound, options))
  addProbes(app, options)
  addModels(app, options)
  addChat(app, options)
  return app
}

function addModels(app: FastifyInstance, options: GatewayOptions): void {
  app.get('/v1/models', { onRequest: requireCaller(options) }, (request) => {
    const standing = options.lease.require()
    const ids = request.caller?.agreements ?? []
    const routes = [...standing.routes.values()].filter(({ inForce }) =>
      ids.includes(inForce.agreement.schedule.id),
    )
    return {
      object: 'list',
      data: routes.map(({ route, model, inForce }) => ({
        id: route.id,
        object: 'model',
        created: Math.floor(inForce.agreement.schedule.term.from / 1000),
        owned_by: model.provider,
      })),
    }
  })
}

function addChat(app: FastifyInstance, options: GatewayOptions): void {
  const { limits, exchange: deps, metrics } = options
  const underWay = new Set<Promise<void>>()
  // An exchange whose caller has left still brings its outcome.
  app.addHook('onClose', async () => {
    await Promise.all(underWay)
  })
  const onRequest = [requireCaller(options), requirePlace(options)]
  app.post('/v1/chat/completions', { onRequest }, async (request, reply) => {
    const { caller, place } = request
    if (!caller || !place) return sendProblem(reply, unauthenticated, options)
    if (!isPlain(request)) return sendProblem(reply, compressed, options)
    const chat = parseChatRequest(parseBody(request, limits))
    const redeems = request.headers[holdHeader]
    const arrival: Arrival = {
      ...{ exchange: newId('ex'), arrivedAt: deps.clock.now(), caller, chat },
      ...(typeof redeems === 'string' ? { redeems } : {}),
    }
    reply.hijack()
    const back = new HttpReply(reply.raw, limits.slowReaderMs)
    // From here on the place is the exchange's, whether its caller stays or not.
    delete request.place
    const ended = runExchange(arrival, deps, back)
      .catch((error: unknown) => endFailed(error, arrival.exchange, back, options))
      .finally(() => {
        place.leave()
        underWay.delete(ended)
        metrics.ended((deps.clock.now() - arrival.arrivedAt) / 1000)
      })
    underWay.add(ended)
    await ended
  })
}

/** Takes the caller's place before its body is read; the connection's end gives it back unless an exchange has it. */
function requirePlace(options: GatewayOptions) {
  const intake = new Intake(options.exchange.clock, options.limits)
  return async function takePlace(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!request.caller) return
    const announced = Number(request.headers['content-length'] ?? NaN)
    const place = intake.enter(request.caller.id, Number.isSafeInteger(announced) ? announced : null)
    if (typeof place === 'string') {
      await sendProblem(reply, place === 'full' ? overloaded : tooMany, options)
      return
    }
    request.place = place
    reply.raw.on('close', () => request.place?.leave())
  }
}

function isPlain({ headers }: FastifyRequest): boolean {
  return (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity'
}

function parseBody(request: FastifyRequest, { jsonDepthMax }: GatewayLimits): Json {
  const body = request.body
  return parseJson(Buffer.isBuffer(body) ? body : '', { depthMax: jsonDepthMax })
}

/** Whatever was left unsaid is said now: a status before the first byte, one error event after it. */
function endFailed(error: unknown, exchange: string, reply: HttpReply, options: GatewayOptions): void {
  const problem = problemOf(error)
  if (isOurFault(error) && !(error instanceof ReplyError)) options.fault(error, exchange)
  if (reply.gone.aborted) return
  options.metrics.failed(problem.code)
  if (reply.ended) return
  const body = problemBody(problem, exchange)
  if (!reply.started) {
    reply.json(problem.status, {}, body)
    return
  }
  // A reader that takes nothing more is cut by its own connection; what it was told first stands.
  reply.event(JSON.stringify(body)).then(
    () => reply.end(),
    () => reply.end(),
  )
}

/** Authenticates before the body is read: a stranger costs a look-up and no more. */
function requireCaller(options: GatewayOptions) {
  return async function authenticateCaller(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const selection = selectionOf(request)
    if ('problem' in selection) {
      await sendProblem(reply, selection.problem, options)
      return
    }
    const answer = options.authenticate(authorizationOf(request), selection)
    if (answer.ok) request.caller = answer.caller
    else await sendProblem(reply, unauthenticated, options)
  }
}

/** Of several headers Node keeps the first, and what stands in front may have checked another: then it is none. */
function authorizationOf({ headers, raw }: FastifyRequest): string | undefined {
  return raw.headersDistinct['authorization']?.length === 1 ? headers.authorization : undefined
}

const selections = {
  'servanda-unit': 'unit',
  'servanda-purpose': 'purpose',
  'servanda-on-behalf-of': 'onBehalfOf',
  'servanda-provenance': 'provenance',
} as const satisfies Record<string, keyof Selection>

/** Reads the headers that select; one of ours that is not on the list is a mistake, and guessing at it would be worse. */
function selectionOf(request: FastifyRequest): Selection | { readonly problem: Problem } {
  const selection: { -readonly [K in keyof Selection]: string } = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith('servanda-') || (name === holdHeader && isHoldId(value))) continue
    if (!Object.hasOwn(selections, name) || typeof value !== 'string') {
      const message = `\`${name}\` is not a header of this gateway, or not of its form`
      return { problem: { status: 400, code: 'unknown_field', message, param: name } }
    }
    selection[selections[name as keyof typeof selections]] = value
  }
  if (request.url.includes('?')) {
    return {
      problem: { status: 400, code: 'unknown_field', message: 'no query is understood here', param: 'query' },
    }
  }
  return selection
}

/** The hold that people have approved for this call. */
const holdHeader = 'servanda-hold'

function isHoldId(value: unknown): boolean {
  return typeof value === 'string' && /^hold_[A-Za-z0-9_-]{1,64}$/.test(value)
}

const unauthenticated: Problem = {
  status: 401,
  code: 'unauthenticated',
  message: 'the API key is missing or not registered',
}
const notFound: Problem = {
  status: 404,
  code: 'not_found',
  message:
    'this gateway serves POST /v1/chat/completions and GET /v1/models; every other endpoint is refused',
}
const compressed: Problem = {
  status: 415,
  code: 'unsupported_media_type',
  message: 'the body must not be compressed',
}
const overloaded: Problem = {
  status: 503,
  code: 'overloaded',
  message: 'the gateway has no room for more at the moment',
}
const tooMany: Problem = {
  status: 429,
  code: 'too_many_requests',
  message: 'too many calls, or too much in them, at once or in one second',
}

/** Fastify's own refusals, in our words. */
function httpProblem(error: unknown, options: GatewayOptions): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const message = `the body is larger than ${options.limits.bodyBytesMax} bytes`
      return { status: 413, code: 'body_too_large', message }
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { status: 415, code: 'unsupported_media_type', message: 'the body must be `application/json`' }
    // Where the caller breaks off, nobody reads this.
    case 'ECONNRESET':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return {
        status: 400,
        code: 'invalid_request',
        message: 'the body does not have the length it announces',
      }
    default:
      if (isOurFault(error)) options.fault(error, '')
      return problemOf(error)
  }
}

function sendProblem(reply: FastifyReply, problem: Problem, { metrics }: GatewayOptions): FastifyReply {
  metrics.failed(problem.code)
  // Closed at once, the connection would break under a caller who still sends, and who never reads why.
  if (problem.code === 'body_too_large') reply.removeHeader('connection')
  const later = problem.status === 503 || problem.status === 429 ? { 'retry-after': '1' } : {}
  return reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store', ...later })
    .send(problemBody(problem))
}
