/** What the workers of both gates have in common: the server's start, and its end in order. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { StandingError } from '../standing/index.ts'
import type { Lease, RunningExchanges, Standing } from '../standing/index.ts'
import type { Settings } from './settings.ts'
import type { Ready } from './worker-messages.ts'

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

export interface WorkerWatch {
  readonly fault: (message: string) => void
  /** The text of `/metrics`; without it this worker's own. */
  readonly metricsText?: () => Promise<MetricsText>
}

/** A worker that serves. */
export interface GatewayWorker {
  readonly ready: Ready
  readonly metrics: { readonly registry: Registry }
  close(): Promise<void>
}

/** How long running exchanges may go on after the gateway was told to end, and how long their ends may take then. */
const closingMs = 5000
const endingMs = 1000
const idleCheckMs = 50

/** Listens, and says what a gateway tells about itself when it is ready. */
export async function listen(
  app: FastifyInstance,
  { port, host }: Pick<Settings, 'port' | 'host'>,
  lease: Pick<Lease, 'require'>,
): Promise<Ready> {
  await app.listen({ port, host })
  return readyOf((app.server.address() as AddressInfo).port, lease.require())
}

/** Takes nothing new, lets what runs come to its end for a while, ends it then, and last the connections. */
export async function closeServer(app: FastifyInstance, running: RunningExchanges): Promise<void> {
  const late = setTimeout(() => {
    running.abortWhere(() => true, new StandingError('STANDING_STALE', 'the gateway is closing'))
  }, closingMs)
  const last = setTimeout(() => app.server.closeAllConnections(), closingMs + endingMs)
  // A connection falls idle when its answer is over, and would be kept for the next request.
  const idle = setInterval(() => app.server.closeIdleConnections(), idleCheckMs)
  try {
    await app.close()
  } finally {
    clearTimeout(late)
    clearTimeout(last)
    clearInterval(idle)
  }
}

export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

export async function ownMetrics({ registry }: { readonly registry: Registry }): Promise<MetricsText> {
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function readyOf(port: number, standing: Standing): Ready {
  const agreements = [...standing.agreements.values()]
  return {
    port,
    inForce: agreements.map(({ agreement: { schedule } }) => `${schedule.id}@${schedule.version}`),
    demo: agreements.some(({ demo }) => demo),
    rehearsal: [...standing.routes.values()].every(({ route }) => route.upstream === 'rehearsal'),
  }
}
