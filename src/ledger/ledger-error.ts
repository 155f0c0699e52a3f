/** What can go wrong in the ledger room: one class, a closed union of codes. */
import { ServandaError } from '../base/index.ts'

export type LedgerErrorCode =
  /** A leaf is not canonical JSON of a known kind. */
  | 'LEDGER_LEAF'
  /** An entry is longer than a bundle can hold (65,535 bytes). */
  | 'LEDGER_LEAF_TOO_LARGE'
  /** A verifier key is malformed. */
  | 'LEDGER_KEY'
  /** A signed note is malformed. */
  | 'LEDGER_NOTE'
  /** A known key signed wrongly, or no known key signed. */
  | 'LEDGER_SIGNATURE'
  /** The body of a checkpoint is malformed. */
  | 'LEDGER_CHECKPOINT'
  /** A proof is malformed or proves nothing. */
  | 'LEDGER_PROOF'
  /** A receipt is malformed. */
  | 'LEDGER_RECEIPT'
  /** A tile or bundle that the checkpoint covers is not there. */
  | 'LEDGER_TILE_MISSING'
  /** A tile or bundle is malformed or is not what its entries give. */
  | 'LEDGER_TILE_FALSE'
  /** The writer found other bytes where it was to write: a published tile never changes. */
  | 'LEDGER_TILE_CONFLICT'
  /** The last signed checkpoint is not the one the writer believed in. */
  | 'LEDGER_GUARD_CONFLICT'
  /** The next checkpoint is smaller than the last signed one. */
  | 'LEDGER_GUARD_BACKWARDS'
  /** The next checkpoint has another origin, or another root at the same size. */
  | 'LEDGER_GUARD_FORK'
  /** The guard's file cannot be read as a checkpoint. */
  | 'LEDGER_GUARD_UNREADABLE'
  /** The entries do not give the signed root. */
  | 'LEDGER_ROOT'
  /** The log does not continue the checkpoint that was kept outside. */
  | 'LEDGER_OUTSIDE'
  /** The log does not begin with its own opening entry. */
  | 'LEDGER_ORIGIN'
  /** An entry does not stand where it says. */
  | 'LEDGER_SEQUENCE'
  /** Time falls from one entry to the next. */
  | 'LEDGER_TIME'
  /** A version of an agreement does not follow the one before, or was not made known as it says. */
  | 'LEDGER_ACTIVATION'
  /** The parties did not sign what an activation says is in force. */
  | 'LEDGER_SIGNATURES'
  /** The parties did not sign an amendment that was made known. */
  | 'LEDGER_ANNOUNCED'
  /** A step was judged by a version that was not in force. */
  | 'LEDGER_AGREEMENT'
  /** A step went out while a stop order was in force. */
  | 'LEDGER_STOPPED'
  /** An order does not fit those before it: carried out twice, or lifting what is not in force. */
  | 'LEDGER_ORDER'
  /** An order is not signed by who may order it. */
  | 'LEDGER_ORDERS'
  /** A dispute names no agreement as it was in force, or was opened before. */
  | 'LEDGER_DISPUTE'
  /** A dispute is not signed by a party, or says something else than was signed. */
  | 'LEDGER_DISPUTES'
  /** An entry stands in the log of a gate that writes no such entries. */
  | 'LEDGER_ROLE'
  /** An exchange has a second intent. */
  | 'LEDGER_EXCHANGE'
  /** An outcome has no intent of its own, or completes what was not allowed. */
  | 'LEDGER_OUTCOME'
  /** A hold is opened twice, or decided, used or ended while it is not open. */
  | 'LEDGER_HOLD'
  /** A decision about a hold is not signed by a reviewer who was enrolled, or says something else than was signed. */
  | 'LEDGER_DECISIONS'
  /** The approvals of a hold that was used are not enough, or not by reviewers. */
  | 'LEDGER_APPROVALS'
  /** A provider's gate served an intent twice or out of its time, or ended a call that it did not serve. */
  | 'LEDGER_SERVED'
  /** A sealed record is not the one whose digest was logged. */
  | 'LEDGER_RECORD'
  /** The evidence cannot be read at all. */
  | 'LEDGER_UNREADABLE'

export class LedgerError extends ServandaError<LedgerErrorCode> {
  override readonly name = 'LedgerError'
  /** The entry it is about, where it is about one. */
  readonly index: number | undefined

  constructor(
    code: LedgerErrorCode,
    message: string,
    options: ErrorOptions & { readonly index?: number } = {},
  ) {
    super(code, message, options)
    this.index = options.index
  }
}
