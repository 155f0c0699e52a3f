/**
 * Files that appear whole or not at all, and stay once written.
 *
 * An error of fsync is passed on and must end the program: what the kernel dropped is not written by trying
 * again, and reading back shows the cache, not the disk.
 */
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface DurableFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Writes each file beside its place, syncs it, renames it into place, and syncs every directory touched. All are
 * durable on return. A crash before leaves some files in place, each whole, and perhaps a `.tmp` beside one,
 * which the next write of the same file replaces. One writer per directory at a time.
 */
export async function writeDurably(files: readonly DurableFile[]): Promise<void> {
  const directories = new Set(files.map(({ path }) => dirname(path)))
  for (const directory of directories) await makeDirectory(directory)
  await allEnded(files.map(replaceFile))
  await allEnded([...directories].map(syncDirectory))
}

/** Waits for every one, then throws the first error: none may still write while the caller tries again. */
async function allEnded(running: readonly Promise<void>[]): Promise<void> {
  for (const ended of await Promise.allSettled(running)) if (ended.status === 'rejected') throw ended.reason
}

async function replaceFile({ path, bytes }: DurableFile): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  // A crash here leaves the old file, or none; a crash after it may undo the rename until the directory is synced.
  await rename(temporary, path)
}

/** Makes a directory and syncs every parent that got a new entry by it. */
export async function makeDirectory(directory: string): Promise<void> {
  const firstMade = await mkdir(directory, { recursive: true })
  if (firstMade === undefined) return
  const top = dirname(firstMade)
  for (let parent = dirname(directory); parent.length >= top.length; parent = dirname(parent)) {
    await syncDirectory(parent)
    if (parent === dirname(parent)) break
  }
}

export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
