/** Files with a secret in them, which only their owner may read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CliError } from '../cli-error.ts'

/** More than any key or passphrase needs. */
const bytesMax = 65_536

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
    return readBounded(file, path)
  } finally {
    closeSync(file)
  }
}

/** Throws `CLI_FILE` where the open file has more bytes than any key or passphrase needs. */
export function readBounded(file: number, path: string): Buffer {
  if (fstatSync(file).isDirectory()) throw new CliError('CLI_FILE', `\`${path}\` is a directory, not a file`)
  const bytes = Buffer.alloc(bytesMax + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, null)
  }
  if (length <= bytesMax) return bytes.subarray(0, length)
  throw new CliError('CLI_FILE', `\`${path}\` has more than ${bytesMax} bytes`)
}
