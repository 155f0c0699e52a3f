/** Holds from entry to entry: opened once, decided while open, and over once: used, denied or expired. */
import { finding } from './finding.ts'
import { IdSet } from './id-set.ts'
import type {
  ActivationLeaf,
  EnrolledReviewer,
  HoldDecidedLeaf,
  HoldExpiredLeaf,
  IntentLeaf,
  Leaf,
  OutcomeLeaf,
  RefusalLeaf,
} from './leaf.ts'

/** What was decided about a hold, with all that shows by whom. */
export interface Decision {
  readonly decided: HoldDecidedLeaf
  /** The first approval of this hold, where there is one before it. */
  readonly first?: HoldDecidedLeaf
  /** Enrolled when it was decided. */
  readonly reviewers: readonly EnrolledReviewer[]
  /** The version of the agreement under which the hold was opened. */
  readonly activation: ActivationLeaf
}

/** A hold that was used, with all that shows whether it might be. */
export interface Redemption {
  readonly intent: IntentLeaf
  /** The entry that opened the hold. */
  readonly opening: RefusalLeaf | OutcomeLeaf
  /** In the order of the log, at least one. */
  readonly approvals: readonly HoldDecidedLeaf[]
  /** Enrolled when it was used. */
  readonly reviewers: readonly EnrolledReviewer[]
  /** The version of the agreement that hold and intent were judged by. */
  readonly activation: ActivationLeaf
}

export interface HoldSummary {
  readonly opened: number
  readonly redeemed: number
  readonly denied: number
  readonly expired: number
  /** Ids of those that are open. */
  readonly open: readonly string[]
}

interface OpenHold {
  /** Milliseconds since the epoch: at and after it nothing but its expiry follows. */
  readonly expires: number
  readonly opening: RefusalLeaf | OutcomeLeaf
  readonly activation: ActivationLeaf
  readonly approvals: HoldDecidedLeaf[]
  /** An order or an amendment has come between: nothing but its expiry can follow. */
  ended: boolean
}

export class HoldHistory {
  readonly #open = new Map<string, OpenHold>()
  readonly #ids = new IdSet()
  #redeemed = 0
  #denied = 0
  #expired = 0
  reviewers: readonly EnrolledReviewer[] = []

  summary(): HoldSummary {
    const [redeemed, denied, expired] = [this.#redeemed, this.#denied, this.#expired]
    return { opened: this.#ids.size, redeemed, denied, expired, open: [...this.#open.keys()] }
  }

  open(
    { id, expires }: { readonly id: string; readonly expires: number },
    opening: RefusalLeaf | OutcomeLeaf,
    activation: ActivationLeaf,
  ): void {
    const { seq: index, time } = opening
    if (!this.#ids.add(id)) throw finding('LEDGER_HOLD', index, `the hold \`${id}\` was opened before`)
    if (opening.decision !== 'hold') {
      throw finding('LEDGER_HOLD', index, 'it opens a hold, and its decision is another')
    }
    if (expires <= time) throw finding('LEDGER_HOLD', index, `the hold \`${id}\` has no end to come`)
    this.#open.set(id, { expires, opening, activation, approvals: [], ended: false })
  }

  /** At an entry that decides about the hold, uses it or names it. */
  requireOpen(id: string, { seq, time }: Pick<Leaf, 'seq' | 'time'>): OpenHold {
    const hold = this.#open.get(id)
    if (!hold || hold.ended) throw finding('LEDGER_HOLD', seq, `the hold \`${id}\` is not open`)
    if (time >= hold.expires) throw finding('LEDGER_HOLD', seq, `the time of the hold \`${id}\` is over`)
    return hold
  }

  decide(leaf: HoldDecidedLeaf, index: number): Decision {
    const hold = this.requireOpen(leaf.hold, leaf)
    if (hold.opening.exchange !== leaf.exchange) {
      throw finding('LEDGER_HOLD', index, `the hold \`${leaf.hold}\` is of another exchange`)
    }
    const { activation, approvals } = hold
    const [first] = approvals
    if (leaf.verdict === 'approve') {
      approvals.push(leaf)
    } else {
      this.#open.delete(leaf.hold)
      this.#denied++
    }
    return { decided: leaf, reviewers: this.reviewers, activation, ...(first ? { first } : {}) }
  }

  expire({ hold: id, exchange, time }: HoldExpiredLeaf, index: number): void {
    const hold = this.#open.get(id)
    if (hold?.opening.exchange !== exchange) {
      throw finding('LEDGER_HOLD', index, 'a hold expires that is not open')
    }
    if (!hold.ended && time < hold.expires) {
      throw finding('LEDGER_HOLD', index, `the hold \`${id}\` expires before its time, and nothing ended it`)
    }
    this.#open.delete(id)
    this.#expired++
  }

  /** Null where the intent names no hold. */
  redeem(intent: IntentLeaf, index: number): Redemption | null {
    const { hold: id, stage, agreement } = intent
    if (id === undefined) {
      if (stage !== 'answer') return null
      throw finding('LEDGER_HOLD', index, 'an answer is given out for a hold alone')
    }
    const { opening, activation, approvals } = this.requireOpen(id, intent)
    if (approvals.length === 0) throw finding('LEDGER_HOLD', index, `nobody had approved the hold \`${id}\``)
    if (agreement !== activation.seq) {
      throw finding('LEDGER_HOLD', index, `the hold \`${id}\` was opened under another agreement`)
    }
    if (stage !== (opening.stage === 'request' ? 'request' : 'answer')) {
      throw finding('LEDGER_HOLD', index, `the hold \`${id}\` is of the stage \`${opening.stage}\``)
    }
    this.#open.delete(id)
    this.#redeemed++
    return { intent, opening, approvals, reviewers: this.reviewers, activation }
  }

  /** A stop or an amendment ends the holds of its agreement. */
  end(agreement: string): void {
    for (const hold of this.#open.values()) if (hold.activation.agreement === agreement) hold.ended = true
  }
}
