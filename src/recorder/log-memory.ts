/**
 * What only the entries tell: orders, disputes, amendments made known, reviewers, approvals, and what was used before
 * and must not be used again. A start follows all entries, and a running recorder each that it writes, by the same
 * function.
 */
import type { Json } from '../base/index.ts'
import { IdSet, parseReceipt } from '../ledger/index.ts'
import type { ActivationLeaf, DisputeLeaf, EnrolledReviewer, Leaf, OrderLeaf } from '../ledger/index.ts'
import { LayeredMap } from './layered-map.ts'
import { intentWindowMs } from './recorder.ts'
import type {
  ActivatedText,
  RecordedAnnouncement,
  RecordedDispute,
  RecordedOrder,
  StandingVersion,
} from './recorder.ts'

/** An activation, but for its text and signatures, which its row has. */
type Activated = Pick<ActivationLeaf, 'agreement' | 'hash'> & Omit<ActivatedText, 'seq' | 'text' | 'envelope'>

interface Ids {
  has(id: string): boolean
  add(id: string): unknown
}

export class LogMemory {
  readonly #below: LogMemory | undefined
  /** By activation entry. */
  readonly #agreements: LayeredMap<number, Activated>
  /** Agreements under which something was judged. */
  readonly #judged: LayeredMap<string, true>
  /** By agreement: the entry of its last dispute. */
  readonly #disputed: LayeredMap<string, number>
  /** By agreement: ids of the stop orders that no resume has lifted. */
  readonly #stops: LayeredMap<string, ReadonlySet<string>>
  /** By hold, while it is open. */
  readonly #approvals: LayeredMap<string, readonly Json[]>
  /** Intents of agencies' logs that were served, with their time: until their time alone keeps them out. */
  readonly #served: LayeredMap<string, number>
  readonly #exchanges: Ids
  readonly #holds: Ids
  readonly #orderIds: Ids
  readonly #disputeIds: Ids
  readonly #orders: RecordedOrder[] = []
  readonly #disputes: RecordedDispute[] = []
  readonly #announced: RecordedAnnouncement[] = []
  #reviewers: readonly EnrolledReviewer[]
  #version: StandingVersion
  /** Leaves of this layer, for the one below. */
  readonly #leaves: Leaf[] = []

  /** Over `below`: as it is there, until an entry says otherwise here. */
  constructor(below?: LogMemory) {
    this.#below = below
    this.#agreements = new LayeredMap(below && below.#agreements)
    this.#judged = new LayeredMap(below && below.#judged)
    this.#disputed = new LayeredMap(below && below.#disputed)
    this.#stops = new LayeredMap(below && below.#stops)
    this.#approvals = new LayeredMap(below && below.#approvals)
    this.#served = new LayeredMap(below && below.#served)
    // A batch has few of them, a log many.
    const newIds = (): Ids => (below ? new Set<string>() : new IdSet())
    this.#exchanges = newIds()
    this.#holds = newIds()
    this.#orderIds = newIds()
    this.#disputeIds = newIds()
    this.#reviewers = below ? below.#reviewers : []
    this.#version = below ? below.#version : -1
  }

  /** The newest entry that changed what is in force; -1 while nothing is. */
  get version(): StandingVersion {
    return this.#version
  }

  get reviewers(): readonly EnrolledReviewer[] {
    return this.#reviewers
  }

