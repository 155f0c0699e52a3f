/** Where the evidence lies, and the keys it is verified with. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrorCode } from '../base/index.ts'
import { placesOf, readSettings } from '../process/index.ts'
import { CliError } from './cli-error.ts'

/** The directory that was named, else the one of the settings. Throws `CLI_FILE` where there is none. */
export function requireEvidence(named: string | undefined): string {
  const directory = named ?? placesOf(readSettings(process.env)).evidence
  if (existsSync(directory)) return directory
  const message = `there is no evidence directory \`${directory}\`: name another, or start the gateway, which writes it`
  throw new CliError('CLI_FILE', message)
}

/**
 * The verifier keys of the log and its witnesses: `named` is a file with one key per line, or a key itself; without
 * it they are those beside the evidence.
 */
export async function readVkeys(named: string | undefined, directory: string): Promise<readonly string[]> {
  const path = named ?? join(directory, 'log.vkey')
  try {
    const text = await readFile(path, 'utf8')
    return text.split('\n').filter((line) => line !== '')
  } catch (cause) {
    if (!isErrorCode(cause, 'ENOENT')) throw cause
    // A key holds `+` twice or more, and its base64 may hold `/`: it is tried as a file first.
    if (named !== undefined && named.split('+').length >= 3) return [named]
    const message =
      named === undefined
        ? `\`${path}\` is missing: name the evidence directory, or give the key of the log with --vkey`
        : `\`${named}\` is neither a file nor a verifier key`
    throw new CliError('CLI_FILE', message, { cause })
  }
}
