/** One run of a life over a directory: `live.ts <directory> <agency|gate> <run> [recover]`. */
import { join } from 'node:path'
import type { Signer } from '../../src/base/index.ts'
import type { TreeHead } from '../../src/ledger/index.ts'
import { RecorderHost, openRecorder } from '../../src/recorder/index.ts'
import { origin, signer } from '../../src/recorder/sample-asks.ts'
import { lockDirectory, openSqliteRecorderStore } from '../../src/store/index.ts'
import { connectTo, say, since } from './life.ts'
import { liveAsAgency } from './life-of-agency.ts'
import { liveAsGate } from './life-of-gate.ts'

const [directory = '', role = '', run = '', only] = process.argv.slice(2)
if (role !== 'agency' && role !== 'gate') throw new Error(`\`${role}\` is no role`)

let aheadMs = 0
const start = performance.now()
const clock = { now: () => since + Math.floor(performance.now() - start) + aheadMs }

/** Says first what it is going to sign. */
const telling: Signer = {
  ...signer,
  sign(bytes) {
    say({ said: 'signing', bytes: Buffer.from(bytes).toString('base64') })
    return signer.sign(bytes)
  },
}

function fail(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

const lock = lockDirectory(directory)
await using store = await openSqliteRecorderStore(join(lock.directory, 'recorder.sqlite'))
const opened = await openRecorder({
  ...{ store, clock, signer: telling, origin, role },
  directory: join(directory, 'evidence'),
  guardDirectory: join(directory, 'guard'),
})

async function live(): Promise<void> {
  const { publisher, sequencer } = opened
  // Checkpoints come where the life asks for them, and not where the host does, so that two runs write alike.
  const never = { checkpointEntries: 1_000_000, checkpointMs: 600_000 }
  let over = false
  const atTheEnd = {
    size: publisher.size,
    publish: async (head: TreeHead): Promise<void> => {
      if (over) await publisher.publish(head)
    },
  }
  await using host = new RecorderHost({ sequencer, ...never, publisher: atTheEnd, fatal: fail })
  let publishing = Promise.resolve()
  const publish = (): void => {
    const head = sequencer.head()
    publishing = publishing.then(() => publisher.publish(head))
    publishing.catch(fail)
  }
  const pass = (ms: number): void => {
    aheadMs += ms
    sequencer.tick()
  }
  const { recorder, leave } = connectTo(host)
  const life = { run, now: clock.now, recorder, connect: () => connectTo(host), pass, publish }
  await (role === 'agency' ? liveAsAgency(life) : liveAsGate(life))
  await leave()
  await publishing
  over = true
}

if (only !== 'recover') await live()
