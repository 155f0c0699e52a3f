/**
 * What changes what is in force: a version of an agreement, an order of its parties, a dispute about a clause; and what
 * is made known before it does.
 */
import { canonicalJson, digestOf } from '../base/index.ts'
import type { AnnouncedLeaf, DisputeLeaf, OrderLeaf } from '../ledger/index.ts'
import { conflict, requireKind, superseded } from './draft.ts'
import type { Draft } from './draft.ts'
import { endHoldsOf } from './plan-holds.ts'
import { announcedMax } from './recorder.ts'
import type { Activation, RecordedAnnouncement, Unsequenced } from './recorder.ts'
import type { ActivationRow, EntryRow } from './recorder-store.ts'

export function planActivation(draft: Draft, activation: Activation): EntryRow {
  const { leaf, text } = activation
  const { agreement, version, envelope } = leaf
  requireKind('activation', leaf)
  requireAsJudged(draft, activation)
  if (digestOf(text) !== leaf.hash) throw conflict('the text is not the one whose digest was given')
  const before = draft.findActivation((row) => row.agreement === agreement)
  if (before && version !== before.version + 1) {
    throw conflict(`version ${version} does not follow version ${before.version}, which is in force`)
  }
  if (!before && leaf.supersedes !== undefined) throw conflict('there is no version before it in this log')
  if (leaf.announced !== undefined) requireMadeKnown(draft, leaf, before)
  const entry = draft.add({ ...leaf, ...(before ? { supersedes: before.seq } : {}) })
  draft.rows.activations.push({ seq: entry.seq, agreement, version, text, envelope })
  endHoldsOf(draft, agreement)
  return entry
}

/**
 * What nobody could stand on would stay in the log for ever: a version beside a dispute that came in between, say, or
 * with a time before the one that was signed, for a clock was set back.
 */
function requireAsJudged(draft: Draft, { judgedUnder, notBefore }: Activation): void {
  // untrusted: whoever asks may have left them out.
  if (!Number.isSafeInteger(judgedUnder) || !Number.isSafeInteger(notBefore)) {
    throw conflict('it does not say under what it was judged, and from when it shall be in force')
  }
  if (draft.log.version > judgedUnder) throw superseded('what is in force has changed since it was judged')
  if (draft.time < notBefore) throw conflict("by the log's time it is signed for a time to come")
}

/** The very same amendment of the version that is in force. */
function requireMadeKnown(
  draft: Draft,
  { announced: entry, version, hash, envelope }: Activation['leaf'],
  before: ActivationRow | undefined,
): void {
  const announced = draft.log.announced.find(({ seq }) => seq === entry)
  const same =
    announced?.agreement === before?.seq &&
    announced?.version === version &&
    announced.hash === hash &&
    canonicalJson(announced.envelope) === canonicalJson(envelope)
  if (!same) throw conflict('the entry that it names did not make this very version known')
}

/** The amendments that were made known to a version and may still supersede it. */
function pendingOf({ log }: Draft, activation: number): readonly RecordedAnnouncement[] {
  return log.announced.filter(({ agreement }) => agreement === activation)
}

/** That all have signed who must was verified before: here it must fit what is in force. It changes nothing of that. */
export function planAnnouncement(draft: Draft, leaf: Unsequenced<AnnouncedLeaf>): EntryRow {
  const { seq, version } = draft.requireInForce(leaf.agreement)
  if (leaf.version !== version + 1) {
    throw conflict(`version ${leaf.version} does not follow version ${version}, which is in force`)
  }
  const pending = pendingOf(draft, seq)
  // The same text may be signed anew, for a later time.
  const known = canonicalJson(leaf.envelope)
  if (pending.some(({ hash, envelope }) => hash === leaf.hash && canonicalJson(envelope) === known)) {
    throw conflict('the amendment was made known before')
  }
  if (pending.length >= announcedMax) throw conflict('as many amendments are known as may be at once')
  return draft.add(leaf)
}

/** The dispute was verified before. What waits was held and shown under the reading that it ends. */
export function planDispute(draft: Draft, leaf: Unsequenced<DisputeLeaf>): EntryRow {
  const { agreement } = draft.requireInForce(leaf.agreement)
  if (draft.log.hasDispute(leaf.id)) throw conflict('the dispute was opened before')
  const entry = draft.add(leaf)
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
