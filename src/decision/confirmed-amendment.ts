/** What an amendment does to the version before, once Cedar has confirmed it: for whoever signs it or lets it act. */
import { confirmedAmendmentOf } from '../agreement/index.ts'
import type { Agreement, Amendment } from '../agreement/index.ts'
import { confirmComparison } from './confirm-comparison.ts'

/** As `amendmentOf`, which answers from then on without asking Cedar again. Throws `DECISION_COMPARISON`. */
export function confirmedAmendment(previous: Agreement, next: Agreement): Amendment {
  return confirmedAmendmentOf(previous, next, (comparison) => {
    confirmComparison(previous, next, comparison)
  })
}
