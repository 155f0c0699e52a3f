/** Counting by the predicate: which calls fall into a period, and to whom they went. */
import type { Leaf } from '../ledger/index.ts'
import { CertificateError } from './certificate-error.ts'
import type { ExclusionStatement, Period } from './statement.ts'

type Result = Pick<ExclusionStatement, 'counts' | 'callsByProvider' | 'supplierNamed' | 'demo' | 'rehearsal'>

interface Call {
  readonly index: number
  readonly provider: string | undefined
  readonly rehearsal: boolean
}

/** Counts by the predicate. Memory grows with the calls that are open at once. */
export class Tally {
  readonly #period: Period
  /** Calls from before the period that still run. */
  readonly #open = new Map<number, Call>()
  readonly #byProvider = new Map<string, number>()
  readonly #counts = {
    calls: 0,
    refusedToSupplier: 0,
    turnedAway: 0,
    gaps: 0,
    gapRefusals: 0,
    interrupted: 0,
  }
  readonly #flags = { supplierNamed: false, demo: false, rehearsal: false }
  /** The first call to the supplier. */
  #first: number | undefined
  #begun = false

  constructor(period: Period) {
    this.#period = period
  }

  add(leaf: Leaf, index: number): void {
    const { supplier, from, to } = this.#period
    if ('provider' in leaf && leaf.provider === supplier) this.#flags.supplierNamed = true
    if (leaf.kind === 'activation' && leaf.demo) this.#flags.demo = true
    if (leaf.time >= from) this.#begin()
    const inside = leaf.time >= from && leaf.time < to
    if (inside) this.#addInside(leaf)
    if (leaf.kind === 'outcome') this.#open.delete(leaf.intent)
    if (leaf.kind === 'served-end') this.#open.delete(leaf.served)
    if (leaf.kind !== 'intent' && leaf.kind !== 'served') return
    const call = { index, provider: leaf.provider, rehearsal: leaf.upstream === 'rehearsal' }
    if (inside) this.#count(call)
    else if (leaf.time < from) this.#open.set(index, call)
  }

  /** Throws `CERTIFICATE_IMPOSSIBLE` with the first call to the supplier. */
  result(entries: number): Result {
    if (this.#first !== undefined) throw impossible(this.#period.supplier, this.#first)
    return {
      counts: { entries, ...this.#counts, toSupplier: 0 },
      callsByProvider: Object.fromEntries(this.#byProvider),
      ...this.#flags,
    }
  }

  /** With the first entry that is not before the period, those that still run fall into it. */
  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    for (const call of this.#open.values()) this.#count(call)
  }

  #count({ index, provider, rehearsal }: Call): void {
    this.#counts.calls++
    this.#byProvider.set(provider ?? '', (this.#byProvider.get(provider ?? '') ?? 0) + 1)
    if (rehearsal) this.#flags.rehearsal = true
    // A call that names nobody may be one to the supplier.
    if (provider === this.#period.supplier || provider === undefined) this.#first ??= index
  }

  #addInside(leaf: Leaf): void {
    const counts = this.#counts
    if (leaf.kind === 'refusal' && leaf.provider === this.#period.supplier) counts.refusedToSupplier++
    if (leaf.kind === 'turned-away') counts.turnedAway += leaf.count
    if (leaf.kind === 'gap') {
      counts.gaps++
      counts.gapRefusals += leaf.refusals
    }
    if ('status' in leaf && leaf.status === 'interrupted') counts.interrupted++
  }
}

function impossible(supplier: string, index: number): CertificateError {
  const message = `entry ${index} is a call to \`${supplier}\`, or names no provider, and falls into the period`
  return new CertificateError('CERTIFICATE_IMPOSSIBLE', message, { index })
}
