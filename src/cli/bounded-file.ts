/** Reads files that other parties hand on: no more of them than could be meant, whatever they are. */
import { closeSync, openSync, readSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** An agreement of the greatest length, or an envelope with all its signatures, is shorter. */
export const handedOnBytesMax = 8_388_608

/** Throws `CLI_FILE` for a longer file, a device without end among them, and what the operating system throws. */
export function readBounded(path: string, bytesMax = handedOnBytesMax): Buffer {
  const file = openSync(path, 'r')
  try {
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
  } finally {
    closeSync(file)
  }
}
