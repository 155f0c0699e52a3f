/** What can be wrong with a reviewer, or with what a reviewer signed. */
import { ServandaError } from '../base/index.ts'

export type OversightErrorCode =
  /** The statement has not the documented form, or does not carry exactly one signature. */
  | 'REVIEW_FORM'
  /** It is not signed by a key that is enrolled for this agreement. */
  | 'REVIEW_SIGNATURE'
  /** It is about another hold, or about something else than what is held. */
  | 'REVIEW_OTHER'
  /** It approves levels that are not asked, or that this reviewer may not approve. */
  | 'REVIEW_LEVEL'
  /** The reviewer is the caller: nobody decides about their own call. */
  | 'REVIEW_OWN_CALL'
  /** The person has decided about this hold before. */
  | 'REVIEW_TWICE'
  /** The hold is over, or nothing of the kind may happen to it any more. */
  | 'HOLD_OVER'
  /** What is sealed is not what the hold was opened with. */
  | 'HOLD_FALSE'
  /** An entry of the log says something else than people signed, or not enough of them signed it. */
  | 'SIGNED_FALSE'

export class OversightError extends ServandaError<OversightErrorCode> {
  override readonly name = 'OversightError'
}

export type ReviewersFileErrorCode = 'REVIEWERS_FILE_INVALID' | 'REVIEWERS_FILE_DUPLICATE'

/** A mistake in the reviewers file. `path` leads to the member, such as `[2].levels[0]`. */
export class ReviewersFileError extends ServandaError<ReviewersFileErrorCode> {
  override readonly name = 'ReviewersFileError'
  readonly file: string
  readonly path: string

  constructor(
    code: ReviewersFileErrorCode,
    { file, path }: { readonly file: string; readonly path: string },
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, `${file}: ${path === '' ? '' : `${path}: `}${message}`, options)
    this.file = file
    this.path = path
  }
}
