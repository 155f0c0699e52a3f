/** Starts a recorder over what the last one left, and refuses to go on over anything that does not fit. */
import { equalBytes } from '../base/index.ts'
import { leafHash, openFrontier } from '../ledger/index.ts'
import type { Checkpoint, Frontier } from '../ledger/index.ts'
import { Publisher } from './publisher.ts'
import type { PublisherOptions } from './publisher.ts'
import { RecorderError } from './recorder.ts'
import type { RecorderStore } from './recorder-store.ts'
import { Sequencer } from './sequencer.ts'
import type { SequencerOptions } from './sequencer.ts'

export type OpenRecorderOptions = Omit<SequencerOptions, 'store' | 'tree' | 'state'> &
  Omit<PublisherOptions, 'store'> & { readonly store: RecorderStore }

/**
 * Re-reads and re-hashes every entry, compares the tree with the last signed checkpoint, writes what the last
 * program owes, and publishes. Throws `RECORDER_DAMAGED` when the rows are fewer than were signed (an old backup)
 * or give another root, when the log is another's, or when the clock stands before the last entry.
 */
export async function openRecorder(
  options: OpenRecorderOptions,
): Promise<{ readonly sequencer: Sequencer; readonly publisher: Publisher }> {
  const publisher = await Publisher.open(options)
  const state = await options.store.load()
  const tree = await readTree(options.store, state.size, publisher.lastSigned)
  if (publisher.lastSigned && publisher.lastSigned.origin !== options.origin) {
    throw damaged(`the guard keeps the log \`${publisher.lastSigned.origin}\`, not \`${options.origin}\``)
  }
  const sequencer = await Sequencer.open({ ...options, state, tree })
  await publisher.publish(sequencer.head())
  return { sequencer, publisher }
}

async function readTree(
  store: Pick<RecorderStore, 'readLeaves'>,
  size: number,
  signed: Checkpoint | null,
): Promise<Frontier> {
  if (signed && signed.size > size) {
    throw damaged(`${signed.size} entries were signed, but only ${size} are here: an old copy must not go on`)
  }
  const tree = openFrontier()
  while (tree.size < size) {
    const end = signed && tree.size < signed.size ? signed.size : size
    const leaves = await store.readLeaves(tree.size, end)
    if (leaves.length === 0) throw damaged(`entry ${tree.size} is missing`)
    for (const leaf of leaves) tree.append(leafHash(leaf))
    if (signed && tree.size === signed.size && !equalBytes(tree.root(), signed.root)) {
      throw damaged(`the first ${signed.size} entries do not give the root that was signed`)
    }
  }
  return tree
}

function damaged(message: string): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message)
}
