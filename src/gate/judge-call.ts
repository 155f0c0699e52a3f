/** Whether a call may go to the model: by the agency's intent for it, and by what is in force at this gate. */
import { upstreamName } from '../agreement/index.ts'
import { JsonError, isObject, parseJson } from '../base/index.ts'
import type { Clock } from '../base/index.ts'
import type { TurnedAwayReason } from '../ledger/index.ts'
import { intentWindowMs } from '../recorder/index.ts'
import { IntentReceiptError, openIntentReceipt, requireBody } from '../records/index.ts'
import type { VerifiedIntent } from '../records/index.ts'
import type { Lease, RouteInForce, Standing } from '../standing/index.ts'

type Log = Parameters<typeof openIntentReceipt>[1]

/** The gate turns the call away. */
export interface Refusal {
  readonly reason: TurnedAwayReason
  /** Index of the intent that was shown, where the agency's log truly signed it. */
  readonly intent: number | null
}

/** A call that may be served, unless its intent was served before. */
export interface Permit {
  readonly intent: VerifiedIntent
  readonly route: RouteInForce
}

export interface JudgeDeps {
  readonly clock: Clock
  readonly lease: Pick<Lease, 'require'>
}

/** What can be said before the body is there; so whoever has no true intent sends none. */
export function readIntent(header: string | undefined, log: Log): VerifiedIntent | Refusal {
  // untrusted: whoever reaches the gate wrote it.
  if (header === undefined) return { reason: 'missing', intent: null }
  return orRefusal(() => openIntentReceipt(header, log))
}

/**
 * What can be said next without a body: whether its time has passed, or has not come. Throws `STANDING_STALE` where
 * what time it is cannot be known.
 */
export function judgeTime(intent: VerifiedIntent, { clock, lease }: JudgeDeps): Refusal | null {
  lease.require()
  return isInWindow(intent, clock) ? null : { reason: 'expired', intent: intent.index }
}

/**
 * The rest, in the order of `turnedAwayReasons`. Throws `STANDING_STALE` where what is in force or what time it is
 * cannot be known.
 */
export function judgeCall(
  intent: VerifiedIntent,
  body: Uint8Array,
  { clock, lease }: JudgeDeps,
): Permit | Refusal {
  const standing = lease.require()
  const refuse = (reason: TurnedAwayReason): Refusal => ({ reason, intent: intent.index })
  const same = orRefusal(() => {
    requireBody(intent, body)
    return intent
  })
  if (isRefusal(same)) return same
  if (!isInWindow(intent, clock)) return refuse('expired')
  const route = routeOf(intent, standing, clock)
  if (!route || modelNamed(body) !== upstreamName(route.model, route.version)) return refuse('unlisted')
  if (route.inForce.stops.length > 0) return refuse('stopped')
  return { intent, route }
}

function isInWindow({ time }: VerifiedIntent, clock: Clock): boolean {
  return Math.abs(clock.now() - time) <= intentWindowMs
}

export function isRefusal(judged: object): judged is Refusal {
  return 'reason' in judged
}

/** The one word of a body that is read here: behind an address there may be other models than the route's. */
function modelNamed(body: Uint8Array): string | null {
  try {
    const request = parseJson(body)
    const model = isObject(request) ? request['model'] : null
    return typeof model === 'string' ? model : null
  } catch (error) {
    // Two parsers could read it differently, so nobody can say which model it names.
    if (error instanceof JsonError) return null
    throw error
  }
}

/**
 * The route, if the agreement in force here has it, is the text that the agency's gate applied, and is within its
 * term, at the provider that the intent names. Another text may judge otherwise, so neither gate goes on alone.
 */
function routeOf(intent: VerifiedIntent, { routes }: Standing, clock: Clock): RouteInForce | null {
  const found = routes.get(intent.route)
  if (!found || found.model.provider !== intent.provider) return null
  const { schedule, hash } = found.inForce.agreement
  if (hash !== intent.text) return null
  const { term, exclusions } = schedule
  const now = clock.now()
  const isOver = now < term.from || now >= term.until
  const isExcluded = exclusions.some(({ provider }) => provider === intent.provider)
  return isOver || isExcluded ? null : found
}

function orRefusal(read: () => VerifiedIntent): VerifiedIntent | Refusal {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof IntentReceiptError)) throw error
    return { reason: error.code === 'INTENT_FALSE' ? 'false' : 'altered', intent: error.intent }
  }
}
