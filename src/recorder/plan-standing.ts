/** What changes what is in force: a version of an agreement, an order of its parties. Both end open holds. */
import { digestOf } from '../base/index.ts'
import type { OrderLeaf } from '../ledger/index.ts'
import { conflict, requireKind } from './draft.ts'
import type { Draft } from './draft.ts'
import { endHoldsOf } from './plan-holds.ts'
import type { Activation, Unsequenced } from './recorder.ts'
import type { EntryRow } from './recorder-store.ts'

export function planActivation(draft: Draft, { leaf, text }: Activation): EntryRow {
  const { agreement, version, envelope } = leaf
  requireKind('activation', leaf)
  if (digestOf(text) !== leaf.hash) throw conflict('the text is not the one whose digest was given')
  const before = draft.findActivation((row) => row.agreement === agreement)
  if (before && version !== before.version + 1) {
    throw conflict(`version ${version} does not follow version ${before.version}, which is in force`)
  }
  if (!before && leaf.supersedes !== undefined) throw conflict('there is no version before it in this log')
  const entry = draft.add({ ...leaf, ...(before ? { supersedes: before.seq } : {}) })
  draft.rows.activations.push({ seq: entry.seq, agreement, version, text, envelope })
  endHoldsOf(draft, agreement)
  return entry
}

/** The order was verified before: here it must fit what was ordered so far. */
export function planOrder(draft: Draft, leaf: Unsequenced<OrderLeaf>): EntryRow {
  const { order, id, lifts } = leaf
  const { agreement } = draft.requireInForce(leaf.agreement)
  const stops = draft.log.stopsOf(agreement)
  if (draft.log.hasOrder(id)) throw conflict('the order was carried out before')
  if (order === 'stop' && lifts.length > 0) throw conflict('a stop lifts nothing')
  if (order === 'resume' && lifts.length === 0) throw conflict('it names no stop order to lift')
  if (new Set(lifts).size !== lifts.length) throw conflict('it names a stop order twice')
  const closed = lifts.find((lifted) => !stops.has(lifted))
  if (closed !== undefined) throw conflict(`\`${closed}\` is no stop order that is in force`)
  const entry = draft.add(leaf)
  if (order === 'stop') endHoldsOf(draft, agreement)
  return entry
}
