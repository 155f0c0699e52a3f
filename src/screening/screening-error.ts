/** What can be wrong with what screening is given. */
import { ServandaError } from '../base/index.ts'

/** `SCREENING_PHRASE`: a phrase that no text could hold, or phrases too long or too many for a bounded table. */
export type ScreeningErrorCode = 'SCREENING_PHRASE'

export class ScreeningError extends ServandaError<ScreeningErrorCode> {
  override readonly name = 'ScreeningError'
}
