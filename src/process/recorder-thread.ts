/** The recorder's own thread: nothing that a gateway does holds up a commit, and nobody else writes. */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, systemClock } from '../base/index.ts'
import { RecorderHost, openRecorder, portChannel } from '../recorder/index.ts'
import { openSqliteRecorderStore } from '../store/index.ts'
import { originOf, readLogSigner, writeVkey } from './key-files.ts'
import { placesOf } from './places.ts'
import type { FromRecorder, ToRecorder } from './recorder-process.ts'
import { requireSigned } from './require-signed.ts'
import type { Settings } from './settings.ts'

const tell = (message: FromRecorder): void => parentPort?.postMessage(message)

async function run(settings: Settings): Promise<void> {
  const places = placesOf(settings)
  const signer = readLogSigner(places)
  const store = await openSqliteRecorderStore(places.database)
  const { sequencer, publisher } = await openRecorder({
    store,
    signer,
    clock: systemClock,
    origin: originOf(settings, signer),
    role: settings.role,
    directory: places.evidence,
    guardDirectory: places.guard,
    requireSigned,
    delayed: (message) => tell({ kind: 'delayed', message }),
  })
  writeVkey(settings, places, signer)
  const host = new RecorderHost({
    sequencer,
    publisher,
    fatal: (error) => tell({ kind: 'fatal', message: messageOf(error) }),
  })
  parentPort?.on('message', (message: ToRecorder) => {
    if (message.kind === 'connect') host.connect(portChannel(message.port))
    else void close(host, store)
  })
  tell({ kind: 'ready' })
}

async function close(host: AsyncDisposable, store: AsyncDisposable): Promise<void> {
  try {
    await host[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    tell({ kind: 'closed' })
  } catch (error) {
    tell({ kind: 'fatal', message: messageOf(error) })
  }
}

run(workerData as Settings).catch((error: unknown) => tell({ kind: 'fatal', message: messageOf(error) }))
