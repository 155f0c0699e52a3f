/** Starts the recorder's thread and connects gateways to it. */
import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { ServandaError, messageOf } from '../base/index.ts'
import type { Settings } from './settings.ts'

export type ToRecorder = { readonly kind: 'connect'; readonly port: MessagePort } | { readonly kind: 'close' }
export type FromRecorder =
  | { readonly kind: 'ready' }
  | { readonly kind: 'closed' }
  /** The tiles have to wait because the disk is full; entries are durable. */
  | { readonly kind: 'delayed'; readonly message: string }
  /** It must not go on. The process ends, and the next start recovers. */
  | { readonly kind: 'fatal'; readonly message: string }

export type RecorderProcessErrorCode = 'RECORDER_FAILED'

export class RecorderProcessError extends ServandaError<RecorderProcessErrorCode> {
  override readonly name = 'RecorderProcessError'
}

export interface RecorderProcess {
  /** A new line to the recorder; closing the port tells it that this gateway is gone. */
  connect(): MessagePort
  /** Writes and signs what is left, then ends the thread. */
  close(): Promise<void>
}

export interface RecorderWatch {
  /** After this the recorder answers no more. */
  readonly fatal: (error: Error) => void
  readonly delayed: (message: string) => void
}

/** Resolves when the recorder has recovered and serves; rejects with what kept it from that. */
export function startRecorder(settings: Settings, watch: RecorderWatch): Promise<RecorderProcess> {
  const thread = new Worker(new URL('recorder-thread.ts', import.meta.url), { workerData: settings })
  const post = (message: ToRecorder, transfer: readonly MessagePort[] = []): void =>
    thread.postMessage(message, transfer)
  return new Promise((resolve, reject) => {
    let started = false
    let closing = false
    const fail = (message: string): void => {
      const error = new RecorderProcessError('RECORDER_FAILED', message)
      if (started) watch.fatal(error)
      else reject(error)
    }
    thread.on('error', (error) => fail(messageOf(error)))
    thread.on('exit', (code) => {
      if (!closing) fail(`the recorder's thread ended with code ${code}`)
    })
    thread.on('message', (message: FromRecorder) => {
      if (message.kind === 'fatal') fail(message.message)
      if (message.kind === 'delayed') watch.delayed(message.message)
      if (message.kind !== 'ready') return
      started = true
      resolve({
        connect() {
          const { port1, port2 } = new MessageChannel()
          post({ kind: 'connect', port: port2 }, [port2])
          return port1
        },
        close() {
          closing = true
          return closeThread(thread, post)
        },
      })
    })
  })
}

async function closeThread(thread: Worker, post: (message: ToRecorder) => void): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    thread.on('message', (message: FromRecorder) => {
      if (message.kind === 'closed' || message.kind === 'fatal') resolve()
    })
    thread.on('exit', () => resolve())
  })
  post({ kind: 'close' })
  await closed
  await thread.terminate()
}
