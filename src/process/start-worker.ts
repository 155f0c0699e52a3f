/** A worker of the gate that the settings say. */
import type { AnswerMessage, AskMessage, Channel } from '../recorder/index.ts'
import { startGateWorker } from './gate-worker.ts'
import { startGatewayWorker } from './gateway-worker.ts'
import type { Settings } from './settings.ts'
import type { GatewayWorker, WorkerWatch } from './worker-frame.ts'

export function startWorker(
  settings: Settings,
  channel: Channel<AskMessage, AnswerMessage>,
  watch: WorkerWatch,
): Promise<GatewayWorker> {
  switch (settings.role) {
    case 'agency':
      return startGatewayWorker(settings, channel, watch)
    case 'gate':
      return startGateWorker(settings, channel, watch)
  }
}
