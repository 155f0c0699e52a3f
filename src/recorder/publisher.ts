/**
 * Derives the public log from the rows: tiles, then a signed checkpoint, then the guard, then the checkpoint file.
 * The root that is signed is computed twice: by the sequencer from what it wrote, and here from the rows as they
 * are read back. A flipped bit on the way stops the program instead of ending the log.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Signer } from '../base/index.ts'
import { equalBytes, isErrorCode, messageOf } from '../base/index.ts'
import { openGuard, publishCheckpoint, readCheckpoint, signCheckpoint, writeTiles } from '../ledger/index.ts'
import type { Checkpoint, CheckpointGuard } from '../ledger/index.ts'
import { requireEarlierPartials } from './earlier-partials.ts'
import { RecorderError } from './recorder.ts'
import type { RecorderStore } from './recorder-store.ts'
import type { TreeHead } from './sequencer.ts'

export interface PublisherOptions {
  readonly store: Pick<RecorderStore, 'readLeaves'>
  readonly signer: Signer
  readonly origin: string
  /** Where the evidence lies: `checkpoint` and `tile/`. */
  readonly directory: string
  /** Where the last signed checkpoint is kept, outside every backup. */
  readonly guardDirectory: string
  /** Told when a publication has to wait because the disk is full; the entries themselves are durable. */
  readonly delayed?: (message: string) => void
}

const diskFull = ['ENOSPC', 'EDQUOT', 'EFBIG']

export class Publisher {
  readonly #options: PublisherOptions
  readonly #guard: CheckpointGuard
  /** The checkpoint that readers saw when this publisher was opened; null where there was none. */
  readonly shown: Checkpoint | null
  #lastNote: string | null
  /** At start nothing counts as written: every tile is derived again and compared, and what is gone comes back. */
  #tiled = 0
  #published = -1

  private constructor(
    options: PublisherOptions,
    guard: CheckpointGuard,
    { lastNote, shown }: { readonly lastNote: string | null; readonly shown: Checkpoint | null },
  ) {
    this.#options = options
    this.#guard = guard
    this.#lastNote = lastNote
    this.shown = shown
  }

  static async open(options: PublisherOptions): Promise<Publisher> {
    await mkdir(options.directory, { recursive: true })
    const guard = await openGuard(options.guardDirectory)
    const shown = await readShown(options.directory)
    return new Publisher(options, guard, { lastNote: await guard.last(), shown })
  }

  /** Entries in the newest checkpoint that this publisher has published. */
  get size(): number {
    return Math.max(this.#published, 0)
  }

  /** What was signed last, by whatever program: the rows must still give this root. */
  get lastSigned(): Checkpoint | null {
    return this.#lastNote === null ? null : readCheckpoint(this.#lastNote)
  }

  /**
   * Makes `head` the public one; does nothing when it is already, and leaves it to a later call while the disk is
   * full. One call at a time. A crash leaves tiles that the same call writes again, or a signed checkpoint in the
   * guard that the next start publishes. Throws `RECORDER_DAMAGED` when the rows no longer give the root that was
   * written, and whatever the guard throws: both end the program.
   */
  async publish(head: TreeHead): Promise<void> {
    if (head.size === this.#published) return
    if (!(await this.#hasRoom(() => this.#writeTiles(head)))) return
    const { origin, signer, directory } = this.#options
    const note = await signCheckpoint({ origin, ...head }, signer)
    await this.#guard.advance(this.#lastNote, note)
    this.#lastNote = note
    if (await this.#hasRoom(() => publishCheckpoint(directory, note))) this.#published = head.size
  }

  async #writeTiles(head: TreeHead): Promise<void> {
    const { store, directory } = this.#options
    const root = await writeTiles(directory, this.#tiled, head.size, (from, to) => store.readLeaves(from, to))
    if (!equalBytes(root, head.root)) {
      throw new RecorderError(
        'RECORDER_DAMAGED',
        `the rows give another root at size ${head.size} than was written`,
      )
    }
    if (this.#tiled === 0) await requireEarlierPartials(directory, head.size)
    this.#tiled = head.size
  }

  /** A full disk delays what can be derived again; nothing of it was believed in, so it may be tried anew. */
  async #hasRoom(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      if (!diskFull.some((code) => isErrorCode(error, code))) throw error
      this.#options.delayed?.(messageOf(error))
      return false
    }
  }
}

async function readShown(directory: string): Promise<Checkpoint | null> {
  const path = join(directory, 'checkpoint')
  let note: string
  try {
    note = await readFile(path, 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
  try {
    return readCheckpoint(note)
  } catch (cause) {
    throw new RecorderError('RECORDER_DAMAGED', `${path} is no checkpoint: ${messageOf(cause)}`, { cause })
  }
}
