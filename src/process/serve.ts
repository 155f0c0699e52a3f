/** The primary: holds the lock, runs the recorder, and has one gateway in this process or several in their own. */
import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { AggregatorRegistry } from 'prom-client'
import { ServandaError, messageOf } from '../base/index.ts'
import { isRecorderMessage, portChannel } from '../recorder/index.ts'
import type { AnswerMessage, AskMessage } from '../recorder/index.ts'
import { lockDirectory } from '../store/index.ts'
import { startControl } from './control.ts'
import { requireInitialised } from './initialise.ts'
import { watchLevels } from './levels-watch.ts'
import { startRecorder } from './recorder-process.ts'
import type { RecorderProcess } from './recorder-process.ts'
import { startWorker } from './start-worker.ts'
import { settingsVariable } from './worker-messages.ts'
import type { FromWorker, Ready, ToWorker } from './worker-messages.ts'
import type { Settings } from './settings.ts'

export type ServeErrorCode = 'SERVE_FAILED'

export class ServeError extends ServandaError<ServeErrorCode> {
  override readonly name = 'ServeError'
}

export interface Serving extends Ready {
  /** Rejects with the failure that ended the gateway; never resolves. */
  readonly failed: Promise<never>
  close(): Promise<void>
}

export interface ServeLog {
  readonly warn: (message: string) => void
}

/** A worker that dies is replaced after so long, so that a fault at start does not spin. */
const replaceMs = 1000

/**
 * Serves until closed. Rejects with a clear message when the data directory is in use or damaged, when nothing
 * valid is in force, or when the port cannot be had; nothing keeps running then.
 */
export async function serve(settings: Settings, log: ServeLog): Promise<Serving> {
  requireInitialised(settings)
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  // Whoever serves watches `failed`; until then a failure must not end the process by itself.
  failed.catch(() => undefined)
  await using opened = new AsyncDisposableStack()
  opened.use(lockDirectory(settings.data))
  const recorder = await startRecorder(settings, {
    fatal: fail,
    delayed: (message) => log.warn(`the evidence is published late: ${message}`),
  })
  opened.defer(() => recorder.close())
  // Before any call: reviewers are enrolled and orders taken from the first moment on.
  const control = await startControl(settings, recorder, { role: settings.role, warn: log.warn })
  opened.defer(() => control.close())
  // A provider's gate holds nothing.
  if (settings.role === 'agency') opened.use(await watchLevels(recorder, control.standing, log.warn))
  const gateways =
    settings.workers === 1 ? await inProcess(settings, recorder, log) : await forked(settings, recorder, log)
  opened.defer(() => gateways.close())
  const owned = opened.move()
  return { ...gateways, failed, close: () => owned.disposeAsync() }
}

type Gateways = Ready & { close(): Promise<void> }

async function inProcess(settings: Settings, recorder: RecorderProcess, log: ServeLog): Promise<Gateways> {
  const port = recorder.connect()
  const worker = await startWorker(settings, portChannel(port), { fault: (text) => log.warn(text) })
  return {
    ...worker.ready,
    async close() {
      await worker.close()
      port.close()
    },
  }
}

async function forked(settings: Settings, recorder: RecorderProcess, log: ServeLog): Promise<Gateways> {
  const metrics = new AggregatorRegistry()
  let closing = false
  // All workers, the later ones too, listen at one port, which port 0 does not promise.
  const port = settings.port === 0 ? await freePort(settings.host) : settings.port
  const start = (): Promise<Ready> => {
    const worker = cluster.fork({ [settingsVariable]: JSON.stringify({ ...settings, port }) })
    connect(worker, recorder)
    // What is sent to a worker that has just died cannot arrive; its exit says the rest.
    worker.on('error', (error) => {
      if (!closing) log.warn(`a worker cannot be reached: ${error.message}`)
    })
    worker.on('message', (message: unknown) => void answerWorker(worker, message, { metrics, log }))
    return untilReady(worker)
  }
  cluster.setupPrimary({ serialization: 'advanced' })
  cluster.on('exit', () => {
    if (closing) return
    log.warn('a worker ended; another takes its place')
    setTimeout(() => {
      if (!closing) start().catch((error: unknown) => log.warn(messageOf(error)))
    }, replaceMs)
  })
  const close = async (): Promise<void> => {
    closing = true
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(workers.map(endWorker))
  }
  try {
    // The first alone: what keeps it from starting keeps all of them.
    const ready = await start()
    await Promise.all(Array.from({ length: settings.workers - 1 }, start))
    return { ...ready, port, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer()
  await once(server.listen(0, host), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

/** Carries messages between a worker's pipe and the recorder's thread, and tells the recorder when it dies. */
function connect(worker: Worker, recorder: RecorderProcess): void {
  const port = recorder.connect()
  worker.on('message', (message: unknown) => {
    if (isRecorderMessage<AskMessage>(message)) port.postMessage(message.recorder)
  })
  port.on('message', (messages: readonly AnswerMessage[]) => {
    if (worker.isConnected()) worker.send({ recorder: messages })
  })
  worker.on('exit', () => port.close())
}

function untilReady(worker: Worker): Promise<Ready> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') resolve(message)
      if (message.kind === 'failed') reject(new ServeError('SERVE_FAILED', message.message))
    })
    worker.on('exit', (code) => reject(new ServeError('SERVE_FAILED', `a worker ended with code ${code}`)))
  })
}

async function answerWorker(
  worker: Worker,
  message: unknown,
  {
    metrics,
    log,
  }: {
    readonly metrics: { clusterMetrics(): Promise<string> }
    readonly log: ServeLog
  },
): Promise<void> {
  const asked = message as FromWorker
  if (asked.kind === 'fault') log.warn(asked.message)
  if (asked.kind === 'metrics') {
    // A worker that dies or hangs keeps the sum from being made; whoever asked is told, and so is the operator.
    const text = await metrics.clusterMetrics().catch((error: unknown) => {
      log.warn(`the counters of the workers cannot be added up: ${messageOf(error)}`)
      return null
    })
    if (worker.isConnected()) worker.send({ kind: 'metrics', id: asked.id, text } satisfies ToWorker)
  }
}

/** Past the time that a worker takes to end all that it runs. */
const endMs = 10_000

function endWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return Promise.resolve()
  return new Promise((resolve) => {
    const late = setTimeout(() => worker.process.kill('SIGKILL'), endMs)
    worker.on('exit', () => {
      clearTimeout(late)
      resolve()
    })
    if (worker.isConnected()) worker.send({ kind: 'close' } satisfies ToWorker)
  })
}
