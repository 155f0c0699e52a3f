/**
 * Compares the log of an agency's gate with that of the provider's gate behind it, and names every call that stands
 * in one only. Both logs are audited first; here they are held against each other by what the agency promised: its
 * receipt for each intent, which the provider's gate keeps. Memory grows with the calls, by some hundred bytes each.
 */
import type { Leaf, Verifier } from '../ledger/index.ts'
import { difference } from './difference.ts'
import type { Difference, Reconciliation } from './difference.ts'
import { AgencySide } from './reconcile-agency.ts'
import type { Reach } from './reconcile-agency.ts'
import { openGateSide } from './reconcile-gate.ts'
import type { Served } from './reconcile-gate.ts'

export interface ReconcileOptions extends Reach {
  /** The key of the agency's log. */
  readonly agency: Verifier
}

export interface ReconciledLog {
  add(leaf: Leaf, index: number, entry: Uint8Array): void
}

/**
 * INVARIANT: every entry of the gate's log is added first, then every entry of the agency's, each in order; `result`
 * is worth nothing unless both logs pass their audit.
 */
export function openReconciliation(options: ReconcileOptions): {
  readonly gate: ReconciledLog
  readonly agency: ReconciledLog
  result(): Reconciliation
} {
  const differences: Difference[] = []
  const gate = openGateSide(options.agency, differences)
  const agency = new AgencySide(gate, options, differences)
  return {
    gate,
    agency,
    result() {
      const compared = agency.finish()
      for (const [entry, served] of gate.byEntry) {
        if (!served.seen) differences.push(notShown(entry, served))
      }
      return { ...compared, differences }
    },
  }
}

function notShown(entry: number, served: Served): Difference {
  const message =
    'the agency promised this entry, and its log ends before it: older evidence, or entries were taken away'
  return difference('not-shown', entry, served, message)
}
