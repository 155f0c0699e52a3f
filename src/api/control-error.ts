/** What the control socket answers where it cannot do what it was asked. */
import { AgreementError } from '../agreement/index.ts'
import { EnvelopeError, JsonError, ServandaError } from '../base/index.ts'
import { CertificateError } from '../certificate/index.ts'
import { DecisionError } from '../decision/index.ts'
import { OversightError } from '../oversight/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { RecordError } from '../records/index.ts'
import { StandingError } from '../standing/index.ts'

export type ControlErrorCode =
  /** The request has not the documented form. */
  | 'CONTROL_REQUEST'
  /** It needs the signature of an enrolled reviewer, and has none that is good now. */
  | 'CONTROL_CREDENTIAL'
  /** There is no such address, agreement or hold; or the hold is not this reviewer's. */
  | 'CONTROL_NOT_FOUND'
  /** The record of a hold is gone, or is not what was held. */
  | 'CONTROL_RECORD'
  /** The version cannot come into force here: the gate could not stand on it, or an order stands in the way. */
  | 'CONTROL_AGREEMENT'
  /** The gateway itself failed. */
  | 'CONTROL_FAILED'

export class ControlError extends ServandaError<ControlErrorCode> {
  override readonly name = 'ControlError'
}

export interface ControlProblem {
  readonly status: number
  readonly code: string
  readonly message: string
}

const controlStatus = {
  CONTROL_REQUEST: 400,
  CONTROL_CREDENTIAL: 401,
  CONTROL_NOT_FOUND: 404,
  CONTROL_RECORD: 409,
  CONTROL_AGREEMENT: 409,
  CONTROL_FAILED: 500,
} as const satisfies Record<ControlErrorCode, number>

/** Whoever may open the socket may read our messages; they carry no content of a call. */
export function controlProblem(error: unknown): ControlProblem {
  const refused = serverRefusal(error)
  if (refused) return refused
  const status = statusOf(error)
  if (status !== 500 && error instanceof ServandaError) {
    return { status, code: String(error.code), message: error.message }
  }
  return { status: 500, code: 'CONTROL_FAILED', message: 'the gateway failed; its log says more' }
}

/** What the HTTP server refuses by itself, such as a body that is too long. */
function serverRefusal(error: unknown): ControlProblem | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const status = Number(error.statusCode)
  return status >= 400 && status < 500 ? { status, code: 'CONTROL_REQUEST', message: error.message } : null
}

function statusOf(error: unknown): number {
  if (error instanceof ControlError) return controlStatus[error.code]
  if (error instanceof JsonError || error instanceof EnvelopeError) return 400
  if (error instanceof DecisionError && error.code === 'EXPLAIN_REQUEST') return 400
  if (error instanceof DecisionError && error.code === 'DECISION_ORACLE_MISMATCH') return 409
  if (error instanceof DecisionError && error.code === 'DECISION_COMPARISON') return 409
  // What was signed does not do: it is read, and refused.
  if (error instanceof OversightError || error instanceof AgreementError) return 409
  if (error instanceof CertificateError || error instanceof RecordError) return 409
  if (error instanceof StandingError) return 503
  if (error instanceof RecorderError) return recorderStatus(error)
  return 500
}

function recorderStatus({ code }: RecorderError): number {
  return code === 'RECORDER_UNAVAILABLE' || code === 'RECORDER_DAMAGED' ? 503 : 409
}
