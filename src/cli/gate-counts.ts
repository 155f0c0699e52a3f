/** What the log of a provider's gate adds up to: calls passed on, by how they ended, and calls turned away. */
import type { Leaf, ServedStatus, TurnedAwayReason } from '../ledger/index.ts'

export interface GateCounts {
  /** Calls passed on to a model, by their end. */
  readonly servedEnds: Readonly<Partial<Record<ServedStatus, number>>>
  /** Calls turned away, by the reason. */
  readonly turnedAway: Readonly<Partial<Record<TurnedAwayReason, number>>>
}

export function openGateCounts(): { readonly counts: GateCounts; add(leaf: Leaf): void } {
  const servedEnds: Partial<Record<ServedStatus, number>> = {}
  const turnedAway: Partial<Record<TurnedAwayReason, number>> = {}
  return {
    counts: { servedEnds, turnedAway },
    add(leaf) {
      if (leaf.kind === 'served-end') servedEnds[leaf.status] = (servedEnds[leaf.status] ?? 0) + 1
      if (leaf.kind === 'turned-away') {
        turnedAway[leaf.reason] = (turnedAway[leaf.reason] ?? 0) + leaf.count
      }
    },
  }
}

export function gateLines({ servedEnds, turnedAway }: GateCounts): string[] {
  return [
    "this is the log of a provider's gate: it holds no records, and knows no caller, unit or purpose",
    `served, by their end: ${counted(servedEnds)}`,
    `turned away: ${counted(turnedAway)}`,
  ]
}

function counted(of: Readonly<Record<string, number>>): string {
  const parts = Object.entries(of).map(([name, count]) => `${count} ${name}`)
  return parts.length > 0 ? parts.join(', ') : 'none'
}
