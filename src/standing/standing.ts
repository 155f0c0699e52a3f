/** What is in force now: the agreements, each from its activation entry, and the routes that belong to them. */
import { compileAgreement, verifyEnvelope } from '../agreement/index.ts'
import type { Agreement, Model, Route } from '../agreement/index.ts'
import { ServandaError, digestOf, messageOf } from '../base/index.ts'
import { prepare } from '../decision/index.ts'
import type { Prepared } from '../decision/index.ts'
import type { ActivatedText, StandingAnswer, StandingVersion } from '../recorder/index.ts'

export type StandingErrorCode =
  /** The lease was not confirmed in time: what is in force is not known. */
  | 'STANDING_STALE'
  /** What the recorder calls in force does not compile, is not signed, or two agreements claim one route. */
  | 'STANDING_INVALID'

export class StandingError extends ServandaError<StandingErrorCode> {
  override readonly name = 'StandingError'
}

export interface AgreementInForce {
  /** Index of its activation entry: what every decision entry names. */
  readonly entry: number
  readonly agreement: Agreement
  readonly prepared: Prepared
  /** Demonstration keys signed it. */
  readonly demo: boolean
}

export interface RouteInForce {
  readonly route: Route
  readonly model: Model
  readonly inForce: AgreementInForce
}

export interface Standing {
  readonly version: StandingVersion
  /** The log's name. */
  readonly origin: string
  readonly agreements: ReadonlyMap<string, AgreementInForce>
  /** By route id. INVARIANT: a route belongs to exactly one agreement. */
  readonly routes: ReadonlyMap<string, RouteInForce>
}

/**
 * Compiles and verifies everything anew, each version against the one before: a worker believes the signatures,
 * not the database. `now` is in milliseconds since the epoch: a version before its effective time is not in force.
 */
export function buildStanding({ version, origin, activations }: StandingAnswer, now: number): Standing {
  const agreements = new Map<string, AgreementInForce>()
  for (const activated of activations) {
    const built = buildAgreement(activated, agreements, now)
    agreements.set(built.agreement.schedule.id, built)
  }
  return { version, origin, agreements, routes: routesOf([...agreements.values()]) }
}

function routesOf(agreements: readonly AgreementInForce[]): Map<string, RouteInForce> {
  const routes = new Map<string, RouteInForce>()
  for (const inForce of agreements) {
    const { id, routes: own, models } = inForce.agreement.schedule
    for (const route of own) {
      const model = models.find((listed) => listed.id === route.model)
      const other = routes.get(route.id)?.inForce.agreement.schedule.id
      if (other !== undefined) invalid(`route \`${route.id}\` is claimed by ${id} and ${other}`)
      if (!model) invalid(`route \`${route.id}\` names no model of its schedule`)
      routes.set(route.id, { route, model, inForce })
    }
  }
  return routes
}

function buildAgreement(
  { seq, text, envelope }: ActivatedText,
  before: ReadonlyMap<string, AgreementInForce>,
  now: number,
): AgreementInForce {
  const { agreement, diagnostics } = compileAgreement(text)
  if (!agreement) {
    const first = diagnostics.find(({ severity }) => severity === 'error')
    return invalid(
      `entry ${seq}: the agreement does not compile: line ${first?.line ?? 0}: ${first?.message ?? ''}`,
    )
  }
  try {
    const verified = verifyEnvelope(agreement, envelope, before.get(agreement.schedule.id)?.agreement)
    if (verified.effective > now)
      invalid(`it takes effect only at ${new Date(verified.effective).toISOString()}`)
    return { entry: seq, agreement, prepared: prepare(agreement), demo: verified.demoParties.length > 0 }
  } catch (cause) {
    return invalid(`entry ${seq}, ${digestOf(text)}: ${messageOf(cause)}`, cause)
  }
}

function invalid(message: string, cause?: unknown): never {
  throw new StandingError('STANDING_INVALID', message, { cause })
}
