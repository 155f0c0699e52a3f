/** Starts a recorder over what the last one left, and refuses to go on over anything that does not fit. */
import { Publisher } from './publisher.ts'
import type { PublisherOptions } from './publisher.ts'
import { readTree } from './read-tree.ts'
import { RecorderError } from './recorder.ts'
import { requireTailSigned } from './require-signed.ts'
import type { RequireSigned } from './require-signed.ts'
import type { RecorderStore } from './recorder-store.ts'
import { Sequencer } from './sequencer.ts'
import { standingOf } from './sequencer-memory.ts'
import type { SequencerOptions } from './sequencer.ts'

export type OpenRecorderOptions = Omit<SequencerOptions, 'store' | 'tree' | 'state' | 'log'> &
  Omit<PublisherOptions, 'store'> & {
    readonly store: RecorderStore
    /** Asked about what people have signed for; without it, as in tests, all of that is believed. */
    readonly requireSigned?: RequireSigned
  }

/**
 * Re-reads and re-hashes every entry, compares the tree with the last signed checkpoint, writes what the last
 * program owes, and publishes. Throws `RECORDER_DAMAGED` when the rows are fewer than were signed (an old backup)
 * or give another root, when the log is another's, when an entry does not follow from those before it or is not signed
 * by the people whose word it is, when the guard has forgotten what the evidence still shows, or when the clock stands
 * before the last entry. Until all of that holds, nothing is written and nothing signed: what is signed stays.
 */
export async function openRecorder(
  options: OpenRecorderOptions,
): Promise<{ readonly sequencer: Sequencer; readonly publisher: Publisher }> {
  const { origin, role = 'agency', store, requireSigned } = options
  const publisher = await Publisher.open(options)
  const signed = publisher.lastSigned
  if (signed && signed.origin !== origin) {
    throw damaged(`the guard keeps the log \`${signed.origin}\`, not \`${origin}\``)
  }
  requireGuarded(publisher)
  const state = await store.load()
  const { tree, log, signed: asked } = await readTree(store, state, { origin, role, signed })
  if (requireSigned) {
    const read = { ...standingOf({ log, activations: state.activations }, origin), signed: asked }
    await requireTailSigned(read, { covered: signed?.size ?? 0, ask: requireSigned })
  }
  const sequencer = await Sequencer.open({ ...options, state, tree, log })
  await publisher.publish(sequencer.head())
  return { sequencer, publisher }
}

/** What readers see was in the guard before: where it is not, the guard is an old one, or its volume is missing. */
function requireGuarded({ lastSigned, shown }: Publisher): void {
  if (shown && shown.size > (lastSigned?.size ?? -1)) {
    throw damaged(
      `the evidence shows a checkpoint of ${shown.size} entries, the guard keeps ${lastSigned ? `one of ${lastSigned.size}` : 'none'}`,
    )
  }
}

function damaged(message: string): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message)
}
