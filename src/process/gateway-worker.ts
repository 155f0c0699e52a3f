/** One worker of the agency's gate: no state of its own, everything it may do rests on the recorder's word. */
import { readFileSync } from 'node:fs'
import { createGateway, createMetrics, defaultGatewayLimits } from '../gateway/index.ts'
import { authenticator, parseCallers } from '../identity/index.ts'
import type { AnswerMessage, AskMessage, Channel } from '../recorder/index.ts'
import { RunningExchanges, committedShare, committedShares } from '../standing/index.ts'
import { requireProviders } from './accept-standing.ts'
import { readRecordKey, readUpstreamCredentials } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Settings } from './settings.ts'
import { ShareWarning } from './share-warning.ts'
import { StandingScreener } from './standing-screener.ts'
import { Upstreams } from './upstreams.ts'
import { watchedStanding } from './watched-standing.ts'
import { closeServer, listen, ownMetrics, traceOf } from './worker-frame.ts'
import type { GatewayWorker, WorkerWatch } from './worker-frame.ts'
import { openWorkerLease } from './worker-lease.ts'

/** Opens the lease, builds the gateway and listens. Rejects when what is in force cannot be known or judged. */
export async function startGatewayWorker(
  settings: Settings,
  channel: Channel<AskMessage, AnswerMessage>,
  watch: WorkerWatch,
): Promise<GatewayWorker> {
  const places = placesOf(settings)
  await using opened = new AsyncDisposableStack()
  const upstreams = opened.use(new Upstreams(readUpstreamCredentials(places), settings.gates))
  const screener = opened.use(new StandingScreener())
  const running = new RunningExchanges()
  const { recorder, lease } = await openWorkerLease(channel, {
    running,
    accept: (standing) => screener.take(standing),
    fault: watch.fault,
  })
  opened.use(lease)
  requireProviders(settings, lease.require())
  const metrics = createMetrics(() => running.size, watchedStanding(lease, recorder))
  const warning = new ShareWarning(watch.fault)
  for (const share of await committedShares(lease.require().agreements.values(), recorder))
    warning.note(share)
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
      committed: (schedule, micros) => warning.note(committedShare(schedule, micros)),
    },
  })
  const ready = await listen(app, settings, lease)
  opened.defer(() => closeServer(app, running))
  const owned = opened.move()
  return { ready, metrics, close: () => owned.disposeAsync() }
}
