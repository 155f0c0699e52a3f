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
  #lastNote: string | null
  #tiled: number
  #published: number

  private constructor(
    options: PublisherOptions,
    guard: CheckpointGuard,
    lastNote: string | null,
    tiled: number,
  ) {
    this.#options = options
    this.#guard = guard
    this.#lastNote = lastNote
    this.#tiled = tiled
    this.#published = -1
  }

  static async open(options: PublisherOptions): Promise<Publisher> {
    await mkdir(options.directory, { recursive: true })
    const guard = await openGuard(options.guardDirectory)
    return new Publisher(options, guard, await guard.last(), await publishedSize(options.directory))
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
   * Makes `head` the public one; does nothing when it is already. A crash leaves tiles that the same call writes
   * again, or a signed checkpoint in the guard that the next start publishes. Throws `RECORDER_DAMAGED` when the
   * rows no longer give the root that was written, and whatever the guard throws: both end the program.
   */
  async publish(head: TreeHead): Promise<void> {
    if (head.size === this.#published) return
    if (!(await this.#writeTiles(head))) return
    const { origin, signer, directory } = this.#options
    const note = await signCheckpoint({ origin, ...head }, signer)
    await this.#guard.advance(this.#lastNote, note)
    this.#lastNote = note
    await publishCheckpoint(directory, note)
    this.#published = head.size
  }

  async #writeTiles(head: TreeHead): Promise<boolean> {
    const { store, directory } = this.#options
    let root: Uint8Array
    try {
      root = await writeTiles(directory, this.#tiled, head.size, (from, to) => store.readLeaves(from, to))
    } catch (error) {
      if (!diskFull.some((code) => isErrorCode(error, code))) throw error
      this.#options.delayed?.(messageOf(error))
      return false
    }
    if (!equalBytes(root, head.root)) {
      throw new RecorderError(
        'RECORDER_DAMAGED',
        `the rows give another root at size ${head.size} than was written`,
      )
    }
    this.#tiled = head.size
    return true
  }
}

/** Size of the checkpoint that readers see; 0 where there is none, so that everything is derived anew. */
async function publishedSize(directory: string): Promise<number> {
  try {
    return readCheckpoint(await readFile(join(directory, 'checkpoint'), 'utf8')).size
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return 0
    throw error
  }
}
