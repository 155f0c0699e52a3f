/** Who signs: the options by which a command is told, and the one place where they become signers. */
import { demoKey, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { CliError } from './cli-error.ts'
import type { CliIo } from './io.ts'
import { readExternalSigner } from './keys/external-signer.ts'
import { readKeyFile } from './keys/key-file.ts'
import { unlockWith } from './keys/passphrase.ts'

/** For the options of a command that signs. */
export const signerOptions = {
  key: 'any',
  'passphrase-file': 'optional',
  signer: 'any',
  'demo-key': 'any',
} as const

export interface SignerOptions {
  readonly key: readonly string[]
  readonly 'passphrase-file': string | undefined
  readonly signer: readonly string[]
  readonly 'demo-key': readonly string[]
}

/** For the usage of a command that signs, below its own line about `--key`. */
export const signerUsage = `  --passphrase-file FILE
               of encrypted keys (default: each passphrase is asked for at the terminal)
  --signer FILE
               in the place of --key, the program that signs with a token, and the token's public key
`

export function areSignersNamed({ key, signer, 'demo-key': demo }: SignerOptions): boolean {
  return key.length + signer.length + demo.length > 0
}

/**
 * In the order of the options: key files, programs, demonstration keys. `demoName` turns what stands after `--demo-key`
 * into the name that the key is derived from, such as `department/agency`. Whoever uses such a key is told so. Throws
 * `CLI_USAGE`, `CLI_FILE`, `CLI_PASSPHRASE`, and what the operating system throws.
 */
export async function readSigners(
  given: SignerOptions,
  output: Pick<CliIo, 'ask' | 'err'>,
  demoName: (name: string) => string = (name) => name,
): Promise<readonly Signer[]> {
  const { key, 'passphrase-file': passphraseFile, signer, 'demo-key': demo } = given
  if (passphraseFile !== undefined && key.length === 0) {
    throw new CliError('CLI_USAGE', '--passphrase-file goes with --key alone')
  }
  const unlock = unlockWith(passphraseFile, output)
  const signers: Signer[] = []
  // One after another, for a person is asked for one passphrase at a time.
  for (const path of key) signers.push(await readKeyFile(path, unlock))
  signers.push(...signer.map((path) => readExternalSigner(path)))
  if (demo.length > 0) output.err(demoWarning)
  return [...signers, ...demo.map((name) => demoSigner(demoName(name)))]
}

/** Exactly one. Throws as `readSigners` does. */
export async function readOneSigner(
  given: SignerOptions,
  output: Pick<CliIo, 'ask' | 'err'>,
): Promise<Signer> {
  const { key, signer, 'demo-key': demo } = given
  if (key.length + signer.length + demo.length === 1) {
    const [only] = await readSigners(given, output)
    if (only !== undefined) return only
  }
  throw new CliError('CLI_USAGE', 'one of --key FILE, --signer FILE and --demo-key NAME is needed')
}

/** Anyone can make this key: it protects nothing, and whoever uses it is told so. */
function demoSigner(name: string): Signer {
  return signerFromKey(demoKey(name))
}

const demoWarning = 'DEMONSTRATION: anyone can make this key, so what it signs binds nobody.\n'

export function publicKeyText({ publicKey }: Signer): string {
  return Buffer.from(publicKey).toString('base64')
}
