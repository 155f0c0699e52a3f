/**
 * The last checkpoint that was signed, kept where no backup and no restore reaches it, so that a log that was set
 * back cannot sign a second history. Signing comes first, then `advance`, and only then does anyone see the note.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes, isErrorCode, utf8 } from '../base/index.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { makeDirectory, writeDurably } from './durable-file.ts'
import { LedgerError } from './ledger-error.ts'
import { decodeNote } from './note.ts'

export interface CheckpointGuard {
  /** The last signed checkpoint as a note; null where none was ever signed. */
  last(): Promise<string | null>
  /**
   * Replaces `previous` by `next`, durably on return. Calls are taken one after another; the caller sees to it
   * that one process at a time holds the guard. Throws and changes nothing: `LEDGER_GUARD_CONFLICT` where the
   * last checkpoint is not `previous`, byte for byte; `LEDGER_GUARD_BACKWARDS` for a smaller size;
   * `LEDGER_GUARD_FORK` for another origin or another root at the same size. Any failure leaves unknown which of
   * the two is on disk: the program stops, and `last` tells at the next start.
   */
  advance(previous: string | null, next: string): Promise<void>
}

/** Opens the guard in its own directory, which is made where it is missing. */
export async function openGuard(directory: string): Promise<CheckpointGuard> {
  await makeDirectory(directory)
  const path = join(directory, 'last-signed')
  const last = (): Promise<string | null> => readLast(path)
  let turn: Promise<void> = Promise.resolve()

  async function swap(previous: string | null, next: string): Promise<void> {
    const held = await last()
    if (held !== previous) {
      throw new LedgerError(
        'LEDGER_GUARD_CONFLICT',
        'another checkpoint was signed since, or this state is an old one',
      )
    }
    requireAdvance(held === null ? null : readCheckpoint(held), readCheckpoint(next))
    // A crash in here leaves `previous` or `next`, whole. Where it is `next`, the log publishes it at its start.
    await writeDurably([{ path, bytes: utf8(next) }])
  }

  function advance(previous: string | null, next: string): Promise<void> {
    const done = turn.then(() => swap(previous, next))
    // The caller of this turn has its error; the next one only waits for its end.
    turn = done.catch(() => undefined)
    return done
  }
  return { last, advance }
}

function requireAdvance(held: Checkpoint | null, next: Checkpoint): void {
  if (held === null) return
  if (next.origin !== held.origin) {
    throw new LedgerError('LEDGER_GUARD_FORK', `the guard keeps \`${held.origin}\`, not \`${next.origin}\``)
  }
  if (next.size < held.size) {
    throw new LedgerError(
      'LEDGER_GUARD_BACKWARDS',
      `size ${held.size} was signed, ${next.size} would go backwards`,
    )
  }
  if (next.size === held.size && !equalBytes(next.root, held.root)) {
    throw new LedgerError('LEDGER_GUARD_FORK', `another root was signed at size ${held.size}`)
  }
}

async function readLast(path: string): Promise<string | null> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw new LedgerError('LEDGER_GUARD_UNREADABLE', 'the last signed checkpoint cannot be read', {
      cause: error,
    })
  }
  try {
    const note = decodeNote(bytes)
    readCheckpoint(note)
    return note
  } catch (cause) {
    throw new LedgerError('LEDGER_GUARD_UNREADABLE', 'the last signed checkpoint is malformed', { cause })
  }
}
