/** After a life that came to its end: what may happen once has happened once, in whichever run it was. */
import assert from 'node:assert/strict'
import type { Leaf } from '../../src/ledger/index.ts'
import type { Role } from './audit.ts'
import { agencyHolds } from './life-of-agency.ts'
import { intentsServed } from './life-of-gate.ts'

/** Kinds of entries that a whole life writes. */
const kinds: Readonly<Record<Role, readonly Leaf['kind'][]>> = {
  agency: [
    ...(['opened', 'activation', 'reviewers', 'intent', 'outcome', 'refusal', 'gap'] as const),
    ...(['hold-decided', 'hold-expired', 'order', 'dispute', 'announced', 'certificate'] as const),
  ],
  gate: [
    ...(['opened', 'activation', 'served', 'served-end', 'turned-away'] as const),
    ...(['order', 'dispute', 'announced', 'certificate'] as const),
  ],
}

export function requireWhole(role: Role, leaves: readonly Leaf[]): void {
  assert.deepEqual(new Set(leaves.map(({ kind }) => kind)), new Set(kinds[role]))
  const versions = leaves.flatMap((leaf) => (leaf.kind === 'activation' ? [leaf.version] : []))
  assert.deepEqual(versions, [1, 2])
  const orders = leaves.flatMap((leaf) => (leaf.kind === 'order' ? [leaf.id] : []))
  assert.deepEqual(orders, ['stop', 'resume'])
  const once = leaves.filter(({ kind }) => kind === 'dispute' || kind === 'announced')
  assert.equal(once.length, 2, 'a clause is disputed once, and the amendment made known once')
  const known = leaves.findLast((leaf) => leaf.kind === 'activation')?.announced
  assert.equal(known, once.find(({ kind }) => kind === 'announced')?.seq)
  if (role === 'gate') requireServedOnce(leaves)
  else requireUsedOnce(leaves)
}

/** The exchange of a call bears the index of its intent. */
function requireServedOnce(leaves: readonly Leaf[]): void {
  const served = leaves.flatMap((leaf) => (leaf.kind === 'served' ? [leaf.exchange.split('-')[1]] : []))
  assert.deepEqual(served.toSorted(), intentsServed.map(String), 'each intent is served once')
}

function requireUsedOnce(leaves: readonly Leaf[]): void {
  const uses = leaves.flatMap((leaf) =>
    leaf.kind === 'intent' && leaf.hold !== undefined ? [leaf.hold] : [],
  )
  assert.deepEqual(uses.toSorted(), [...agencyHolds.used].toSorted(), 'each approved hold is used once')
}
