/** Private keys in files: PKCS#8 in PEM, as it is or encrypted with a passphrase. */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { signerFromKey, utf8 } from '../../base/index.ts'
import type { Signer } from '../../base/index.ts'
import { CliError } from '../cli-error.ts'
import { decryptFile, encryptFile, isAgeFile } from './age-file.ts'
import { readOwnFile } from './own-file.ts'
import type { Unlock } from './passphrase.ts'

/**
 * An Ed25519 key; `unlock` is asked only where the file is encrypted. Throws `CLI_FILE`, `CLI_PASSPHRASE`, and what
 * the operating system throws.
 */
export async function readKeyFile(path: string, unlock: Unlock): Promise<Signer> {
  const bytes = readOwnFile(path, 'key')
  const pem = isAgeFile(bytes) ? await decryptFile(bytes, await unlock(path), path) : bytes
  return signerFromKey(parseKey(Buffer.from(pem), path))
}

/** Durable on return, for its owner alone; encrypted where a passphrase is given. A file that is there is left as it is. */
export async function writeKeyFile(path: string, key: KeyObject, passphrase: string | null): Promise<void> {
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  const text = passphrase === null ? pem : await encryptFile(utf8(pem), passphrase)
  writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true })
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
