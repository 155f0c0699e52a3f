/** What is in force now: the agreements, each from its activation entry, and the routes that belong to them. */
import { compileAgreement, verifyEnvelope } from '../agreement/index.ts'
import type { Agreement, Model, Route } from '../agreement/index.ts'
import { ServandaError, digestOf, messageOf, utf8 } from '../base/index.ts'
import { prepare } from '../decision/index.ts'
import type { Prepared } from '../decision/index.ts'
import type { InForce, StandingAnswer, StandingVersion } from '../recorder/index.ts'

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

/** Compiles and verifies everything anew: a worker believes the signatures, not the database. */
export function buildStanding({ version, origin, inForce }: StandingAnswer): Standing {
  const agreements = new Map<string, AgreementInForce>()
  const routes = new Map<string, RouteInForce>()
  for (const row of inForce) {
    const built = buildAgreement(row)
    const { schedule } = built.agreement
    agreements.set(schedule.id, built)
    for (const route of schedule.routes) {
      const model = schedule.models.find(({ id }) => id === route.model)
      const other = routes.get(route.id)
      if (other)
        invalid(
          `route \`${route.id}\` is claimed by ${schedule.id} and ${other.inForce.agreement.schedule.id}`,
        )
      if (!model) invalid(`route \`${route.id}\` names no model of its schedule`)
      routes.set(route.id, { route, model, inForce: built })
    }
  }
  return { version, origin, agreements, routes }
}

function buildAgreement({ seq, text, envelope }: InForce): AgreementInForce {
  const { agreement, diagnostics } = compileAgreement(text)
  if (!agreement) {
    const first = diagnostics[0]
    return invalid(
      `entry ${seq}: the agreement does not compile: line ${first?.line ?? 0}: ${first?.message ?? ''}`,
    )
  }
  try {
    const { demo } = verifyEnvelope(agreement, envelope)
    return { entry: seq, agreement, prepared: prepare(agreement), demo }
  } catch (cause) {
    return invalid(`entry ${seq}, ${digestOf(utf8(text))}: ${messageOf(cause)}`, cause)
  }
}

function invalid(message: string, cause?: unknown): never {
  throw new StandingError('STANDING_INVALID', message, { cause })
}
