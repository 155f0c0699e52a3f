/** What is in force from entry to entry: versions of agreements, and the stop orders against them. */
import { finding } from './finding.ts'
import { IdSet } from './id-set.ts'
import type { ActivationLeaf, OrderLeaf } from './leaf.ts'

/** A stop order that no resume has lifted. */
export interface StopInForce {
  readonly id: string
  /** Id of the agreement. */
  readonly agreement: string
  readonly entry: number
}

export class AgreementHistory {
  /** By entry. */
  readonly #activations = new Map<number, ActivationLeaf>()
  /** The newest by agreement. */
  readonly #newest = new Map<string, ActivationLeaf>()
  readonly #stops = new Map<string, StopInForce>()
  readonly #orders = new IdSet()

  stops(): readonly StopInForce[] {
    return [...this.#stops.values()]
  }

  /** Versions rise by one and name the activation before, which is returned; the first in a log may have any number. */
  activate(leaf: ActivationLeaf, index: number): ActivationLeaf | undefined {
    const before = this.#newest.get(leaf.agreement)
    if (leaf.supersedes !== before?.seq) {
      const expected = before ? `entry ${before.seq}` : 'nothing'
      throw finding('LEDGER_ACTIVATION', index, `version ${leaf.version} must supersede ${expected}`)
    }
    if (before && leaf.version !== before.version + 1) {
      throw finding(
        'LEDGER_ACTIVATION',
        index,
        `version ${leaf.version} does not follow version ${before.version}`,
      )
    }
    this.#activations.set(index, leaf)
    this.#newest.set(leaf.agreement, leaf)
    return before
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
