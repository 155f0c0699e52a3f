/** The control socket: what is in force, versions, holds and decisions, orders, certificates. HTTP, for this machine's owner. */
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Period } from '../certificate/index.ts'
import { agreementBytesMax, takeAgreement } from './agreements.ts'
import type { ControlDeps, Oversight } from './control-deps.ts'
import { ControlError, controlProblem } from './control-error.ts'
import { committedShares } from '../standing/index.ts'
import { CurrentStanding } from './current-standing.ts'
import { explainNow } from './explain.ts'
import { decideHold, listHolds, showHold } from './holds.ts'
import type { Asking } from './holds.ts'
import { openDispute } from './disputes.ts'
import { carryOut } from './orders.ts'
import { bodyBytesMax, isTime, misshapen, readObject } from './read-body.ts'
import { readReplay, replay, replayBytesMax } from './replay.ts'
import { credentialHeader, requireReviewer } from './reviewer-credential.ts'
import { standingView } from './standing-view.ts'

const requestMs = 60_000
const connectionsMax = 64

/**
 * Not yet listening. Requests about holds carry a reviewer's signature; the others need no more than the socket,
 * because an order and a version bring their signatures along and what is in force is no secret.
 */
export function createControl(deps: ControlDeps): FastifyInstance {
  const app = Fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMs,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  })
  app.server.maxConnections = connectionsMax
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error, _request, reply) => {
    const { status, code, message } = controlProblem(error)
    if (status === 500) deps.fault(error)
    return reply.code(status).send({ error: { code, message } })
  })
  app.setNotFoundHandler(() => {
    throw new ControlError('CONTROL_NOT_FOUND', 'there is no such address')
  })
  const standing = new CurrentStanding(deps)
  app.get('/v1/standing', async () => {
    const now = await standing.read()
    const shares = deps.oversight ? await committedShares(now.agreements.values(), deps.recorder) : null
    return standingView(now, { note: await deps.checkpoint(), shares })
  })
  app.post('/v1/explain', ({ body }) => explainNow(body, standing, deps))
  app.post('/v1/orders', (request) => carryOut(request.body, standing, deps))
  const disputes = new Turns()
  app.post('/v1/disputes', ({ body }) => disputes.take(() => openDispute(body, standing, deps)))
  const versions = new Turns()
  app.post('/v1/agreements', { bodyLimit: agreementBytesMax }, ({ body }) =>
    versions.take(() => takeAgreement(body, standing, deps)),
  )
  // Each audits the whole log: one at a time is work enough.
  const certificates = new Turns()
  app.post('/v1/certificates', async ({ body }) => {
    const period = readPeriod(body)
    return { certificate: await certificates.take(() => deps.certify(period)) }
  })
  if (deps.oversight && deps.published) {
    addReplay(app, standing, { ...deps, oversight: deps.oversight, published: deps.published })
  }
  if (deps.oversight) addHolds(app, standing, { ...deps, oversight: deps.oversight })
  else refuseRecords(app)
  return app
}

/** Whoever asks the wrong one of two gates is told which is the right one. */
function refuseRecords(app: FastifyInstance): void {
  const nothing = (): never => {
    const message = "a provider's gate holds nothing and keeps no records: ask the agency's gate"
    throw new ControlError('CONTROL_NOT_FOUND', message)
  }
  for (const path of ['/v1/holds', '/v1/holds/*', '/v1/replay']) app.all(path, nothing)
}

function addHolds(
  app: FastifyInstance,
  standing: CurrentStanding,
  deps: ControlDeps & { readonly oversight: Oversight },
): void {
  const turns = new Turns()
  const asking = async (request: FastifyRequest): Promise<Asking> => {
    const now = await standing.read()
    const signed = signedRequest(request, now.origin)
    const key = requireReviewer(request.headers[credentialHeader], signed, {
      reviewers: now.reviewers,
      now: deps.clock.now(),
    })
    return { key, standing: now }
  }
  app.get('/v1/holds', async (request) => ({ holds: await listHolds(await asking(request), deps) }))
  app.get<{ Params: { id: string } }>('/v1/holds/:id', async (request) =>
    showHold(request.params.id, await asking(request), deps),
  )
  app.post<{ Params: { id: string } }>('/v1/holds/:id/decisions', (request) =>
    turns.take(async () => decideHold(request.params.id, request.body, await asking(request), deps)),
  )
}

/** Whoever opens the socket may ask: what comes out names units and entries, and no word of an exchange. */
function addReplay(
  app: FastifyInstance,
  standing: CurrentStanding,
  { recorder, oversight, published }: ControlDeps & Required<Pick<ControlDeps, 'oversight' | 'published'>>,
): void {
  // Each opens every record of its period: one at a time is work enough.
  const turns = new Turns()
  app.post('/v1/replay', { bodyLimit: replayBytesMax }, async ({ body }, reply) => {
    const asked = readReplay(body)
    const signal = goneSignal(reply)
    return turns.take(async () =>
      replay(asked, {
        standing: await standing.read(),
        disputes: (await recorder.standing()).disputes,
        published,
        sealed: (seq) => recorder.sealed(seq),
        recordKey: oversight.recordKey,
        signal,
      }),
    )
  })
}

/** Aborted when the connection ends before the answer has. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

function signedRequest({ method, url, body }: FastifyRequest, origin: string) {
  return { origin, method, path: url, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) }
}

function readPeriod(body: unknown): Period {
  const { certificate, supplier, from, to } = readObject(body, ['certificate', 'supplier', 'from', 'to'])
  if (certificate !== 'exclusion') throw misshapen('there is no such certificate')
  if (typeof supplier !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(supplier)) {
    throw misshapen('the supplier is a provider code of a schedule')
  }
  if (!isTime(from) || !isTime(to)) throw misshapen('the period is in milliseconds since the epoch')
  return { supplier, from, to }
}

/** One after another: what one has decided, the next one sees. */
class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    // Whoever asked is told of a failure; the next one's turn comes all the same.
    this.#last = turn.catch(() => null)
    return turn
  }
}
