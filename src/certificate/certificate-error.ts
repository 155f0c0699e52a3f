/** What can be wrong with a certificate: one class, a closed union of codes. */
import { ServandaError } from '../base/index.ts'

export type CertificateErrorCode =
  /** The period is no period, or has not ended by the time of the entry that bounds it. */
  | 'CERTIFICATE_PERIOD'
  /** The log holds a call to the supplier in the period: there is nothing to certify. */
  | 'CERTIFICATE_IMPOSSIBLE'
  /** The file holds no certificate of a known form. */
  | 'CERTIFICATE_MALFORMED'
  /** The log's key did not sign it. */
  | 'CERTIFICATE_SIGNATURE'
  /** It says something else than the entries give. */
  | 'CERTIFICATE_FALSE'
  /** The log ends before the entry that bounds the certificate. */
  | 'CERTIFICATE_NOT_COVERED'

export class CertificateError extends ServandaError<CertificateErrorCode> {
  override readonly name = 'CertificateError'
  /** The entry it is about, where it is about one. */
  readonly index: number | undefined
  /** The member of the statement that is wrong, such as `counts.toSupplier`. */
  readonly member: string | undefined

  constructor(
    code: CertificateErrorCode,
    message: string,
    options: ErrorOptions & { readonly index?: number; readonly member?: string } = {},
  ) {
    super(code, message, options)
    this.index = options.index
    this.member = options.member
  }
}
