/** Where a passphrase comes from: a file that only its owner reads, or a person at the terminal. Nowhere else. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CliError } from '../cli-error.ts'
import type { Ask, CliIo } from '../io.ts'
import { readOwnFile } from './own-file.ts'

/** Whoever has a copy of the file can try passphrases for as long as they like. */
const charsMin = 12

/** Gives the passphrase of the key file at this path. */
export type Unlock = (path: string) => Promise<string>

/** From `file` for every key, or asked for each key on the terminal. The promise fails with `CLI_PASSPHRASE`. */
export function unlockWith(file: string | undefined, { ask }: Pick<CliIo, 'ask'>): Unlock {
  return async (path) => {
    if (file !== undefined) return readPassphraseFile(file)
    if (ask !== undefined) return ask(`passphrase of ${path}: `)
    const message = `\`${path}\` is encrypted, and here is no terminal to ask for its passphrase: give --passphrase-file FILE`
    throw new CliError('CLI_PASSPHRASE', message)
  }
}

/** One line in UTF-8; its end is no part of it. Throws `CLI_FILE` and `CLI_PASSPHRASE`. */
export function readPassphraseFile(path: string): string {
  const line = textOf(readOwnFile(path, 'passphrase'), path).replace(/\r?\n$/, '')
  if (line !== '' && !/[\r\n]/.test(line)) return line
  throw new CliError('CLI_PASSPHRASE', `\`${path}\` must hold the passphrase as its one line`)
}

function textOf(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CliError('CLI_FILE', `\`${path}\` is not valid UTF-8`, { cause })
  }
}

/** For a key that is to be made: from `file`, or asked twice. Throws `CLI_PASSPHRASE`. */
export async function newPassphrase(file: string | undefined, { ask }: Pick<CliIo, 'ask'>): Promise<string> {
  if (file === undefined && ask === undefined) {
    const message =
      'a new key is encrypted, and here is no terminal to ask for a passphrase: give --passphrase-file FILE, or --plain for a key that lies open'
    throw new CliError('CLI_PASSPHRASE', message)
  }
  const passphrase = file === undefined ? await askTwice(ask) : readPassphraseFile(file)
  if (passphrase.length >= charsMin) return passphrase
  const message = `the passphrase has fewer than ${charsMin} characters: take four or five random words`
  throw new CliError('CLI_PASSPHRASE', message)
}

async function askTwice(ask: Ask | undefined): Promise<string> {
  const passphrase = await ask?.('passphrase for the new key: ')
  const again = await ask?.('the same again: ')
  if (passphrase !== undefined && passphrase === again) return passphrase
  throw new CliError('CLI_PASSPHRASE', 'the two passphrases differ; nothing was written')
}

/**
 * One line that is typed at the terminal and not shown. Fails with `CLI_PASSPHRASE` where the person breaks off.
 * Only for a standard input that is a terminal.
 */
export function askAtTerminal(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // In terminal mode it takes the echo over from the system; what it echoes goes nowhere.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 })
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => reject(new CliError('CLI_PASSPHRASE', 'no passphrase was given')))
    // INVARIANT: the echo is off before anyone is asked.
    process.stderr.write(prompt)
  }).finally(() => {
    lines.close()
    process.stderr.write('\n')
  })
}
