/** What makes one version of an agreement the next of another. */
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'

/**
 * Throws `SUCCESSOR_ID`, `SUCCESSOR_VERSION` or `SUCCESSOR_PREVIOUS` unless `next` is the same agreement, its
 * version exactly one higher and `previous` the digest of the text before.
 */
export function requireSuccessor(previous: Agreement, next: Agreement): void {
  const [before, after] = [previous.schedule, next.schedule]
  if (after.id !== before.id) {
    throw new AgreementError('SUCCESSOR_ID', `\`${after.id}\` is another agreement than \`${before.id}\``)
  }
  if (after.version !== before.version + 1) {
    const message = `version ${after.version} does not follow version ${before.version}`
    throw new AgreementError('SUCCESSOR_VERSION', message)
  }
  if (after.previous !== previous.hash) {
    const message = `version ${after.version} names another text as its previous than version ${before.version}`
    throw new AgreementError('SUCCESSOR_PREVIOUS', message)
  }
}
