/** Private keys of persons and parties, from files that only their owner reads, or derived for the demonstration. */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { CliError } from './cli-error.ts'

/** A PEM file with an Ed25519 key in PKCS#8. Throws `CLI_FILE`, and what the operating system throws. */
export function readSigner(path: string): Signer {
  const pem = readFileSync(path)
  // Windows has no such modes; its files are as closed as their folder.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    const message = `\`${path}\` is open to others: run \`chmod 600\` on it, and replace the key if someone may have read it`
    throw new CliError('CLI_FILE', message)
  }
  return signerFromKey(parseKey(pem, path))
}

function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    // The message names the file and never what is in it.
    throw notAKey(path, cause)
  }
  throw notAKey(path)
}

function notAKey(path: string, cause?: unknown): CliError {
  return new CliError('CLI_FILE', `\`${path}\` holds no Ed25519 private key in PEM (PKCS#8)`, { cause })
}

/** Anyone can make this key: it protects nothing, and whoever uses it is told so. */
export function demoSigner(name: string): Signer {
  return signerFromKey(demoKey(name))
}

export const demoWarning = 'DEMONSTRATION: anyone can make this key, so what it signs binds nobody.\n'

/** Exactly one of the two. Throws `CLI_USAGE`. */
export function requireSigner(keyFile: string | undefined, demoName: string | undefined): Signer {
  if (keyFile !== undefined && demoName === undefined) return readSigner(keyFile)
  if (demoName !== undefined && keyFile === undefined) return demoSigner(demoName)
  throw new CliError('CLI_USAGE', 'either --key FILE or --demo-key NAME is needed')
}

export function publicKeyText({ publicKey }: Signer): string {
  return Buffer.from(publicKey).toString('base64')
}
