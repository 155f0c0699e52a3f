/** One exchange with everything around it scripted: for tests of what happens in which order, and when it fails. */
import { demoKeyName, signStatement, statementOf } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import type { SampleParts } from '../agreement/sample-agreement.ts'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { CallerIdentity } from '../identity/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { Admission, Recorded, Refusal, Reservation, Settlement } from '../recorder/recorder.ts'
import { wrappingKey } from '../records/index.ts'
import { createScreener } from '../screening/index.ts'
import { RunningExchanges, StandingError } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import { buildStanding } from '../standing/standing.ts'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream/index.ts'
import type { Arrival, ExchangeDeps } from './admitted.ts'
import { parseChatRequest } from './chat/index.ts'
import type { Reply, ReplyHeaders } from './reply.ts'

/** A prohibited text under 4.1 of the sample agreement. */
export const prohibited = 'Track the movements of every citizen in the capital.'
/** A time within the term of the sample agreement. */
export const sampleTime = Date.parse('2026-06-01T12:00:00Z')

export async function envelopeOf(agreement: Agreement): Promise<Json> {
  const { id, parties, term } = agreement.schedule
  const signers = parties.map((party) => signerFromKey(demoKey(demoKeyName(id, party.id))))
  const { payloadType, payload, signatures } = await signStatement(statementOf(agreement, term.from), signers)
  return { payloadType, payload, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) }
}

export async function sampleStanding(parts: SampleParts = {}, version = 1): Promise<Standing> {
  const text = sampleText(parts)
  const envelope = await envelopeOf(requireAgreement(text))
  const activations = [{ seq: version, time: sampleTime, text, envelope, judgedBefore: false }]
  return buildStanding(
    {
      version,
      origin: 'example.org/log',
      activations,
      orders: [],
      disputes: [],
      announced: [],
      reviewers: [],
    },
    sampleTime,
  )
}

export const sampleCaller: CallerIdentity = {
  id: 'a-clerk-of-the-clinic',
  agreements: ['sample'],
  unit: 'clinic',
  chain: [],
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  provenance: ['own'],
}

export function sampleArrival(content: string, fields: Readonly<Record<string, Json>> = {}): Arrival {
  const chat = parseChatRequest({ model: 'general', messages: [{ role: 'user', content }], ...fields })
  return { exchange: 'ex_sample', arrivedAt: sampleTime, caller: sampleCaller, chat }
}

/** Keeps what it is asked, in the order of `events`; an operation named in `failing` rejects. */
export class FakeRecorder {
  readonly failing = new Set<'reserve' | 'admit' | 'refuse' | 'settle'>()
  /** A clause has been disputed: nothing that was judged before comes to its end. */
  superseding = false
  readonly admissions: Admission[] = []
  readonly refusals: Refusal[] = []
  readonly settlements: Settlement[] = []
  readonly open = new Set<number>()
  readonly #events: string[]
  #seq = 0

  constructor(events: string[]) {
    this.#events = events
  }

  reserve(_agreement: string, micros: number): Promise<Reservation> {
    return this.#answer('reserve', () => {
      this.open.add(this.#seq)
      return { id: this.#seq, committedMicros: micros }
    })
  }

  sealed(): Promise<Uint8Array | null> {
    return Promise.resolve(null)
  }

  release(reservation: number): void {
    this.#events.push('release')
    this.open.delete(reservation)
  }

  admit(admission: Admission): Promise<Recorded> {
    return this.#answer('admit', () => {
      this.admissions.push(admission)
      return this.#recorded()
    })
  }

  refuse(refusal: Refusal): Promise<Recorded> {
    return this.#answer('refuse', () => {
      if (refusal.reservation !== undefined) this.open.delete(refusal.reservation)
      this.refusals.push(refusal)
      return this.#recorded()
    })
  }

  settle(settlement: Settlement): Promise<Recorded> {
    if (this.superseding && settlement.leaf.status === 'completed') {
      return Promise.reject(new RecorderError('RECORDER_SUPERSEDED', 'a clause has been disputed'))
    }
    return this.#answer('settle', () => {
      this.open.clear()
      this.settlements.push(settlement)
      return this.#recorded()
    })
  }

  #recorded(): Recorded {
    return { seq: this.#seq, receipt: `receipt-${this.#seq}` }
  }

  /** What is asked counts as done when its promise resolves, a turn of the event loop later. */
  async #answer<T>(op: 'reserve' | 'admit' | 'refuse' | 'settle', act: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.failing.has(op)) {
      this.#events.push(`${op} fails`)
      throw new RecorderError('RECORDER_UNAVAILABLE', 'the disk is full')
    }
    this.#seq++
    this.#events.push(op)
    return act()
  }
}

