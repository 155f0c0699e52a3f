/** Files that a command makes: all of them new, or none. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'

/** A file that is there is left as it is; what the operating system throws names it. */
export function writeNew(path: string, text: string): void {
  writeFileSync(path, text, { flag: 'wx' })
}

/** Into a directory, which is made where it is not there. Throws `CLI_FILE` before anything is written. */
export function writeAllNew(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true })
  const there = Object.keys(files).find((name) => existsSync(join(directory, name)))
  if (there !== undefined) {
    const message = `\`${join(directory, there)}\` is there already, so nothing was written: name a new directory`
    throw new CliError('CLI_FILE', message)
  }
  for (const [name, text] of Object.entries(files)) writeNew(join(directory, name), text)
}
