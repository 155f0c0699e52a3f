/** A provider's gate from entry to entry: each intent served once and in its time, each call ended once at most. */
import { messageOf } from '../base/index.ts'
import { finding } from './finding.ts'
import { IdSet } from './id-set.ts'
import { intentWindowMs } from './leaf.ts'
import type { ServedEndLeaf, ServedLeaf } from './leaf.ts'
import { LedgerError } from './ledger-error.ts'
import { parseReceipt } from './receipt.ts'
import type { Receipt } from './receipt.ts'

export class ServedHistory {
  readonly #open = new Map<number, string>()
  readonly #intents = new IdSet()

  /** Entries of calls that have no end yet. */
  open(): readonly number[] {
    return [...this.#open.keys()]
  }

  serve({ receipt, exchange, time }: ServedLeaf, index: number): void {
    const intent = readReceipt(receipt, index)
    if (!this.#intents.add(`${intent.origin} ${intent.index}`)) {
      throw finding(
        'LEDGER_SERVED',
        index,
        `the intent ${intent.index} of \`${intent.origin}\` was served before`,
      )
    }
    if (Math.abs(time - intent.time) > intentWindowMs) {
      throw finding('LEDGER_SERVED', index, 'it was not served in the time of its intent')
    }
    this.#open.set(index, exchange)
  }

  end({ served, exchange }: ServedEndLeaf, index: number): void {
    if (this.#open.get(served) !== exchange) {
      throw finding(
        'LEDGER_SERVED',
        index,
        `entry ${served} serves no call of this exchange, or has its end already`,
      )
    }
    this.#open.delete(served)
  }
}

/** Its signature is the agency's, whose log is compared elsewhere. */
function readReceipt(receipt: string, index: number): Receipt {
  try {
    return parseReceipt(receipt)
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause
    throw finding('LEDGER_SERVED', index, messageOf(cause))
  }
}
