/** Reads every entry again at start, and refuses rows that are not what was signed or not what the entries say. */
import { equalBytes } from '../base/index.ts'
import { LedgerError, entryOf, leafHash, openFrontier, openHistory, parseLeaf } from '../ledger/index.ts'
import type { Checkpoint, Frontier, History, Leaf, OpenedLeaf, Signed } from '../ledger/index.ts'
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
  /** Every activation, and all else that rests on what people signed and that no checkpoint covers yet. */
  readonly signed: readonly Signed[]
}

/**
 * The tree over all entries, and what they alone tell. Throws `RECORDER_DAMAGED` when they are fewer than were signed,
 * when they do not give the signed root, when one is missing, when they are another log's or role's, when an entry
 * does not follow from those before it by the checks of an audit (a hold that is opened again, an outcome of nothing),
 * and when the other rows are not what the entries say: an older version of an agreement put back, money deleted. What
 * cannot be found out so, `RowsCheck` says.
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
  const reader = new EntryReader(expected)
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
      const leaf = reader.read(bytes)
      rows.add(leaf)
      log.add(leaf)
      tree.append(leafHash(bytes))
    }
    rows.requireSpent(await store.readSpent(from, tree.size))
    if (signed && tree.size === signed.size && !equalBytes(tree.root(), signed.root)) {
      throw damaged(`the first ${signed.size} entries do not give the root that was signed`)
    }
  }
  rows.requireRows(state)
  return { tree, log, signed: reader.signed }
}

/** Reads entry after entry as an audit would, and keeps what people have signed for. */
class EntryReader {
  readonly signed: Signed[] = []
  readonly #expected: Expected
  readonly #history: History
  #index = 0

  constructor(expected: Expected) {
    this.#expected = expected
    this.#history = openHistory(expected.origin)
  }

  read(bytes: Uint8Array): Leaf {
    const index = this.#index++
    try {
      return this.#follow(bytes, index)
    } catch (cause) {
      if (cause instanceof RecorderError) throw cause
      const found = cause instanceof LedgerError && cause.index !== undefined
      throw damaged(found ? `${cause.message} (${cause.code})` : `entry ${index} cannot be read`, cause)
    }
  }

  /** The form is checked only of what no signature covers yet: the rest was so before it was signed. */
  #follow(bytes: Uint8Array, index: number): Leaf {
    const covered = this.#expected.signed?.size ?? 0
    const isSigned = index > 0 && index < covered
    const leaf = isSigned ? (JSON.parse(viewOf(bytes).toString()) as Leaf) : parseLeaf(bytes)
    const signed = this.#history.add(leaf, index)
    if (leaf.kind === 'opened') requireRole(leaf, this.#expected)
    if (signed && (signed.kind === 'activation' || entryOf(signed) >= covered)) this.signed.push(signed)
    return leaf
  }
}

function requireRole(leaf: OpenedLeaf, expected: Expected): void {
  const role = leaf.role ?? 'agency'
  if (role !== expected.role) throw damaged(`the log is of the role \`${role}\`, not \`${expected.role}\``)
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(message: string, cause?: unknown): RecorderError {
  return new RecorderError('RECORDER_DAMAGED', message, { cause })
}
