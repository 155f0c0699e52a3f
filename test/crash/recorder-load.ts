/** A recorder under load that says each acknowledgement on its standard output, until it is killed or fails. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { systemClock } from '../../src/base/index.ts'
import { RecorderClient, RecorderHost, openRecorder, portChannel } from '../../src/recorder/index.ts'
import type { Recorded } from '../../src/recorder/index.ts'
import { activation, admission, origin, refusal, settlement, signer } from '../../src/recorder/sample-asks.ts'
import { lockDirectory, openSqliteRecorderStore } from '../../src/store/index.ts'
import { sealedMicros } from './life.ts'

const writers = 6
const directory = process.argv[2] ?? ''

function say(exchange: string, { seq, receipt }: Recorded): void {
  writeSync(1, `${JSON.stringify({ exchange, seq, receipt })}\n`)
}

async function write(recorder: RecorderClient, name: string): Promise<never> {
  for (let i = 0; ; i++) {
    const exchange = `ex_${name}_${i}`
    const { id: reservation } = await recorder.reserve('department', 100)
    if (i % 5 === 0) {
      say(exchange, await recorder.refuse(refusal({ exchange, reservation, sealed: sealedMicros(0) })))
      continue
    }
    const sealed = sealedMicros(100)
    say(exchange, await recorder.admit(admission({ exchange, reservation, sealed })))
    const micros = i % 100
    say(exchange, await recorder.settle(settlement({ exchange, micros, sealed: sealedMicros(micros) })))
  }
}

/** Everything that must not go on ends the process at once. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

const lock = lockDirectory(directory)
const opened = await openRecorder({
  store: await openSqliteRecorderStore(join(lock.directory, 'recorder.sqlite')),
  clock: systemClock,
  signer,
  origin,
  directory: join(directory, 'evidence'),
  guardDirectory: join(directory, 'guard'),
})
const host = new RecorderHost({ ...opened, fatal: fail, checkpointEntries: 64, checkpointMs: 20 })
const { port1, port2 } = new MessageChannel()
host.connect(portChannel(port2))
const recorder = new RecorderClient(portChannel(port1))
if ((await recorder.lease()).version === -1) say('', await recorder.activate(activation()))
for (let i = 0; i < writers; i++) write(recorder, `${process.pid}_${i}`).catch(fail)
