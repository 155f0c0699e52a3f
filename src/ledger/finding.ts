/** What an audit says of an entry that cannot be true. */
import { LedgerError } from './ledger-error.ts'
import type { LedgerErrorCode } from './ledger-error.ts'

export function finding(code: LedgerErrorCode, index: number, message: string): LedgerError {
  return new LedgerError(code, `entry ${index}: ${message}`, { index })
}
