/** What of an installation's log stands in no table: its name and role, orders, and who may decide about holds. */
import { utf8 } from '../../base/index.ts'
import { parseLeaf } from '../../ledger/index.ts'
import type { EnrolledReviewer, Leaf } from '../../ledger/index.ts'
import type { RecordedOrder, RecorderStore } from '../../recorder/index.ts'

export interface Noted {
  readonly origin: string
  readonly role: 'agency' | 'gate'
  readonly orders: readonly RecordedOrder[]
  readonly reviewers: readonly EnrolledReviewer[]
}

/** Canonical JSON writes a kind in one way only; so most entries need not be parsed. */
const kinds = ['opened', 'order', 'reviewers'].map((kind) => utf8(`"kind":"${kind}"`))

/** Reads every entry up to `size`. Throws `LEDGER_LEAF` where one that matters is none. */
export async function readNoted(store: Pick<RecorderStore, 'readLeaves'>, size: number): Promise<Noted> {
  let noted: Noted = { origin: '', role: 'agency', orders: [], reviewers: [] }
  let at = 0
  while (at < size) {
    const leaves = await store.readLeaves(at, size)
    if (leaves.length === 0) break
    const matter = leaves.filter((bytes) => kinds.some((kind) => Buffer.from(bytes).includes(kind)))
    for (const bytes of matter) noted = withLeaf(noted, parseLeaf(bytes))
    at += leaves.length
  }
  return noted
}

function withLeaf(noted: Noted, leaf: Leaf): Noted {
  if (leaf.kind === 'opened') return { ...noted, origin: leaf.origin, role: leaf.role ?? 'agency' }
  if (leaf.kind === 'reviewers') return { ...noted, reviewers: leaf.reviewers }
  if (leaf.kind !== 'order') return noted
  const { seq, agreement, envelope } = leaf
  return { ...noted, orders: [...noted.orders, { seq, agreement, envelope }] }
}
