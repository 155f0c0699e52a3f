/** Errors and refusals → responses, all of them, in the error shape of the OpenAI dialect. */
import { systemClauses } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import type { Json } from '../base/index.ts'
import { InvariantError, JsonError, invariant } from '../base/index.ts'
import type { Decision } from '../decision/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import { UpstreamError } from '../upstream/index.ts'
import type { UpstreamErrorCode } from '../upstream/index.ts'
import { AnswerError } from './chat/index.ts'
import type { Known } from './know.ts'
import { DialectError } from './shape.ts'

/** Codes of `error.code` in an answer of the gateway; stable, listed in docs/errors.md. */
export type HttpErrorCode =
  | 'denied_by_clause'
  | 'held_for_people'
  | 'unauthenticated'
  | 'invalid_request'
  | 'unknown_field'
  | 'uninspectable_content'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'not_found'
  | 'too_many_requests'
  | 'overloaded'
  | 'standing_unknown'
  | 'ledger_unavailable'
  | 'upstream_unavailable'
  | 'upstream_timeout'
  | 'upstream_nonsense'
  | 'internal'

export interface Problem {
  readonly status: number
  readonly code: HttpErrorCode
  readonly message: string
  readonly param?: string
}

/** What the caller is told of a failure. Never the upstream's text, never ours from inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DialectError) return dialectProblem(error)
  if (error instanceof JsonError) return { status: 400, code: 'invalid_request', message: error.message }
  if (error instanceof StandingError && error.code === 'STANDING_STOPPED') {
    return { status: 403, code: 'denied_by_clause', message: 'a stop order is in force, so nothing passes' }
  }
  if (error instanceof StandingError) {
    return {
      status: 503,
      code: 'standing_unknown',
      message: 'what is in force could not be confirmed, so nothing passes',
    }
  }
  if (error instanceof RecorderError) {
    return {
      status: 503,
      code: 'ledger_unavailable',
      message: 'no evidence can be written, so nothing passes',
    }
  }
  if (error instanceof UpstreamError) return upstreamProblem(error.code)
  if (error instanceof AnswerError) {
    return {
      status: 502,
      code: 'upstream_nonsense',
      message: 'the model answered something that cannot be judged',
    }
  }
  return internalProblem
}

const internalProblem: Problem = {
  status: 500,
  code: 'internal',
  message: 'the gateway failed; nothing was passed on',
}

/** A fault that the caller, the world and the upstream have no part in: it belongs into the log of the gateway. */
export function isOurFault(error: unknown): boolean {
  return error instanceof InvariantError || problemOf(error) === internalProblem
}

function dialectProblem({ code, place, message }: DialectError): Problem {
  const codes = {
    REQUEST_UNKNOWN_FIELD: 'unknown_field',
    REQUEST_MISSING_FIELD: 'invalid_request',
    REQUEST_BAD_VALUE: 'invalid_request',
    REQUEST_UNINSPECTABLE: 'uninspectable_content',
  } as const
  return { status: 400, code: codes[code], message, param: place }
}

function upstreamProblem(code: UpstreamErrorCode): Problem {
  switch (code) {
    case 'UPSTREAM_TIMEOUT':
      return { status: 504, code: 'upstream_timeout', message: 'the model did not answer in time' }
    case 'UPSTREAM_MALFORMED':
    case 'UPSTREAM_TOO_LARGE':
    case 'UPSTREAM_CUT':
      return {
        status: 502,
        code: 'upstream_nonsense',
        message: 'the model answered something that cannot be judged',
      }
    case 'UPSTREAM_CONFIGURATION':
    case 'UPSTREAM_UNREACHABLE':
    case 'UPSTREAM_BUSY':
    case 'UPSTREAM_ABORTED':
      return { status: 502, code: 'upstream_unavailable', message: 'the model could not be reached' }
  }
}

export function problemBody({ status, code, message, param }: Problem, exchange?: string): Json {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error'
  return {
    error: { message, type, param: param ?? null, code, ...(exchange ? { servanda: { exchange } } : {}) },
  }
}

export interface Refused {
  readonly decision: Decision
  readonly receipt: string
  readonly hold?: { readonly id: string; readonly expiresAt: number }
}

/** 403 for a denial, 423 for a hold: with the clauses in full, so that the caller need not look them up. */
export function refusalResponse(
  known: Known,
  { decision, receipt, hold }: Refused,
): { status: number; body: Json } {
  const { schedule } = known.inForce?.agreement ?? {}
  const clauses = citedClauses(known.inForce?.agreement ?? null, decision)
  const named = clauses.map(({ id, title }) => `${id} (${title})`).join(', ')
  const under = schedule ? `${named} of the agreement \`${schedule.id}\`, version ${schedule.version}` : named
  const held = decision.verdict === 'hold'
  const body = {
    error: {
      message: held ? `held for people under clause ${under}` : `denied under clause ${under}`,
      type: held ? 'hold' : 'denial',
      param: null,
      code: (held ? 'held_for_people' : 'denied_by_clause') satisfies HttpErrorCode,
      servanda: {
        exchange: known.exchange,
        verdict: decision.verdict,
        ...(schedule ? { agreement: { id: schedule.id, version: schedule.version } } : {}),
        clauses,
        ...(held ? { asks: decision.asks } : {}),
        ...(hold ? { hold: { id: hold.id, expires: new Date(hold.expiresAt).toISOString() } } : {}),
        receipt,
      },
    },
  }
  return { status: held ? 423 : 403, body }
}

function citedClauses(agreement: Agreement | null, decision: Decision) {
  return decision.citations.map(({ clause, rule }) => {
    const found = agreement?.clauses.get(clause) ?? systemClauses.find(({ id }) => id === clause)
    invariant(found, 'every citation names a clause of the agreement or of the system')
    return { id: clause, title: found.title, text: found.text, rule }
  })
}
