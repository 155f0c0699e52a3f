/** A gateway worker in a process of its own. */
import { AggregatorRegistry } from 'prom-client'
import { messageOf } from '../base/index.ts'
import { processChannel } from '../recorder/index.ts'
import { startWorker } from './start-worker.ts'
import type { GatewayWorker, MetricsText } from './worker-frame.ts'
import { settingsVariable } from './worker-messages.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import type { Settings } from './settings.ts'

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Runs until the primary says otherwise or is gone: a worker without its recorder may pass nothing. */
export async function runWorkerProcess(): Promise<void> {
  const settings = JSON.parse(process.env[settingsVariable] ?? '') as Settings
  const primaryMetrics = new PrimaryMetrics()
  try {
    const worker = await startWorker(settings, processChannel(), {
      fault: (message) => tell({ kind: 'fault', message }),
      metricsText: () => primaryMetrics.ask(),
    })
    primaryMetrics.share(worker.metrics)
    const end = (): void => void worker.close().finally(() => process.disconnect())
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'close') end()
      if (message.kind === 'metrics') primaryMetrics.answer(message)
    })
    // The terminal sends these to all processes; the primary ends its workers in order.
    process.on('SIGINT', () => undefined)
    process.on('SIGTERM', () => undefined)
    tell({ kind: 'ready', ...worker.ready })
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error) })
    process.disconnect()
  }
}

function tell(message: FromWorker): void {
  process.send?.(message)
}

/** The primary adds up the counters of all workers. */
class PrimaryMetrics {
  /** Made for its listener, which answers the primary from the start on: the sum waits for every worker. */
  readonly listening = new AggregatorRegistry()
  readonly #waiting = new Map<number, (text: string | null) => void>()
  #nextId = 1

  /** These are this worker's own counters. */
  share({ registry }: GatewayWorker['metrics']): void {
    AggregatorRegistry.setRegistries([registry])
  }

  ask(): Promise<MetricsText> {
    const id = this.#nextId++
    tell({ kind: 'metrics', id })
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, (text) => {
        if (text === null) reject(new Error('the counters of the workers cannot be added up now'))
        else resolve({ contentType: metricsType, text })
      }),
    )
  }

  answer({ id, text }: Extract<ToWorker, { kind: 'metrics' }>): void {
    this.#waiting.get(id)?.(text)
    this.#waiting.delete(id)
  }
}
