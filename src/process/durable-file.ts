/** Files that appear whole or not at all, and are there after a power cut. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Replaces the file at `path`, durably on return, readable by others unless `mode` says otherwise. A crash before
 * leaves the old file, or none, and perhaps a `.tmp` beside it, which the next call replaces.
 */
export function writeDurably(path: string, text: string, mode = 0o644): void {
  const temporary = `${path}.tmp`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

/** Makes names that were added, replaced or removed in it durable. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
