/** The gate's side of a comparison: what it served, on which promise of the agency. */
import { ServandaError, messageOf } from '../base/index.ts'
import { parseReceipt, verifyReceipt } from '../ledger/index.ts'
import type { Leaf, ServedLeaf, ServedStatus, Verifier } from '../ledger/index.ts'
import { difference } from './difference.ts'
import type { Difference } from './difference.ts'

export interface Served {
  readonly index: number
  readonly leaf: ServedLeaf
  /** Digest of the agreement's text by the gate's log. */
  readonly agreement: string | undefined
  /** Of the entry that the agency promised. */
  readonly promised: Uint8Array
  status: ServedStatus | undefined
  /** The agency's log has reached this entry. */
  seen: boolean
}

export interface GateSide {
  add(leaf: Leaf, index: number): void
  /** By index in the agency's log. */
  readonly byEntry: ReadonlyMap<number, Served>
  /** When an agreement came into force here first, by its id. */
  readonly inForceFrom: ReadonlyMap<string, number>
  /** Codes of the providers that it has served calls to. */
  readonly providers: ReadonlySet<string>
  lastTime(): number
}

export function openGateSide(agency: Verifier, differences: Difference[]): GateSide {
  const byEntry = new Map<number, Served>()
  const byServed = new Map<number, Served>()
  const inForceFrom = new Map<string, number>()
  const providers = new Set<string>()
  const hashes = new Map<number, string>()
  let lastTime = 0

  function addServed(leaf: ServedLeaf, index: number): void {
    const receipt = readReceipt(leaf, agency)
    if (typeof receipt === 'string') {
      differences.push(difference('false-receipt', null, { index, leaf }, receipt))
      return
    }
    const entry = receipt.index
    const before = byEntry.get(entry)
    if (before) {
      const message = `served before, as the gate's entry ${before.index}`
      differences.push(difference('served-twice', entry, { index, leaf }, message))
      return
    }
    const promised = receipt.leafHash
    const agreement = hashes.get(leaf.agreement)
    const served = { index, leaf, agreement, promised, status: undefined, seen: false }
    byEntry.set(entry, served)
    byServed.set(index, served)
  }

  return {
    byEntry,
    inForceFrom,
    providers,
    lastTime: () => lastTime,
    add(leaf, index) {
      lastTime = leaf.time
      if (leaf.kind === 'activation') {
        hashes.set(index, leaf.hash)
        if (!inForceFrom.has(leaf.agreement)) inForceFrom.set(leaf.agreement, leaf.time)
      }
      if (leaf.kind === 'served') {
        providers.add(leaf.provider)
        addServed(leaf, index)
      }
      if (leaf.kind === 'served-end') {
        const served = byServed.get(leaf.served)
        if (served) served.status = leaf.status
        byServed.delete(leaf.served)
      }
    },
  }
}

/** The agency's promise, or why it is none. */
function readReceipt({ receipt: text }: ServedLeaf, agency: Verifier) {
  try {
    const receipt = parseReceipt(text)
    verifyReceipt(receipt, agency)
    return receipt
  } catch (error) {
    if (!(error instanceof ServandaError)) throw error
    return messageOf(error)
  }
}
