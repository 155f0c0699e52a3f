/** Reads every entry again at start, and refuses rows that are not what was signed or not what the entries say. */
import { equalBytes } from '../base/index.ts'
import { leafHash, openFrontier, parseLeaf } from '../ledger/index.ts'
import type { Checkpoint, Frontier, Leaf } from '../ledger/index.ts'
import { LogMemory } from './log-memory.ts'
import { RecorderError } from './recorder.ts'
import { leavesMax } from './recorder-store.ts'
import type { RecorderState, RecorderStore } from './recorder-store.ts'
import { RowsCheck } from './rows-check.ts'
import type { LogRole } from './sequencer-memory.ts'

export interface Expected {
  readonly origin: string
  readonly role: LogRole
  /** What was signed last, by whatever program. */
  readonly signed: Checkpoint | null
}

/** What all entries give. */
export interface ReadLog {
  readonly tree: Frontier
  readonly log: LogMemory
}

/**
 * The tree over all entries, and what they alone tell. Throws `RECORDER_DAMAGED` when they are fewer than were signed, when they do not give
 * the signed root, when one is missing or stands elsewhere than it says, when they are another log's or role's, and when the
 * other rows are not what the entries say: an older version of an agreement put back, money deleted, an intent made
 * up. What cannot be found out so, `RowsCheck` says.
 */
export async function readTree(
  store: Pick<RecorderStore, 'readLeaves' | 'readSpent'>,
  { size, ...state }: RecorderState,
  expected: Expected,
): Promise<ReadLog> {
  const { signed } = expected
  if (signed && signed.size > size) {
    throw damaged(`${signed.size} entries were signed, but only ${size} are here: an old copy must not go on`)
  }
  const tree = openFrontier()
  const rows = new RowsCheck()
  const log = new LogMemory()
  while (tree.size < size) {
    const from = tree.size
    const end = signed && tree.size < signed.size ? signed.size : size
    const leaves = await store.readLeaves(tree.size, end)
    if (leaves.length !== Math.min(leavesMax, end - tree.size)) {
      throw damaged(`an entry is missing between ${tree.size} and ${end}`)
    }
    for (const bytes of leaves) {
      const leaf = readLeaf(bytes, tree.size, expected)
      rows.add(leaf)
      follow(log, leaf)
      tree.append(leafHash(bytes))
    }
    rows.requireSpent(await store.readSpent(from, tree.size))
    if (signed && tree.size === signed.size && !equalBytes(tree.root(), signed.root)) {
      throw damaged(`the first ${signed.size} entries do not give the root that was signed`)
    }
  }
  rows.requireRows(state)
  return { tree, log }
}

function follow(log: LogMemory, leaf: Leaf): void {
  try {
    log.add(leaf)
  } catch (cause) {
    throw damaged(`entry ${leaf.seq} cannot be read`, cause)
  }
}

/** The form is checked only of what no signature covers yet: the rest was so before it was signed. */
function readLeaf(bytes: Uint8Array, index: number, { origin, role, signed }: Expected): Leaf {
  const isSigned = index > 0 && index < (signed?.size ?? 0)
  let leaf: Leaf
  try {
    leaf = isSigned ? (JSON.parse(viewOf(bytes).toString()) as Leaf) : parseLeaf(bytes)
  } catch (cause) {
    throw damaged(`entry ${index} cannot be read`, cause)
  }
  if (leaf.seq !== index) throw damaged(`entry ${index} says that it is entry ${leaf.seq}`)
  if (index === 0 && (leaf.kind !== 'opened' || leaf.origin !== origin)) {
    throw damaged(`the rows are not of the log \`${origin}\``)
  }
  if (leaf.kind === 'opened' && (leaf.role ?? 'agency') !== role) {
    throw damaged(`the log is of the role \`${leaf.role ?? 'agency'}\`, not \`${role}\``)
  }
  return leaf
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(message: string, cause?: unknown): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message, { cause })
}
