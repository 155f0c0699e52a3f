/** Follows the entries from the first to the last, and refuses rows that say anything else than they do. */
import { canonicalJson, digestOf, invariant } from '../base/index.ts'
import type { ActivationLeaf, Leaf, OutcomeLeaf, RefusalLeaf } from '../ledger/index.ts'
import { RecorderError } from './recorder.ts'
import type { ActivationRow, HoldRow, IntentRow, RecorderState, SpentRow } from './recorder-store.ts'

/** Of a hold that is open: what its row must say too. */
type HeldBy = Pick<
  HoldRow,
  'exchange' | 'seq' | 'agreement' | 'expiresAt' | 'stage' | 'rules' | 'commitments'
>

interface Opened {
  readonly exchange: string
  /** Id of the agreement that pays. */
  readonly agreement: string
}

/**
 * Rows are a summary of the log that is kept beside it, so that someone who can write to the database can change
 * them without breaking a signature. What the entries tell is compared: open intents, open holds, agreements, the
 * time of the last entry, and one row of money for each outcome.
 *
 * Amounts are not in the entries, only commitments to them. What remains possible: to alter the number in a row of
 * money, the worst case of an intent that is open, and for whom and which call a hold waits. The sealed records tell, to
 * whoever holds the record key: of a hold its row is compared with them before anyone is shown it or it is redeemed.
 */
export class RowsCheck {
  readonly #activations: ActivationLeaf[] = []
  readonly #intents = new Map<number, Opened>()
  readonly #holds = new Map<string, HeldBy>()
  readonly #spent = new Map<string, number>()
  /** Outcomes since money was compared last. */
  #outcomes: { readonly seq: number; readonly agreement: string }[] = []
  #lastTime = 0

  /** Takes the next entry. INVARIANT: the history of the log has found that it follows those before. */
  add(leaf: Leaf): void {
    this.#lastTime = leaf.time
    switch (leaf.kind) {
      case 'activation':
        this.#activations.push(leaf)
        this.#endHolds(leaf.agreement)
        return
      case 'order':
        if (leaf.order === 'stop') this.#endHolds(this.#agreementOf(leaf.agreement))
        return
      case 'dispute':
        this.#endHolds(this.#agreementOf(leaf.agreement))
        return
      case 'intent':
        this.#intents.set(leaf.seq, { exchange: leaf.exchange, agreement: this.#agreementOf(leaf.agreement) })
        if (leaf.hold !== undefined) this.#holds.delete(leaf.hold)
        return
      case 'served':
        this.#intents.set(leaf.seq, { exchange: leaf.exchange, agreement: this.#agreementOf(leaf.agreement) })
        return
      case 'served-end':
        this.#close(leaf.served)
        return
      case 'outcome':
        this.#outcomes.push({ seq: leaf.seq, agreement: this.#close(leaf.intent).agreement })
        if (leaf.status !== 'interrupted') this.#open(leaf)
        return
      case 'refusal':
        this.#open(leaf)
        return
      case 'hold-decided':
        if (leaf.verdict === 'deny') this.#holds.delete(leaf.hold)
        return
      case 'hold-expired':
        this.#holds.delete(leaf.hold)
        return
      case 'opened':
      case 'announced':
      case 'reviewers':
      case 'turned-away':
      case 'certificate':
      case 'gap':
    }
  }

  /** Throws `RECORDER_DAMAGED` unless there is one row for each outcome since the last call, and no other. */
  requireSpent(rows: readonly SpentRow[]): void {
    const outcomes = this.#outcomes
    this.#outcomes = []
    const seqs = new Set(rows.map(({ seq }) => seq))
    const unpaid = outcomes.find(({ seq }) => !seqs.has(seq))
    if (unpaid) throw damaged(`the row of what the outcome at entry ${unpaid.seq} cost is missing`)
    for (const [i, { seq, agreement, micros }] of rows.entries()) {
      const outcome = outcomes[i]
      if (outcome?.seq !== seq) throw damaged(`a row says what entry ${seq} cost, which is no outcome`)
      if (outcome.agreement !== agreement || !Number.isSafeInteger(micros) || micros < 0) {
        throw damaged(`the row of what the outcome at entry ${seq} cost is not one of ${outcome.agreement}`)
      }
      this.#spent.set(agreement, (this.#spent.get(agreement) ?? 0) + micros)
    }
  }

