/**
 * Entries per second through a recorder in its own thread, as a gateway uses it: 64 writers, each with an intent and
 * an outcome and 2 KB sealed records, beside a bare `node:sqlite` insert loop that commits groups of the same size.
 * Both run in turns, so that noisy neighbours meet both; what counts is the ratio.
 *
 * `node bench/recorder.ts [seconds per turn] [turns]`
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { systemClock } from '../src/base/index.ts'
import { RecorderClient, RecorderHost, openRecorder, portChannel } from '../src/recorder/index.ts'
import { activation, admission, origin, settlement, signer } from '../src/recorder/sample-asks.ts'
import { openSqliteRecorderStore } from '../src/store/index.ts'

const writers = 64
const sealedBytes = 2048
const leafBytes = 420

async function serveRecorder(directory: string): Promise<void> {
  const opened = await openRecorder({
    store: await openSqliteRecorderStore(join(directory, 'recorder.sqlite')),
    clock: systemClock,
    signer,
    origin,
    directory: join(directory, 'evidence'),
    guardDirectory: join(directory, 'guard'),
  })
  const host = new RecorderHost({
    ...opened,
    fatal: (error) => {
      throw error
    },
  })
  parentPort?.once('message', (port: MessagePort) => host.connect(portChannel(port)))
}

async function compare(turnSeconds: number, turns: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-bench-'))
  const thread = new Worker(new URL(import.meta.url), { workerData: directory })
  const { port1, port2 } = new MessageChannel()
  thread.postMessage(port2, [port2])
  const recorder = new RecorderClient(portChannel(port1))
  await recorder.activate(activation())
  const bare = openBare(join(directory, 'bare.sqlite'))
  const results: { readonly recorder: Turn; readonly bare: Turn }[] = []
  for (let turn = 0; turn <= turns; turn++) {
    const result = { recorder: await runRecorder(recorder, turnSeconds), bare: runBare(bare, turnSeconds) }
    // The first turn warms both up.
    if (turn > 0) results.push(result)
  }
  const ratio = median(results.map((result) => result.recorder.perSecond / result.bare.perSecond))
  const line = (name: string, of: readonly Turn[]): string =>
    `${name.padEnd(12)} ${format(median(of.map(({ perSecond }) => perSecond)))} entries/s, ` +
    `commit to answer p50 ${median(of.map(({ p50 }) => p50)).toFixed(2)} ms, p99 ${median(of.map(({ p99 }) => p99)).toFixed(2)} ms`
  console.log(
    line(
      'recorder',
      results.map((result) => result.recorder),
    ),
  )
  console.log(
    line(
      'node:sqlite',
      results.map((result) => result.bare),
    ),
  )
  console.log(
    `ratio        ${ratio.toFixed(2)} (medians of ${turns} turns of ${turnSeconds} s each, in turns)`,
  )
  await thread.terminate()
  port1.close()
  bare.close()
  await rm(directory, { recursive: true })
}

interface Turn {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

function turnOf(entries: number, startedAt: number, waits: number[]): Turn {
  const sorted = waits.sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0
  return { perSecond: (entries * 1000) / (performance.now() - startedAt), p50: at(0.5), p99: at(0.99) }
}

let exchanges = 0

async function runRecorder(recorder: RecorderClient, seconds: number): Promise<Turn> {
  const startedAt = performance.now()
  const sealed = randomBytes(sealedBytes)
  const waits: number[] = []
  async function write(): Promise<void> {
    while (performance.now() - startedAt < seconds * 1000) {
      const exchange = `ex_${String(exchanges++).padStart(22, '0')}`
      const { id: reservation } = await recorder.reserve('department', 100)
      const asked = performance.now()
      await recorder.admit(admission({ exchange, reservation, sealed }))
      const admitted = performance.now()
      await recorder.settle(settlement({ exchange, micros: 1, sealed }))
      waits.push(admitted - asked, performance.now() - admitted)
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return turnOf(waits.length, startedAt, waits)
}

/** One table, one statement, the same bytes for each entry and the same number in each commit. */
function openBare(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE entries (seq INTEGER PRIMARY KEY, time INTEGER, leaf BLOB, sealed BLOB)')
  return database
}

function runBare(database: DatabaseSync, seconds: number): Turn {
  const insert = database.prepare('INSERT INTO entries (time, leaf, sealed) VALUES (?, ?, ?)')
  const [leaf, sealed] = [randomBytes(leafBytes), randomBytes(sealedBytes)]
  const startedAt = performance.now()
  const waits: number[] = []
  let entries = 0
  while (performance.now() - startedAt < seconds * 1000) {
    const began = performance.now()
    database.exec('BEGIN')
    for (let i = 0; i < writers; i++) insert.run(1, leaf, sealed)
    database.exec('COMMIT')
    entries += writers
    waits.push(performance.now() - began)
  }
  return turnOf(entries, startedAt, waits)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function format(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en').padStart(7)
}

if (isMainThread) await compare(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 5))
else await serveRecorder(workerData as string)
