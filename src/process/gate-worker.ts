/** One worker of a provider's gate: stands on the recorder's word as the agency's does, and has no content to judge. */
import { TurnedAway, createGate, createGateMetrics, defaultGateLimits } from '../gate/index.ts'
import type { AnswerMessage, AskMessage, Channel } from '../recorder/index.ts'
import { RunningExchanges } from '../standing/index.ts'
import { readAgencyLog, readUpstreamCredentials } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Settings } from './settings.ts'
import { Upstreams } from './upstreams.ts'
import { closeServer, listen, ownMetrics, traceOf } from './worker-frame.ts'
import type { GatewayWorker, WorkerWatch } from './worker-frame.ts'
import { openWorkerLease } from './worker-lease.ts'

/** Opens the lease, builds the gate and listens. Rejects when what is in force cannot be known. */
export async function startGateWorker(
  settings: Settings,
  channel: Channel<AskMessage, AnswerMessage>,
  watch: WorkerWatch,
): Promise<GatewayWorker> {
  const agencyLog = readAgencyLog(settings)
  await using opened = new AsyncDisposableStack()
  const upstreams = opened.use(new Upstreams(readUpstreamCredentials(placesOf(settings)), null))
  const running = new RunningExchanges()
  // It has no detectors that could be missing, so it accepts whatever its agreements say.
  const accept = (): void => undefined
  const { recorder, lease } = await openWorkerLease(channel, { running, accept, fault: watch.fault })
  opened.use(lease)
  const limits = defaultGateLimits
  const metrics = createGateMetrics(() => running.size)
  const turnedAway = opened.use(
    new TurnedAway({ recorder, waitingMax: limits.refusedWaitingMax, failed: (text) => watch.fault(text) }),
  )
  const app = createGate({
    agencyLog,
    lease,
    limits,
    turnedAway,
    metrics,
    metricsText: watch.metricsText ?? (() => ownMetrics(metrics)),
    fault: (error) => watch.fault(traceOf(error)),
    serve: {
      clock: lease,
      lease,
      running,
      recorder,
      upstreamOf: (route) => upstreams.of(route),
      ended: (status) => metrics.ended(status),
    },
  })
  const ready = await listen(app, settings, lease)
  opened.defer(() => closeServer(app, running))
  const owned = opened.move()
  return { ready, metrics, close: () => owned.disposeAsync() }
}
