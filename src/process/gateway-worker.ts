/** One gateway worker: no state of its own, everything it may do rests on the recorder's word. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { messageOf, systemClock } from '../base/index.ts'
import type { Clock } from '../base/index.ts'
import { createGateway, createMetrics, defaultGatewayLimits } from '../gateway/index.ts'
import type { GatewayMetrics } from '../gateway/index.ts'
import { authenticator, parseCallers } from '../identity/index.ts'
import { RecorderClient } from '../recorder/index.ts'
import type { AnswerMessage, AskMessage, Channel } from '../recorder/index.ts'
import { Lease, RunningExchanges, StandingError, endChanged } from '../standing/index.ts'
import type { RouteInForce, Standing } from '../standing/index.ts'
import { openUpstream } from '../upstream/index.ts'
import type { Upstream } from '../upstream/index.ts'
import { readRecordKey, readUpstreamCredentials } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Settings } from './settings.ts'
import { StandingScreener } from './standing-screener.ts'
import type { Ready } from './worker-messages.ts'

export interface WorkerWatch {
  readonly fault: (message: string) => void
  /** The text of `/metrics`; without it this worker's own. */
  readonly metricsText?: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export interface GatewayWorker {
  readonly ready: Ready
  readonly metrics: GatewayMetrics
  close(): Promise<void>
}

/** How long running exchanges may go on after the gateway was told to end, and how long their ends may take then. */
const closingMs = 5000
const endingMs = 1000
const idleCheckMs = 50
/** A clock that nobody sets: for the lease. */
const monotonic: Clock = { now: () => performance.now() }

/** Opens the lease, builds the gateway and listens. Rejects when what is in force cannot be known or judged. */
export async function startGatewayWorker(
  settings: Settings,
  channel: Channel<AskMessage, AnswerMessage>,
  watch: WorkerWatch,
): Promise<GatewayWorker> {
  const places = placesOf(settings)
  const recorder = new RecorderClient(channel)
  const running = new RunningExchanges()
  await using opened = new AsyncDisposableStack()
  const upstreams = opened.use(new Upstreams(readUpstreamCredentials(places)))
  const screener = opened.use(new StandingScreener())
  const lease = opened.use(await openLease({ recorder, running, screener, watch }))
  const metrics = createMetrics(() => running.size)
  const app = createGateway({
    authenticate: authenticator(parseCallers(readFileSync(places.callers), places.callers)),
    lease,
    limits: defaultGatewayLimits,
    metrics,
    metricsText: watch.metricsText ?? (() => ownMetrics(metrics)),
    fault: (error, exchange) => watch.fault(`${exchange}: ${traceOf(error)}`),
    exchange: {
      // Never the bare wall clock: one that is set back would reopen a term that is over.
      clock: lease,
      lease,
      running,
      screener,
      recorder,
      recordKey: readRecordKey(places),
      upstreamOf: (route) => upstreams.of(route),
      holdMs: defaultGatewayLimits.holdMs,
      decided: (decision) => metrics.decided(decision),
    },
  })
  await app.listen({ port: settings.port, host: settings.host })
  opened.defer(() => closeGateway(app, running))
  const owned = opened.move()
  return {
    ready: readyOf((app.server.address() as AddressInfo).port, lease.require()),
    metrics,
    close: () => owned.disposeAsync(),
  }
}

function openLease({
  recorder,
  running,
  screener,
  watch,
}: {
  readonly recorder: RecorderClient
  readonly running: RunningExchanges
  readonly screener: StandingScreener
  readonly watch: WorkerWatch
}): Promise<Lease> {
  return Lease.open({
    recorder,
    clock: monotonic,
    wallClock: systemClock,
    accept: (standing) => screener.take(standing),
    changed: (before, now) => void endChanged(running, before, now),
    failed: (error) => watch.fault(`the lease could not be renewed: ${messageOf(error)}`),
  })
}

/** Takes nothing new, lets what runs come to its end for a while, ends it then, and last the connections. */
async function closeGateway(app: ReturnType<typeof createGateway>, running: RunningExchanges): Promise<void> {
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

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

async function ownMetrics({ registry }: GatewayMetrics): Promise<{ contentType: string; text: string }> {
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

/** One upstream per address and credential, opened when it is first used. */
class Upstreams implements AsyncDisposable {
  readonly #credentials: ReadonlyMap<string, string>
  readonly #open = new Map<string, Upstream>()

  constructor(credentials: ReadonlyMap<string, string>) {
    this.#credentials = credentials
  }

  of({ route }: RouteInForce): Upstream {
    const key = `${route.id} ${route.upstream}`
    const known = this.#open.get(key)
    if (known) return known
    const credential = this.#credentials.get(route.id)
    const opened = openUpstream(route, {
      clock: systemClock,
      ...(credential === undefined ? {} : { credential }),
    })
    this.#open.set(key, opened)
    return opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((upstream) => upstream[Symbol.asyncDispose]()))
  }
}