  /** In the order of the log. */
  get orders(): readonly RecordedOrder[] {
    return [...(this.#below?.orders ?? []), ...this.#orders]
  }

  /** In the order of the log. */
  get disputes(): readonly RecordedDispute[] {
    return [...(this.#below?.disputes ?? []), ...this.#disputes]
  }

  /** In the order of the log. */
  get announced(): readonly RecordedAnnouncement[] {
    return [...(this.#below?.announced ?? []), ...this.#announced]
  }

  activated(activation: number): Activated | undefined {
    return this.#agreements.get(activation)
  }

  agreementOf(activation: number): string | undefined {
    return this.#agreements.get(activation)?.agreement
  }

  /** `sha256:<hex>` of the agreement that an activation entry puts into force. */
  textOf(activation: number): string | undefined {
    return this.#agreements.get(activation)?.hash
  }

  /** Ids of the stop orders that keep this agreement from being used. */
  stopsOf(agreement: string): ReadonlySet<string> {
    return this.#stops.get(agreement) ?? new Set()
  }

  /** The entry of the last dispute about this agreement; -1 where there was none. */
  disputedAt(agreement: string): number {
    return this.#disputed.get(agreement) ?? -1
  }

  approvalsOf(hold: string): readonly Json[] {
    return this.#approvals.get(hold) ?? []
  }

  /** An intent of this exchange stands in the log. */
  hasExchange(id: string): boolean {
    return this.#exchanges.has(id) || (this.#below?.hasExchange(id) ?? false)
  }

  /** A hold of this id was opened, whatever became of it. */
  hasHold(id: string): boolean {
    return this.#holds.has(id) || (this.#below?.hasHold(id) ?? false)
  }

  hasOrder(id: string): boolean {
    return this.#orderIds.has(id) || (this.#below?.hasOrder(id) ?? false)
  }

  hasDispute(id: string): boolean {
    return this.#disputeIds.has(id) || (this.#below?.hasDispute(id) ?? false)
  }

  /** This intent of an agency's log was served, so lately that its time alone would not keep it out. */
  wasServed(origin: string, index: number): boolean {
    return this.#served.has(servedKey(origin, index))
  }

  /** Takes the next entry. */
  add(leaf: Leaf): void {
    if (this.#below) this.#leaves.push(leaf)
    switch (leaf.kind) {
      case 'activation':
        this.#activate(leaf)
        return
      case 'announced': {
        const { seq, time, agreement, version, hash, envelope } = leaf
        this.#announced.push({ seq, time, agreement, version, hash, envelope })
        this.#version = seq
        return
      }
      case 'intent':
        this.#judge(leaf.agreement)
        this.#exchanges.add(leaf.exchange)
        if (leaf.hold !== undefined) this.#approvals.delete(leaf.hold)
        return
      case 'refusal':
      case 'outcome':
        if (leaf.kind === 'refusal') this.#judge(leaf.agreement)
        if ('hold' in leaf) this.#holds.add(leaf.hold)
        return
      case 'hold-decided':
        if (leaf.verdict === 'deny') this.#approvals.delete(leaf.hold)
        else this.#approvals.set(leaf.hold, [...this.approvalsOf(leaf.hold), leaf.envelope])
        return
      case 'hold-expired':
        this.#approvals.delete(leaf.hold)
        return
      case 'reviewers':
        this.#reviewers = leaf.reviewers
        this.#version = leaf.seq
        return
      case 'order':
        this.#order(leaf)
        return
      case 'dispute':
        this.#dispute(leaf)
        return
      case 'served': {
        this.#judge(leaf.agreement)
        const { origin, index, time } = parseReceipt(leaf.receipt)
        this.#served.set(servedKey(origin, index), time)
        if (!this.#below) this.#forgetServed(leaf.time)
        return
      }
      case 'opened':
      case 'served-end':
      case 'turned-away':
      case 'certificate':
      case 'gap':
    }
  }

  /** Tells the memory below what this one was told. Called once; this one is used no more. */
  settle(): void {
    for (const leaf of this.#leaves) this.#below?.add(leaf)
  }

  #activate({ seq, time, agreement, hash, announced }: ActivationLeaf): void {
    const judgedBefore = this.#judged.has(agreement)
    const known = announced === undefined ? {} : { announced }
    this.#agreements.set(seq, { agreement, hash, time, judgedBefore, ...known })
    this.#version = seq
  }

  #judge(activation: number | undefined): void {
    const agreement = activation === undefined ? undefined : this.agreementOf(activation)
    if (agreement !== undefined && !this.#judged.has(agreement)) this.#judged.set(agreement, true)
  }

  #dispute({ seq, id, agreement, envelope }: DisputeLeaf): void {
    this.#disputes.push({ seq, agreement, envelope })
    this.#disputeIds.add(id)
    this.#disputed.set(this.agreementOf(agreement) ?? '', seq)
    this.#version = seq
  }

  #order({ seq, order, id, agreement, lifts, envelope }: OrderLeaf): void {
    this.#orders.push({ seq, agreement, envelope })
    this.#orderIds.add(id)
    this.#version = seq
    const name = this.agreementOf(agreement) ?? ''
    const stops = new Set(this.stopsOf(name))
    if (order === 'stop') stops.add(id)
    else for (const lifted of lifts) stops.delete(lifted)
    this.#stops.set(name, stops)
  }

  /**
   * Time never falls in the log, so what is too old at `time` is too old for ever. They come nearly in the order of
   * their time: one that is kept longer than needed does no harm.
   */
  #forgetServed(time: number): void {
    for (const [key, servedTime] of this.#served.entries()) {
      if (servedTime + intentWindowMs >= time) return
      this.#served.delete(key)
    }
  }
}

function servedKey(origin: string, index: number): string {
  return `${origin} ${index}`
}
