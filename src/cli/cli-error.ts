/** What can go wrong on the command line itself: one class, a closed union of codes. */
import { ServandaError } from '../base/index.ts'

export type CliErrorCode =
  /** An argument is missing, unknown, given twice or has no usable value. */
  | 'CLI_USAGE'
  /** A file or directory that was named is not there, or cannot be read. */
  | 'CLI_FILE'
  /** The newest checkpoint does not cover the entry that a receipt promises. */
  | 'CLI_NOT_COVERED'
  /** The gateway gives no answer that could be read. */
  | 'CLI_UNANSWERED'
  /** The gate will not do what it was asked on its control socket. */
  | 'CLI_REFUSED'
  /** A file holds no order of the kind that is wanted, or there is nothing to order. */
  | 'CLI_ORDER'
  /** Signatures over an agreement are missing, are over something else, or would count for nothing. */
  | 'CLI_SIGNATURES'
  /** A passphrase is wrong, too short or missing, or there is nobody to ask for it. */
  | 'CLI_PASSPHRASE'
  /** The program that signs for a token gave no signature of its key. */
  | 'CLI_SIGNER'

export class CliError extends ServandaError<CliErrorCode> {
  override readonly name = 'CliError'
}

/** The gate will not do what it was asked: in its own code, such as `REVIEW_TWICE`, and its own words. */
export class ControlRefusal extends CliError {
  readonly refusal: string

  constructor(refusal: string, message: string) {
    super('CLI_REFUSED', message)
    this.refusal = refusal
  }
}
