/** What an exchange is made of, and what it needs: shared by the steps, which are files of their own. */
import type { Schedule } from '../agreement/index.ts'
import type { Clock } from '../base/index.ts'
import type { Decision, JudgedActs } from '../decision/index.ts'
import type { CallerIdentity } from '../identity/index.ts'
import type { Recorded, Recorder } from '../recorder/index.ts'
import type { RecordedIntent, WrappingKey } from '../records/index.ts'
import type { Screener, Screening } from '../screening/index.ts'
import type { Lease, RouteInForce, RunningExchanges } from '../standing/index.ts'
import type { Upstream } from '../upstream/index.ts'
import type { JudgedChoice } from './answer-judge.ts'
import type { ChatRequest } from './chat/index.ts'
import type { Known } from './know.ts'

/** A request that has arrived: authenticated and parsed into typed parts (step 1, see server.ts). */
export interface Arrival {
  readonly exchange: string
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number
  readonly caller: CallerIdentity
  readonly chat: ChatRequest
  /** The hold that the caller wants to redeem with this call. */
  readonly redeems?: string
}

export interface ExchangeDeps {
  readonly clock: Clock
  readonly lease: Pick<Lease, 'require' | 'renew'>
  readonly running: Pick<RunningExchanges, 'start'>
  readonly screener: Pick<Screener, 'screen' | 'open' | 'versions'>
  readonly recorder: Pick<Recorder, 'reserve' | 'release' | 'admit' | 'refuse' | 'settle' | 'sealed'>
  readonly recordKey: WrappingKey
  readonly upstreamOf: (route: RouteInForce) => Upstream
  /** How long a hold waits for people. */
  readonly holdMs: number
  /** Told of every decision, for the counters. */
  readonly decided: (decision: Decision) => void
  /** Told with every intent what is committed under its agreement then. */
  readonly committed: (schedule: Schedule, committedMicros: number) => void
}

/** An exchange whose intent is durable: what the answer is judged and settled against. */
export interface Admitted {
  readonly known: Known
  readonly route: RouteInForce
  readonly screening: Screening
  readonly decision: Decision
  /** What it was decided by. */
  readonly judged: JudgedActs
  readonly sent: Uint8Array
  readonly sentDigest: string
  readonly worstCase: number
  readonly committedMicros: number
  readonly intent: Recorded
  /** What a provider's gate is shown of the intent. */
  readonly shown: RecordedIntent
  /** The answer that was held and is now given out: no model is called. */
  readonly held: readonly JudgedChoice[] | null
}

/** Headers that every answer of an exchange carries. */
export function exchangeHeaders(
  { exchange, inForce }: Known,
  receipt: string,
  hold?: string,
): Record<string, string> {
  const schedule = inForce?.agreement.schedule
  return {
    'servanda-exchange': exchange,
    'servanda-receipt': receipt,
    ...(schedule ? { 'servanda-agreement': `${schedule.id}@${schedule.version}` } : {}),
    ...(hold ? { 'servanda-hold': hold } : {}),
  }
}
