/** Files with a secret in them, which only their owner may read. */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { readOpened } from '../bounded-file.ts'
import { CliError } from '../cli-error.ts'

/** More than any key, passphrase or name of a program needs. */
export const ownBytesMax = 65_536

/**
 * Throws `CLI_FILE` where others may read the file or it is too large, and what the operating system throws. A pipe
 * is as good as a file, so that a passphrase need not lie on a disk.
 */
export function readOwnFile(path: string, what: string): Buffer {
  const file = openSync(path, 'r')
  try {
    // Windows has no such modes; its files are as closed as their folder.
    if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) {
      const message = `\`${path}\` is open to others: run \`chmod 600\` on it, and replace the ${what} if someone may have read it`
      throw new CliError('CLI_FILE', message)
    }
    return readOpened(file, { path, bytesMax: ownBytesMax })
  } finally {
    closeSync(file)
  }
}
