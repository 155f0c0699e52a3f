/** A server that takes JSON bytes within limits and nothing else, and says whether it lives and is ready. */
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'

export interface ServerLimits {
  readonly bodyBytesMax: number
  readonly headerBytesMax: number
  readonly connectionsMax: number
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number
}

/** Bodies reach the routes as the bytes they are. Whoever calls this adds routes and handlers, listens and closes. */
export function createBareServer(limits: ServerLimits): FastifyInstance {
  const app = Fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: limits.headerBytesMax },
    // Ids and logs are ours: what is sent here is not written where people read.
    logger: false,
  })
  app.server.maxConnections = limits.connectionsMax
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  return app
}

export interface Probed {
  /** Fresh while it is known what is in force. */
  readonly lease: { readonly fresh: boolean }
  /** The text of `/metrics`, of all workers. */
  readonly metricsText: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export function addProbes(app: FastifyInstance, { lease, metricsText }: Probed): void {
  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', (_request, reply) =>
    reply.code(lease.fresh ? 200 : 503).send({ status: lease.fresh ? 'ready' : 'standing unknown' }),
  )
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metricsText()
    return reply.type(contentType).send(text)
  })
}
