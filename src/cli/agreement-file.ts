/** Reads agreement files as the bytes that were signed. */
import { readFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'

/** The text of a file whose bytes are valid UTF-8. A byte order mark stays in it, for it changes the digest. */
export async function readAgreementText(file: string): Promise<string> {
  const bytes = await readFile(file)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CliError('CLI_FILE', `\`${file}\` is not valid UTF-8`, { cause })
  }
}
