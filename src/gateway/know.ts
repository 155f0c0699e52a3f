/** Step 2: everything about an exchange that rules may speak of, from what was registered and signed. */
import type { Clock } from '../base/index.ts'
import { generate, unlisted } from '../agreement/index.ts'
import { classOf, decide, denyBySystem } from '../decision/index.ts'
import type { Approvals, Decision, Facts, JudgedAct, Signals, Stage } from '../decision/index.ts'
import type { CallerIdentity } from '../identity/index.ts'
import type { StandingVersion } from '../recorder/index.ts'
import type { AgreementInForce, Lease, RouteInForce, Standing } from '../standing/index.ts'
import { requireSame } from '../standing/index.ts'
import type { ChatRequest } from './chat/index.ts'

export interface Known {
  readonly exchange: string
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number
  readonly caller: CallerIdentity
  readonly chat: ChatRequest
  /** Id of the hold that the caller says was approved for this call. */
  readonly redeems?: string
  /** What people have approved for exactly this call. */
  readonly approved?: Approved
  readonly origin: string
  /** The version of what stood when it was known: the recorder writes nothing that a later dispute may change. */
  readonly judgedUnder: StandingVersion
  /** The agreement that is applied; null where the caller is registered under none that is in force. */
  readonly inForce: AgreementInForce | null
  /** Null where the caller may not use a route of that name: then the model counts as unlisted. */
  readonly route: RouteInForce | null
}

/** Levels that have approved, and the rules that they were shown: an approval lifts no other. */
export interface Approved {
  readonly levels: Approvals
  readonly rules: ReadonlySet<string>
  /** The levels that these rules asked for. */
  readonly asks: readonly string[]
  /** The signals that they were shown: one more, and nothing of this was approved. */
  readonly signals: Signals
  /** They were shown the tool calls too. Where not, no approval lifts one: nobody has seen its arguments. */
  readonly acts: boolean
}

const noApprovals: Approvals = new Set()

export function know(
  arrival: Pick<Known, 'exchange' | 'arrivedAt' | 'caller' | 'chat' | 'redeems'>,
  standing: Standing,
): Known {
  const ids = arrival.caller.agreements
  const named = standing.routes.get(arrival.chat.model)
  const route = named && ids.includes(named.inForce.agreement.schedule.id) ? named : null
  const first = ids.map((id) => standing.agreements.get(id)).find((found) => found !== undefined)
  const { origin, version: judgedUnder } = standing
  return { ...arrival, origin, judgedUnder, inForce: route?.inForce ?? first ?? null, route }
}

/** What of the facts is the moment's own; the rest is known from the arrival. */
export interface Moment {
  readonly stage: Stage
  readonly committedMicros: number
  /** The class of a tool; without it a model call is meant. */
  readonly action?: string
}

/** This version counts nobody, and who was not counted may be any number: no cap is kept by not looking. */
const uncounted = Number.MAX_SAFE_INTEGER

/** All that the rules may read, now. */
export function factsOf({ route, caller }: Known, moment: Moment, clock: Clock): Facts {
  return {
    action: generate,
    ...moment,
    unit: caller.unit,
    chain: caller.chain,
    purpose: caller.purpose,
    surface: caller.surface,
    consumer: caller.consumer,
    provenance: caller.provenance,
    model: route?.model.id ?? unlisted,
    persons: uncounted,
    time: clock.now(),
  }
}

/** A decision, and exactly what it was made by. */
export interface Judgement {
  readonly decision: Decision
  readonly act: JudgedAct
}

/**
 * Decides by given facts under the agreement that applies, if any does and nobody has stopped it. What people have
 * approved lifts what they were shown; where another rule holds as well, or something else was found, it is held as
 * if nobody had approved.
 */
export function judgeBy({ inForce, approved }: Known, facts: Facts, signals: Signals): Judgement {
  const act = { facts, findings: new Set(signals), approvals: noApprovals }
  if (!inForce) return { decision: denyBySystem('system.no-agreement'), act }
  if (inForce.stops.length > 0) return { decision: denyBySystem('system.order'), act }
  const { prepared } = inForce
  const alone = decide(prepared, facts, signals, noApprovals)
  const wasShown =
    approved &&
    isSeen(approved, facts.stage, signals) &&
    alone.citations.every(({ rule }) => approved.rules.has(rule))
  if (alone.verdict !== 'hold' || !wasShown) return { decision: alone, act }
  const { levels } = approved
  return { decision: decide(prepared, facts, signals, levels), act: { ...act, approvals: levels } }
}

function isSeen(approved: Approved, stage: Stage, signals: Signals): boolean {
  if (stage === 'tool' && !approved.acts) return false
  for (const signal of signals) if (!approved.signals.has(signal)) return false
  return true
}

/** Judges by the facts of this moment. */
export function judgeNow(
  known: Known,
  { signals, ...moment }: Moment & { readonly signals: Signals },
  clock: Clock,
): Judgement {
  return judgeBy(known, factsOf(known, moment, clock), signals)
}

/** The action class that the schedule gives a tool, or `unlisted`. */
export function actionOf(known: Known, tool: string): string {
  return known.inForce ? classOf(known.inForce.agreement.schedule, tool) : unlisted
}

/**
 * Throws `STANDING_STALE` unless the lease is fresh and the exchange's agreement is still the one in force, and
 * `STANDING_STOPPED` where a party has stopped it.
 */
export function requireStanding({ inForce }: Known, lease: Pick<Lease, 'require'>): void {
  const standing = lease.require()
  if (inForce) requireSame(inForce, standing)
}
