/** What is in force now: the agreements, each from its activation entry, and the routes that belong to them. */
import {
  compileAgreement,
  requireInForceAt,
  verifyDispute,
  verifyEnvelope,
  verifyOrder,
} from '../agreement/index.ts'
import type {
  Agreement,
  Model,
  ModelVersion,
  Route,
  VerifiedDispute,
  VerifiedOrder,
} from '../agreement/index.ts'
import { ServandaError, canonicalJson, digestOf, messageOf } from '../base/index.ts'
import { prepare } from '../decision/index.ts'
import type { Prepared } from '../decision/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import type {
  ActivatedText,
  RecordedAnnouncement,
  RecordedDispute,
  RecordedOrder,
  StandingAnswer,
  StandingVersion,
} from '../recorder/index.ts'
import { actingUnder, openDisputes } from './disputes.ts'
import type { OpenDispute } from './disputes.ts'
import { madeKnownAt, pendingOf } from './pending.ts'
import type { PendingAmendment } from './pending.ts'
import { EntryVerifier } from './verified-entries.ts'
import type { VerifiedEntries } from './verified-entries.ts'

export type StandingErrorCode =
  /** The lease was not confirmed in time: what is in force is not known. */
  | 'STANDING_STALE'
  /** A party has ordered that the use of the agreement stops. */
  | 'STANDING_STOPPED'
  /** What the recorder calls in force does not compile, is not signed, or two agreements claim one route; or an order
   * or a dispute is none that its parties could give. */
  | 'STANDING_INVALID'

export class StandingError extends ServandaError<StandingErrorCode> {
  override readonly name = 'StandingError'
}

export interface AgreementInForce {
  /** Index of its activation entry: what every decision entry names. */
  readonly entry: number
  /** How it acts: as it was signed, but for the clauses that are in dispute. */
  readonly agreement: Agreement
  /** As it was signed. */
  readonly signed: Agreement
  readonly prepared: Prepared
  /** Demonstration keys signed it. */
  readonly demo: boolean
  /** Ids of the stop orders that no resume has lifted. While there is one, nothing passes. */
  readonly stops: readonly string[]
  /** Disputes about its clauses that no version has settled: the stricter readings act. */
  readonly disputes: readonly OpenDispute[]
}

export interface RouteInForce {
  readonly route: Route
  readonly model: Model
  /** The version of that model, where the route names one. */
  readonly version?: ModelVersion
  readonly inForce: AgreementInForce
}

export interface Standing {
  readonly version: StandingVersion
  /** The log's name. */
  readonly origin: string
  readonly agreements: ReadonlyMap<string, AgreementInForce>
  /** By route id. INVARIANT: a route belongs to exactly one agreement. */
  readonly routes: ReadonlyMap<string, RouteInForce>
  /** Who may decide about holds. */
  readonly reviewers: readonly EnrolledReviewer[]
  /** Amendments that were made known to what is in force. */
  readonly pending: readonly PendingAmendment[]
  /** Every version there ever was, by its activation entry, as it was read; for the next reading. */
  readonly read: ReadonlyMap<number, ReadVersion>
  readonly readOrders: VerifiedEntries<VerifiedOrder>
  readonly readDisputes: VerifiedEntries<VerifiedDispute>
}

/** One activated version, compiled and verified. */
interface ReadVersion extends Pick<AgreementInForce, 'entry' | 'agreement' | 'prepared' | 'demo'> {
  readonly activated: ActivatedText
}

/**
 * Compiles and verifies everything, each version against the one before, with what must be between them, and each
 * order against the version it is about: a worker believes the signatures, not the database. What `before` has read is
 * not read again where the recorder still says the same of it, so that an order acts within milliseconds. `now` is in
 * milliseconds since the epoch: a version before its effective time is not in force. Throws `STANDING_INVALID`.
 */
export function buildStanding(answer: StandingAnswer, now: number, before?: Standing): Standing {
  const { version, origin, activations, orders, announced, reviewers } = answer
  const read = new Map<number, ReadVersion>()
  const newest = new Map<string, ReadVersion>()
  for (const activated of activations) {
    const known = before?.read.get(activated.seq)
    const one =
      known && isSame(known.activated, activated) ? known : readVersion(activated, { newest, announced, now })
    read.set(activated.seq, one)
    newest.set(one.agreement.schedule.id, one)
  }
  const orderVerifier = new EntryVerifier(verifyOrder, before?.readOrders)
  const disputeVerifier = new EntryVerifier(verifyDispute, before?.readDisputes)
  const stops = stopsOf(orders, read, orderVerifier)
  const disputes = disputesOf(answer.disputes, read, disputeVerifier)
  const agreements = new Map(
    [...newest].map(([id, { entry, agreement: signed, demo }]): [string, AgreementInForce] => {
      const open = disputes.get(id) ?? []
      const agreement = actingOf(signed, open, before?.agreements.get(id))
      const prepared = prepare(agreement)
      const stopped = [...(stops.get(id) ?? [])]
      return [id, { entry, agreement, signed, prepared, demo, stops: stopped, disputes: open }]
    }),
  )
  const inForce = [...agreements.values()]
  const pending = pendingOf(announced, inForce)
  return {
    ...{ version, origin, agreements, routes: routesOf(inForce), reviewers, pending, read },
    readOrders: orderVerifier.verified,
    readDisputes: disputeVerifier.verified,
  }
}

