/** What can go wrong between agreements: signatures and succession. */
import { ServandaError } from '../base/index.ts'

export type AgreementErrorCode =
  /** `servanda check` finds an error in it, a mistake or one of lint. */
  | 'AGREEMENT_UNSIGNABLE'
  | 'ENVELOPE_TYPE'
  | 'ENVELOPE_STATEMENT'
  | 'ENVELOPE_EFFECTIVE'
  | 'ENVELOPE_PREVIOUS'
  | 'ENVELOPE_SIGNATURES'
  /** It loosens, and was not made known before it should come into force. */
  | 'ENVELOPE_ANNOUNCEMENT'
  /** It loosens, and is signed for a time before its cooling-off period ends. */
  | 'ENVELOPE_COOLING_OFF'
  /** What is ordered is not about this agreement, or has not the form of an order. */
  | 'ORDER_FALSE'
  /** What is disputed is not about this agreement, or its reading cannot act, or would change nothing. */
  | 'DISPUTE_FALSE'
  /** Two versions differ in too many ways to compare them within the bound. */
  | 'COMPARISON_LIMIT'
  | 'SUCCESSOR_ID'
  | 'SUCCESSOR_VERSION'
  | 'SUCCESSOR_PREVIOUS'
  | 'SUCCESSOR_EXCLUSION'

/** What one party still lacks under one version of the agreement. */
export interface LackingParty {
  readonly party: string
  readonly version: number
  readonly needed: number
  readonly found: number
}

export class AgreementError extends ServandaError<AgreementErrorCode> {
  override readonly name = 'AgreementError'
  /** For `ENVELOPE_SIGNATURES`: who lacks how many. Else empty. */
  readonly lacking: readonly LackingParty[]

  constructor(
    code: AgreementErrorCode,
    message: string,
    options: ErrorOptions & { lacking?: readonly LackingParty[] } = {},
  ) {
    super(code, message, options)
    this.lacking = options.lacking ?? []
  }
}
