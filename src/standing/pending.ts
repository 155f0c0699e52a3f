/** Amendments that were made known and have not come into force yet. */
import { cooledOffAt, statedEffective } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import { canonicalJson, digestOf } from '../base/index.ts'
import type { ActivatedText, RecordedAnnouncement } from '../recorder/index.ts'

/** Times in milliseconds since the epoch. */
export interface PendingAmendment extends RecordedAnnouncement {
  /** The agreement's id. */
  readonly id: string
  /** From when it can come into force; null where it is signed for a time before its cooling-off period ends. */
  readonly actsFrom: number | null
}

/** Those of the versions in force, in the order of the log; what supersedes a version ends what was made known to it. */
export function pendingOf(
  announced: readonly RecordedAnnouncement[],
  inForce: Iterable<{ readonly entry: number; readonly signed: Agreement }>,
): PendingAmendment[] {
  const byEntry = new Map([...inForce].map(({ entry, signed }) => [entry, signed]))
  return announced.flatMap((one) => {
    const amends = byEntry.get(one.agreement)
    if (!amends) return []
    const effective = statedEffective(one.envelope)
    const early = effective === null || effective < cooledOffAt(amends, one.time)
    return [{ ...one, id: amends.schedule.id, actsFrom: early ? null : effective }]
  })
}

/**
 * When the very amendment that this activation names was made known; absent where it names none. Null where what it
 * names is another one: then nobody made it known.
 */
export function madeKnownAt(
  { announced: seq, text, envelope }: ActivatedText,
  supersedes: number | undefined,
  announced: readonly RecordedAnnouncement[],
): number | null | undefined {
  if (seq === undefined) return undefined
  const found = announced.find((one) => one.seq === seq)
  const same =
    found !== undefined &&
    found.agreement === supersedes &&
    found.hash === digestOf(text) &&
    canonicalJson(found.envelope) === canonicalJson(envelope)
  return same ? found.time : null
}