function isSame(a: ActivatedText, b: ActivatedText): boolean {
  return (
    a.seq === b.seq &&
    a.time === b.time &&
    a.announced === b.announced &&
    a.judgedBefore === b.judgedBefore &&
    a.text === b.text &&
    canonicalJson(a.envelope) === canonicalJson(b.envelope)
  )
}

/** The stop orders that stand, by agreement. A resume that lifts what does not stand was never carried out. */
function stopsOf(
  orders: readonly RecordedOrder[],
  read: ReadonlyMap<number, ReadVersion>,
  verifier: EntryVerifier<VerifiedOrder>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const stops = new Map<string, Set<string>>()
  for (const recorded of orders) {
    const { seq } = recorded
    const about = read.get(recorded.agreement) ?? invalid(`entry ${seq}: the order names no activation`)
    const { order } = readOrder(recorded, about.agreement, verifier)
    const open = stops.get(order.agreement) ?? new Set()
    stops.set(order.agreement, open)
    if (order.order === 'stop') open.add(order.id)
    for (const id of order.lifts) if (!open.delete(id)) invalid(`entry ${seq}: no stop \`${id}\` is in force`)
  }
  return stops
}

function disputesOf(
  disputes: readonly RecordedDispute[],
  read: ReadonlyMap<number, ReadVersion>,
  verifier: EntryVerifier<VerifiedDispute>,
): ReadonlyMap<string, readonly OpenDispute[]> {
  try {
    return openDisputes(disputes, read, verifier)
  } catch (cause) {
    return invalid(messageOf(cause), cause)
  }
}

function actingOf(signed: Agreement, open: readonly OpenDispute[], before?: AgreementInForce): Agreement {
  try {
    return actingUnder(signed, open, before)
  } catch (cause) {
    return invalid(`a dispute stands that no amendment has settled: ${messageOf(cause)}`, cause)
  }
}

function readOrder(
  recorded: RecordedOrder,
  about: Agreement,
  verifier: EntryVerifier<VerifiedOrder>,
): VerifiedOrder {
  try {
    return verifier.read(recorded, about)
  } catch (cause) {
    return invalid(`entry ${recorded.seq}: ${messageOf(cause)}`, cause)
  }
}

/**
 * Throws `STANDING_STOPPED` where a stop order is in force over this agreement, and `STANDING_STALE` where another
 * version of it is, or a clause of it has been disputed since.
 */
export function requireSame(
  { entry, agreement, disputes }: Pick<AgreementInForce, 'entry' | 'agreement' | 'disputes'>,
  now: Standing,
): void {
  const { id } = agreement.schedule
  const current = now.agreements.get(id)
  if (current && current.stops.length > 0) {
    throw new StandingError('STANDING_STOPPED', `a stop order is in force over ${id}`)
  }
  if (current?.entry !== entry) {
    throw new StandingError('STANDING_STALE', `another version of ${id} has come into force`)
  }
  if (current.disputes.some((open) => !disputes.some((known) => known.entry === open.entry))) {
    throw new StandingError('STANDING_STALE', `a clause of ${id} has been disputed`)
  }
}

function routesOf(agreements: readonly AgreementInForce[]): Map<string, RouteInForce> {
  const routes = new Map<string, RouteInForce>()
  for (const inForce of agreements) {
    const { id, routes: own, models, versions } = inForce.agreement.schedule
    for (const route of own) {
      const model = models.find((listed) => listed.id === route.model)
      const other = routes.get(route.id)?.inForce.agreement.schedule.id
      if (other !== undefined) invalid(`route \`${route.id}\` is claimed by ${id} and ${other}`)
      if (!model) invalid(`route \`${route.id}\` names no model of its schedule`)
      const version = versions.find((listed) => listed.id === route.version && listed.model === model.id)
      if (route.version !== undefined && !version) {
        invalid(`route \`${route.id}\` names no version of its model`)
      }
      routes.set(route.id, { route, model, inForce, ...(version ? { version } : {}) })
    }
  }
  return routes
}

interface Reading {
  /** The newest version of each agreement so far. */
  readonly newest: ReadonlyMap<string, ReadVersion>
  readonly announced: readonly RecordedAnnouncement[]
  readonly now: number
}

function readVersion(activated: ActivatedText, { newest, announced, now }: Reading): ReadVersion {
  const { seq, time, text, envelope, judgedBefore } = activated
  const { agreement, diagnostics } = compileAgreement(text)
  if (!agreement) {
    const first = diagnostics.find(({ severity }) => severity === 'error')
    return invalid(
      `entry ${seq}: the agreement does not compile: line ${first?.line ?? 0}: ${first?.message ?? ''}`,
    )
  }
  try {
    const before = newest.get(agreement.schedule.id)
    const verified = verifyEnvelope(agreement, envelope, before?.agreement)
    const announcedAt = madeKnownAt(activated, before?.entry, announced)
    if (announcedAt === null) return invalid('the entry that it names made another amendment known')
    // A clock that was set back is no reason to act before the time that was signed.
    requireInForceAt(verified, before?.agreement, { at: Math.min(time, now), announcedAt, judgedBefore })
    const demo = verified.demoParties.length > 0
    return { entry: seq, agreement, prepared: prepare(agreement), demo, activated }
  } catch (cause) {
    return invalid(`entry ${seq}, ${digestOf(text)}: ${messageOf(cause)}`, cause)
  }
}

function invalid(message: string, cause?: unknown): never {
  throw new StandingError('STANDING_INVALID', message, { cause })
}
