/** A provider's gate over a real recorder, before a model that does what a test tells it to. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { demoKeyName, signOrder, signStatement, statementOf } from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKey, digestOf, newId, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { parseLeaf } from '../ledger/index.ts'
import type { Leaf, ServedStatus } from '../ledger/index.ts'
import { RecorderClient, RecorderHost, openRecorder, portChannel } from '../recorder/index.ts'
import { MemoryRows, MemoryStore } from '../recorder/memory-store.ts'
import { HeldClock, origin, signer } from '../recorder/sample-asks.ts'
import { temporaryDirectory } from '../recorder/temporary-directory.ts'
import { sampleBody, sampleLog, sampleTime } from '../records/sample-intent.ts'
import { Lease, RunningExchanges, endChanged } from '../standing/index.ts'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream/index.ts'
import { createGate, createGateMetrics, defaultGateLimits, TurnedAway } from './index.ts'
import type { GateLimits } from './index.ts'

/** In force at the gate. */
export const agreement = requireAgreement(sampleText())
const partySigner = (party: string) => signerFromKey(demoKey(demoKeyName(agreement.schedule.id, party)))

async function signedAgreement(): Promise<Json> {
  const { parties, term } = agreement.schedule
  const statement = statementOf(agreement, term.from)
  return {
    ...(await signStatement(
      statement,
      parties.map(({ id }) => partySigner(id)),
    )),
  } as unknown as Json
}

/** What the model answers. */
export type Play = (request: UpstreamRequest) => Promise<UpstreamResponse>

export function answer(pieces: readonly string[], contentType = 'application/json'): UpstreamResponse {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      await Promise.resolve()
      yield Buffer.from(piece)
    }
  }
  return { status: 200, contentType, body: body() }
}

export interface SampleGate extends AsyncDisposable {
  readonly url: string
  readonly clock: HeldClock
  readonly store: MemoryStore
  readonly lease: Lease
  /** What the model was asked. */
  readonly asked: UpstreamRequest[]
  readonly faults: unknown[]
  play: Play
  entries(): readonly Leaf[]
  /** The provider orders a stop. */
  stop(): Promise<void>
  metrics(): Promise<string>
}

interface Recording {
  readonly store: MemoryStore
  readonly clock: HeldClock
  readonly recorder: RecorderClient
  readonly running: RunningExchanges
  readonly lease: Lease
}

/** A real recorder for the log of a gate, with the sample agreement in force, and a lease on it. */
async function openRecording(opened: AsyncDisposableStack): Promise<Recording> {
  const directory = opened.use(await temporaryDirectory())
  const store = new MemoryStore(new MemoryRows())
  const clock = new HeldClock()
  clock.time = sampleTime
  const recording = await openRecorder({
    store,
    clock,
    signer,
    origin,
    role: 'gate',
    directory: join(directory.path, 'evidence'),
    guardDirectory: join(directory.path, 'guard'),
  })
  // No test here breaks the recorder: where it fails for good, closing it rejects, and so does the test.
  const fatal = (): void => undefined
  const host = new RecorderHost({ ...recording, checkpointMs: 1_000_000, fatal })
  opened.use(host)
  const { port1, port2 } = new MessageChannel()
  host.connect(portChannel(port2))
  opened.defer(() => port1.close())
  const recorder = new RecorderClient(portChannel(port1))
  const envelope = await signedAgreement()
  const { id, version } = agreement.schedule
  const leaf = { kind: 'activation', agreement: id, version, hash: agreement.hash, envelope } as const
  await recorder.activate({ leaf, text: agreement.text, judgedUnder: -1, notBefore: 0 })
  const running = new RunningExchanges()
  const lease = opened.use(
    await Lease.open({
      recorder,
      clock: { now: () => 0 },
      wallClock: clock,
      changed: (before, now) => void endChanged(running, before, now),
    }),
  )
  return { store, clock, recorder, running, lease }
}

/** The provider orders; resolves when that is durable and this worker acts on it. */
async function stop({ recorder, lease }: Recording): Promise<void> {
  const order: Order = {
    v: 1,
    order: 'stop',
    id: newId('order'),
    agreement: agreement.schedule.id,
    text: agreement.hash,
    reason: digestOf('a reason'),
    lifts: [],
    issued: new Date(sampleTime).toISOString(),
  }
  const envelope = { ...(await signOrder(order, [partySigner('provider')])) } as unknown as Json
  await recorder.note({ kind: 'order', order: 'stop', id: order.id, agreement: 1, lifts: [], envelope })
  await lease.renew()
}

export async function openSampleGate(limits: Partial<GateLimits> = {}): Promise<SampleGate> {
  await using opened = new AsyncDisposableStack()
  const recording = await openRecording(opened)
  const { recorder, running, lease, store, clock } = recording
  const all = { ...defaultGateLimits, ...limits }
  const metrics = createGateMetrics(() => running.size)
  const faults: unknown[] = []
  const failed = (): void => undefined
  const turnedAway = opened.use(new TurnedAway({ recorder, waitingMax: all.refusedWaitingMax, failed }))
  const asked: UpstreamRequest[] = []
  const model: Upstream = {
    kind: 'live',
    send(request) {
      asked.push(request)
      return gate.play(request)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const ended = (status: ServedStatus): void => metrics.ended(status)
  const app = createGate({
    agencyLog: sampleLog,
    lease,
    limits: all,
    turnedAway,
    metrics,
    metricsText: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    fault: (error) => faults.push(error),
    serve: { clock: lease, lease, running, recorder, upstreamOf: () => model, ended },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  opened.defer(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  const owned = opened.move()
  const gate: SampleGate = {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    clock,
    store,
    lease,
    asked,
    faults,
    play: () => Promise.resolve(answer(['{"id":"chatcmpl-1"}'])),
    entries: () => store.rows.entries.map(({ leaf }) => parseLeaf(leaf)),
    stop: () => stop(recording),
    metrics: () => metrics.registry.metrics(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return gate
}

export interface CallOptions {
  readonly intent?: string | string[]
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** The answer ended as HTTP says that it ends, and was not broken off. */
  readonly whole: boolean
}

/** One call, byte for byte, as an agency's gate makes it. */
export async function call({ url }: Pick<SampleGate, 'url'>, options: CallOptions = {}): Promise<Answered> {
  const response = await callOpen({ url }, options)
  let text = ''
  response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  // Not `once`, which rejects where the connection is broken off.
  await new Promise<void>((resolve) => response.on('close', () => resolve()))
  return { status: response.statusCode ?? 0, headers: response.headers, text, whole: response.complete }
}

/** The same, to the moment when status and headers are there. */
export async function callOpen(
  { url }: Pick<SampleGate, 'url'>,
  { intent, body = sampleBody, headers = {} }: CallOptions = {},
): Promise<IncomingMessage> {
  const sent = httpRequest(`${url}/v1/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      ...(intent === undefined ? {} : { 'servanda-intent': intent }),
      ...headers,
    },
  })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  // A connection that is broken off says so by `complete`.
  response.on('error', () => undefined)
  return response
}
