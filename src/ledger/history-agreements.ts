/** What is in force from entry to entry: versions of agreements, what was made known of them, stop orders and disputes. */
import { canonicalJson } from '../base/index.ts'
import { finding } from './finding.ts'
import { IdSet } from './id-set.ts'
import type { ActivationLeaf, AnnouncedLeaf, DisputeLeaf, OrderLeaf } from './leaf.ts'

/** A stop order that no resume has lifted. */
export interface StopInForce {
  readonly id: string
  /** Id of the agreement. */
  readonly agreement: string
  readonly entry: number
}

/** An activation, and all of the log that its signatures are judged with. */
export interface Activated {
  readonly activation: ActivationLeaf
  /** The activation that it supersedes. */
  readonly previous?: ActivationLeaf
  /** The entry by which it was made known before, where it names one. */
  readonly announced?: AnnouncedLeaf
  /**
   * Some intent, refusal or served call under any earlier version of this agreement stands before it in this log. Of
   * any: else a version that changes nothing, put between, would hide what was judged under the one before.
   */
  readonly judgedBefore: boolean
}

export class AgreementHistory {
  /** By entry. */
  readonly #activations = new Map<number, ActivationLeaf>()
  /** The newest by agreement. */
  readonly #newest = new Map<string, ActivationLeaf>()
  readonly #stops = new Map<string, StopInForce>()
  readonly #orders = new IdSet()
  /** Amendments that were made known to what is in force now, by entry. */
  readonly #announced = new Map<number, AnnouncedLeaf>()
  readonly #disputes = new IdSet()
  /** Ids of agreements under which something was judged. */
  readonly #judged = new Set<string>()

  stops(): readonly StopInForce[] {
    return [...this.#stops.values()]
  }

  /** Versions rise by one and name the activation before; the first in a log may have any number. */
  activate(activation: ActivationLeaf, index: number): Activated {
    const { agreement: id, version, supersedes } = activation
    const previous = this.#newest.get(id)
    if (supersedes !== previous?.seq) {
      const expected = previous ? `entry ${previous.seq}` : 'nothing'
      throw finding('LEDGER_ACTIVATION', index, `version ${version} must supersede ${expected}`)
    }
    if (previous) requireNext(version, previous, index)
    const announced = this.#madeKnown(activation, index)
    const judgedBefore = this.#judged.has(id)
    this.#activations.set(index, activation)
    this.#newest.set(id, activation)
    for (const { seq, agreement } of this.#announced.values()) {
      if (agreement === previous?.seq) this.#announced.delete(seq)
    }
    return {
      activation,
      judgedBefore,
      ...(previous ? { previous } : {}),
      ...(announced ? { announced } : {}),
    }
  }

  /** The very same amendment of the version that this activation supersedes. */
  #madeKnown(activation: ActivationLeaf, index: number): AnnouncedLeaf | undefined {
    const { announced: entry, supersedes, version, hash, envelope } = activation
    if (entry === undefined) return undefined
    const announced = this.#announced.get(entry)
    const same =
      announced?.agreement === supersedes &&
      announced?.version === version &&
      announced.hash === hash &&
      canonicalJson(announced.envelope) === canonicalJson(envelope)
    if (announced && same) return announced
    throw finding('LEDGER_ACTIVATION', index, `entry ${entry} did not make this very version known`)
  }

  /** Returns the activation that it amends, which is in force. */
  announce(leaf: AnnouncedLeaf, index: number): ActivationLeaf {
    const activation = this.#activations.get(leaf.agreement)
    if (!activation || !this.isInForce(activation)) {
      throw finding(
        'LEDGER_ACTIVATION',
        index,
        'it makes an amendment known to no agreement as it was in force',
      )
    }
    requireNext(leaf.version, activation, index)
    this.#announced.set(index, leaf)
    return activation
  }

  /** Each dispute is opened once. Returns the activation that it names. */
  dispute({ agreement, id }: DisputeLeaf, index: number): ActivationLeaf {
    const activation = this.#activations.get(agreement)
    if (!activation || !this.isInForce(activation)) {
      throw finding('LEDGER_DISPUTE', index, 'it names no agreement as it was in force')
    }
    if (!this.#disputes.add(id))
      throw finding('LEDGER_DISPUTE', index, `the dispute \`${id}\` was opened before`)
    return activation
  }

  /** Something was judged under this version. */
  judge({ agreement }: ActivationLeaf): void {
    this.#judged.add(agreement)
  }

  /** A stop holds until a resume lifts it; each order is carried out once. Returns the activation that it names. */
  order(leaf: OrderLeaf, index: number): ActivationLeaf {
    const { order, id, lifts } = leaf
    const activation = this.#activations.get(leaf.agreement)
    if (!activation || this.#newest.get(activation.agreement) !== activation) {
      throw finding('LEDGER_ORDER', index, 'it names no agreement as it was in force')
    }
    if (!this.#orders.add(id))
      throw finding('LEDGER_ORDER', index, `the order \`${id}\` was carried out before`)
    if ((order === 'stop') !== (lifts.length === 0)) {
      throw finding('LEDGER_ORDER', index, 'a resume lifts stop orders, and a stop lifts none')
    }
    const { agreement } = activation
    for (const lifted of lifts) {
      if (this.#stops.get(lifted)?.agreement !== agreement) {
        throw finding('LEDGER_ORDER', index, `it lifts \`${lifted}\`, which is no stop order in force`)
      }
      this.#stops.delete(lifted)
    }
    if (order === 'stop') this.#stops.set(id, { id, agreement, entry: index })
    return activation
  }

  /** The activation that an entry names. */
  named(agreement: number | undefined, index: number): ActivationLeaf {
    const named = agreement === undefined ? undefined : this.#activations.get(agreement)
    if (named) return named
    throw finding('LEDGER_AGREEMENT', index, 'it names no entry before it that puts an agreement into force')
  }

  isInForce(activation: ActivationLeaf): boolean {
    return this.#newest.get(activation.agreement) === activation
  }

  /** The named activation exists and no later one of the same agreement stands before this entry. */
  requireInForce(agreement: number | undefined, index: number): ActivationLeaf {
    const named = this.named(agreement, index)
    if (this.isInForce(named)) return named
    throw finding('LEDGER_AGREEMENT', index, `a later version than that of entry ${named.seq} was in force`)
  }

  /** In force, and no stop order stands against it. */
  requireRunning(agreement: number | undefined, index: number): ActivationLeaf {
    const named = this.requireInForce(agreement, index)
    const stop = this.stops().find((one) => one.agreement === named.agreement)
    if (!stop) return named
    throw finding('LEDGER_STOPPED', index, `the stop order of entry ${stop.entry} was in force`)
  }
}

function requireNext(version: number, before: ActivationLeaf, index: number): void {
  if (version === before.version + 1) return
  throw finding('LEDGER_ACTIVATION', index, `version ${version} does not follow version ${before.version}`)
}