/** Keeps what the caller is given. */
export class FakeReply implements Reply {
  readonly leaving = new AbortController()
  readonly sent: string[] = []
  status: number | null = null
  headers: ReplyHeaders = {}
  body: Json = null
  started = false
  ended = false
  /** Called before each event goes out. */
  onEvent: () => void | Promise<void> = () => undefined
  readonly #events: string[]

  constructor(events: string[]) {
    this.#events = events
  }

  get gone(): AbortSignal {
    return this.leaving.signal
  }

  /** Everything that has left, as one text. */
  get text(): string {
    return this.sent.join('\n')
  }

  json(status: number, headers: ReplyHeaders, body: Json): void {
    this.#events.push(`json ${status}`)
    Object.assign(this, { status, headers, body, started: true, ended: true })
    this.sent.push(JSON.stringify(body))
  }

  open(headers: ReplyHeaders): void {
    Object.assign(this, { status: 200, headers, started: true })
  }

  async event(data: string): Promise<void> {
    await this.onEvent()
    this.gone.throwIfAborted()
    this.#events.push(data === '[DONE]' ? 'end mark' : 'event')
    this.sent.push(data)
  }

  comment(): Promise<void> {
    return Promise.resolve()
  }

  end(): void {
    this.#events.push('end')
    this.ended = true
  }
}

/** An answer as pieces of bytes, or a failure in their place. */
export type Script = (
  request: UpstreamRequest,
) => Partial<UpstreamResponse> | Promise<Partial<UpstreamResponse>>

export interface Scene {
  readonly events: string[]
  readonly recorder: FakeRecorder
  readonly reply: FakeReply
  readonly running: RunningExchanges
  readonly sent: UpstreamRequest[]
  readonly deps: ExchangeDeps
  /** What is in force; null for a lease that is stale. */
  standing: Standing | null
}

/** Everything that an exchange needs: the decision and the screening are real. */
export function scene(standing: Standing, script: Script, traits: Pick<Upstream, 'asksIntent'> = {}): Scene {
  const events: string[] = []
  const recorder = new FakeRecorder(events)
  const running = new RunningExchanges()
  const sent: UpstreamRequest[] = []
  const upstream: Upstream = {
    kind: 'live',
    ...traits,
    async send(request) {
      events.push('send')
      sent.push(request)
      return { status: 200, contentType: 'text/event-stream', body: pieces(), ...(await script(request)) }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const made: Scene = {
    events,
    recorder,
    running,
    sent,
    reply: new FakeReply(events),
    standing,
    deps: {
      clock: { now: () => sampleTime },
      lease: {
        require() {
          if (!made.standing) throw new StandingError('STANDING_STALE', 'not confirmed')
          return made.standing
        },
        renew: () => Promise.resolve(),
      },
      running,
      recorder,
      screener: createScreener(),
      recordKey: wrappingKey(Buffer.alloc(32, 7)),
      upstreamOf: () => upstream,
      holdMs: 60_000,
      decided: () => undefined,
      committed: () => undefined,
    },
  }
  return made
}

/** Texts as they would come from an upstream; a function is called when its turn comes and may throw. */
export async function* pieces(
  ...texts: readonly (string | (() => void | Promise<void>))[]
): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (typeof text === 'string') yield Buffer.from(text)
    else await text()
  }
}

export function chunkText(delta: Json, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices })}\n\n`
}

export const endOfStream = `${chunkText({}, 'stop')}data: [DONE]\n\n`

export function wholeAnswer(message: Json, finish: Json = 'stop'): Partial<UpstreamResponse> {
  const choices = [{ index: 0, message, finish_reason: finish }]
  return {
    contentType: 'application/json',
    body: pieces(JSON.stringify({ object: 'chat.completion', choices })),
  }
}
