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

export interface Tally {
  add(leaf: Leaf, index: number): void
  /** Throws `CERTIFICATE_IMPOSSIBLE` with the first call to the supplier. */
  result(entries: number): Result
}

/** Counts by the predicate. Memory grows with the calls that are open at once. */
export function openTally({ supplier, from, to }: Period): Tally {
  const open = new Map<number, Call>()
  const byProvider = new Map<string, number>()
  const counts = {
    calls: 0,
    refusedToSupplier: 0,
    turnedAway: 0,
    gaps: 0,
    gapRefusals: 0,
    interrupted: 0,
  }
  const flags = { supplierNamed: false, demo: false, rehearsal: false }
  let first: number | undefined
  let begun = false

  function count({ index, provider, rehearsal }: Call): void {
    counts.calls++
    byProvider.set(provider ?? '', (byProvider.get(provider ?? '') ?? 0) + 1)
    if (rehearsal) flags.rehearsal = true
    // A call that names nobody may be one to the supplier.
    if (provider === supplier || provider === undefined) first ??= index
  }

  /** With the first entry that is not before the period, those that still run fall into it. */
  function begin(): void {
    if (begun) return
    begun = true
    for (const call of open.values()) count(call)
  }

  function addInside(leaf: Leaf): void {
    if (leaf.kind === 'refusal' && leaf.provider === supplier) counts.refusedToSupplier++
    if (leaf.kind === 'turned-away') counts.turnedAway += leaf.count
    if (leaf.kind === 'gap') {
      counts.gaps++
      counts.gapRefusals += leaf.refusals
    }
    if ('status' in leaf && leaf.status === 'interrupted') counts.interrupted++
  }

  return {
    add(leaf, index) {
      if ('provider' in leaf && leaf.provider === supplier) flags.supplierNamed = true
      if (leaf.kind === 'activation' && leaf.demo) flags.demo = true
      if (leaf.time >= from) begin()
      const inside = leaf.time >= from && leaf.time < to
      if (inside) addInside(leaf)
      if (leaf.kind === 'outcome') open.delete(leaf.intent)
      if (leaf.kind === 'served-end') open.delete(leaf.served)
      if (leaf.kind !== 'intent' && leaf.kind !== 'served') return
      const call = { index, provider: leaf.provider, rehearsal: leaf.upstream === 'rehearsal' }
      if (inside) count(call)
      else if (leaf.time < from) open.set(index, call)
    },
    result(entries) {
      if (first !== undefined) throw impossible(supplier, first)
      return {
        counts: { entries, ...counts, toSupplier: 0 },
        callsByProvider: Object.fromEntries(byProvider),
        ...flags,
      }
    },
  }
}

function impossible(supplier: string, index: number): CertificateError {
  const message = `entry ${index} is a call to \`${supplier}\`, or names no provider, and falls into the period`
  return new CertificateError('CERTIFICATE_IMPOSSIBLE', message, { index })
}
