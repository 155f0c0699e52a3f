/** Reads files that other parties hand on: no more of them than could be meant, whatever they are. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** An agreement of the greatest length, or an envelope with all its signatures, is shorter. */
export const handedOnBytesMax = 8_388_608

/**
 * Throws `CLI_FILE` for a longer file, a device without end among them, and for a directory; and what the operating
 * system throws.
 */
export function readBounded(path: string, bytesMax = handedOnBytesMax): Buffer {
  const file = openSync(path, 'r')
  try {
    return readOpened(file, { path, bytesMax })
  } finally {
    closeSync(file)
  }
}

/** The same of a file whose modes were looked at; `path` is for messages. A pipe is as good as a file. */
export function readOpened(
  file: number,
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
): Buffer {
  if (fstatSync(file).isDirectory()) throw new CliError('CLI_FILE', `\`${path}\` is a directory, not a file`)
  const pieces: Buffer[] = []
  let length = 0
  for (;;) {
    const piece = Buffer.alloc(65_536)
    const read = readSync(file, piece)
    if (read === 0) return Buffer.concat(pieces, length)
    length += read
    if (length > bytesMax) throw new CliError('CLI_FILE', `\`${path}\` is longer than ${bytesMax} bytes`)
    pieces.push(piece.subarray(0, read))
  }
}
