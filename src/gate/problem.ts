/** Refusals and failures → responses, all of them, in the error shape of the OpenAI dialect. */
import type { Json } from '../base/index.ts'
import { InvariantError } from '../base/index.ts'
import { ReplyError } from '../http/index.ts'
import type { TurnedAwayReason } from '../ledger/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'

/** Codes of `error.code` in an answer of a provider's gate; stable, listed in docs/errors.md. */
export type GateErrorCode =
  | 'turned_away'
  | 'stopped_by_order'
  | 'model_failed'
  | 'not_found'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'invalid_request'
  | 'overloaded'
  | 'standing_unknown'
  | 'ledger_unavailable'
  | 'internal'

export interface GateProblem {
  readonly status: number
  readonly code: GateErrorCode
  readonly message: string
}

export const problems = {
  notFound: {
    status: 404,
    code: 'not_found',
    message: 'this gate serves POST /v1/chat/completions and nothing else',
  },
  notJson: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'the body must be `application/json`, uncompressed',
  },
  tooLarge: { status: 413, code: 'body_too_large', message: 'the body is larger than this gate takes' },
  broken: {
    status: 400,
    code: 'invalid_request',
    message: 'the body does not have the length it announces',
  },
  overloaded: {
    status: 503,
    code: 'overloaded',
    message: 'the gate has no room for more at the moment',
  },
  stopped: {
    status: 403,
    code: 'stopped_by_order',
    message: 'a party to the agreement has ordered that its use stops',
  },
  standing: {
    status: 503,
    code: 'standing_unknown',
    message: 'what is in force changed or could not be confirmed, so nothing passes',
  },
  ledger: {
    status: 503,
    code: 'ledger_unavailable',
    message: 'no evidence can be written, so nothing passes',
  },
  model: { status: 502, code: 'model_failed', message: 'the model did not answer as it should' },
  internal: { status: 500, code: 'internal', message: 'the gate failed; nothing was passed on' },
} as const satisfies Record<string, GateProblem>

/** What the other side is told of a failure. Never the model's text, never ours from inside. */
export function gateProblemOf(error: unknown): GateProblem {
  if (error instanceof StandingError) {
    return error.code === 'STANDING_STOPPED' ? problems.stopped : problems.standing
  }
  if (error instanceof RecorderError) return problems.ledger
  if (error instanceof UpstreamError) return problems.model
  return problems.internal
}

/** A fault in which the other side, the model and the world have no part. */
export function isGateFault(error: unknown): boolean {
  if (error instanceof ReplyError) return false
  return error instanceof InvariantError || gateProblemOf(error) === problems.internal
}

export function gateProblemBody({ status, code, message }: GateProblem, reason?: TurnedAwayReason): Json {
  const type = status === 403 ? 'denial' : status < 500 ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: null, code, ...(reason ? { servanda: { reason } } : {}) } }
}

/** In one sentence each, for whoever reads the body; programs read the header. */
const sentences: Readonly<Record<TurnedAwayReason, string>> = {
  missing: 'the model is served through the agency’s gate only: there is no intent receipt',
  false: 'this is no intent receipt of the agency’s log',
  altered: 'the intent is for other bytes or another route',
  expired: 'the intent is too old, or from a time that has not come',
  unlisted: 'the agreement in force at this gate is another text, or has no such route and model',
  stopped: problems.stopped.message,
  reused: 'a call was served for this intent before',
}

export function refusalProblem(reason: TurnedAwayReason): GateProblem {
  return { status: 403, code: 'turned_away', message: sentences[reason] }
}