  /** Throws `RECORDER_DAMAGED`, naming the first difference, unless the rows fit all entries that were added. */
  requireRows({ lastTime, activations, intents, holds, spent }: Omit<RecorderState, 'size'>): void {
    if (lastTime !== this.#lastTime) {
      throw damaged(`the row of the last entry has the time ${lastTime}, the entry itself ${this.#lastTime}`)
    }
    requireActivations(activations, this.#activations)
    requireIntents(intents, this.#intents)
    requireHolds(holds, this.#holds)
    const agreements = new Set([...spent.keys(), ...this.#spent.keys()])
    for (const agreement of agreements) {
      const [row, sum] = [spent.get(agreement) ?? 0, this.#spent.get(agreement) ?? 0]
      if (row !== sum)
        throw damaged(`the rows of ${agreement} add up to ${row}, those of its outcomes to ${sum}`)
    }
  }

  #agreementOf(entry: number | undefined): string {
    return this.#activations.find(({ seq }) => seq === entry)?.agreement ?? ''
  }

  /** A repeat of a call that waits names a hold that is open already, and no end. */
  #open(leaf: RefusalLeaf | OutcomeLeaf): void {
    const { hold, expires: expiresAt, exchange, seq, agreement, stage, rules, commitments } = leaf
    if (hold === undefined || expiresAt === undefined || agreement === undefined) return
    this.#holds.set(hold, { exchange, seq, agreement, expiresAt, stage, rules, commitments })
  }

  /** A stop, an amendment and a dispute end the holds of their agreement, and the entries that say so stand behind them. */
  #endHolds(agreement: string): void {
    for (const [id, held] of this.#holds) {
      if (this.#agreementOf(held.agreement) === agreement) this.#holds.delete(id)
    }
  }

  #close(intent: number): Opened {
    const opened = this.#intents.get(intent)
    invariant(opened, 'an entry that ends another follows it')
    this.#intents.delete(intent)
    return opened
  }
}

function requireActivations(rows: readonly ActivationRow[], leaves: readonly ActivationLeaf[]): void {
  const same =
    rows.length === leaves.length &&
    rows.every((row, i) => {
      const leaf = leaves[i]
      return (
        leaf?.seq === row.seq &&
        leaf.agreement === row.agreement &&
        leaf.version === row.version &&
        leaf.hash === digestOf(row.text) &&
        canonicalJson(leaf.envelope) === canonicalJson(row.envelope)
      )
    })
  if (!same) throw damaged('the agreements in the rows are not those that the entries put into force')
}

function requireIntents(rows: readonly IntentRow[], intents: ReadonlyMap<number, Opened>): void {
  for (const { exchange, seq, agreement } of rows) {
    const opened = intents.get(seq)
    if (opened?.exchange !== exchange || opened.agreement !== agreement) {
      throw damaged(
        `a row says that entry ${seq} is the open intent of ${exchange}, which the entries do not`,
      )
    }
  }
  const seqs = new Set(rows.map(({ seq }) => seq))
  for (const seq of intents.keys()) {
    if (!seqs.has(seq)) throw damaged(`the row of the open intent at entry ${seq} is missing`)
  }
}

function requireHolds(rows: readonly HoldRow[], holds: ReadonlyMap<string, HeldBy>): void {
  for (const { id, exchange, seq, agreement, expiresAt, stage, rules, commitments } of rows) {
    const held = holds.get(id)
    const row: HeldBy = { exchange, seq, agreement, expiresAt, stage, rules, commitments }
    if (!held || canonicalJson({ ...held }) !== canonicalJson({ ...row })) {
      throw damaged(`a row says that ${exchange} waits for the hold ${id}, which the entries do not`)
    }
  }
  const ids = new Set(rows.map(({ id }) => id))
  for (const id of holds.keys()) if (!ids.has(id)) throw damaged(`the row of the open hold ${id} is missing`)
}

function damaged(message: string): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message)
}
