/** Who calls: what is registered about a caller, and what of it one request speaks for. */
import { ServandaError } from '../base/index.ts'

/** One line of the callers file. Every list holds words of the schedules in force. */
export interface RegisteredCaller {
  readonly id: string
  readonly title: string
  /** `sha256:<hex>` of the API key. */
  readonly keyHash: string
  /** The agreements whose routes the caller may use. */
  readonly agreements: readonly string[]
  readonly units: readonly string[]
  /** Chains of units on whose behalf calls are made; `[]` among them is a call for nobody else. */
  readonly chains: readonly (readonly string[])[]
  readonly purposes: readonly string[]
  readonly surface: string
  readonly consumer: string
  /** Sets of origins that what the caller sends may have; a word that is in each of them is always present. */
  readonly provenances: readonly (readonly string[])[]
}

/** Header values as they arrived, untrusted. They select among what is registered and do nothing else. */
export interface Selection {
  readonly unit?: string | undefined
  readonly purpose?: string | undefined
  /** Units of one registered chain, in its order, separated by commas. */
  readonly onBehalfOf?: string | undefined
  /** Words separated by commas. */
  readonly provenance?: string | undefined
}

/** What the facts of a request say about its caller. A word that is not registered has become `unlisted`. */
export interface CallerIdentity {
  readonly id: string
  readonly agreements: readonly string[]
  readonly unit: string
  readonly chain: readonly string[]
  readonly purpose: string
  readonly surface: string
  readonly consumer: string
  readonly provenance: readonly string[]
}

export type IdentityErrorCode = 'UNAUTHENTICATED'

/** A refusal does not say which of the possible reasons it has: that is nobody's business. */
export type Authentication =
  | { readonly ok: true; readonly caller: CallerIdentity }
  | { readonly ok: false; readonly code: IdentityErrorCode }

export type CallersFileErrorCode = 'CALLERS_FILE_INVALID' | 'CALLERS_FILE_DUPLICATE'

/** A mistake in the callers file. `path` leads to the member, such as `callers[2].units[0]`. */
export class CallersFileError extends ServandaError<CallersFileErrorCode> {
  override readonly name = 'CallersFileError'
  readonly file: string
  readonly path: string

  constructor(
    code: CallersFileErrorCode,
    file: string,
    path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, `${file}: ${path === '' ? '' : `${path}: `}${message}`, options)
    this.file = file
    this.path = path
  }
}
