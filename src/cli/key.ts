/** `servanda key`: makes a key for a reviewer or a party, and tells its public half. */
import { keyIdOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import type { CliIo } from './io.ts'
import { readKeyFile, writeKeyFile } from './keys/key-file.ts'
import { newPassphrase, unlockWith } from './keys/passphrase.ts'
import { publicKeyText } from './signing-keys.ts'

const usage = `usage: servanda key new --out FILE [--passphrase-file FILE | --plain] [--json]
       servanda key public FILE [--passphrase-file FILE] [--json]

  new      make an Ed25519 key and write it to FILE, for its owner alone, encrypted with a passphrase (age)
  public   print the public key, in the base64 that a schedule and reviewers.json take
  --out    the file to write; one that is there is left as it is
  --passphrase-file FILE
           the passphrase is its one line, for its owner alone (default: it is asked for at the terminal)
  --plain  do not encrypt: write PEM (PKCS#8), which whoever copies the file can use
  --json   the result as one JSON object
`

interface Given {
  readonly file: string | undefined
  readonly out: string | undefined
  readonly 'passphrase-file': string | undefined
  readonly plain: boolean
}

export const key = command({
  usage,
  operands: { action: 'needed', file: 'optional' },
  options: { out: 'optional', 'passphrase-file': 'optional', plain: 'flag' },
  async run({ action, ...given }, output) {
    const signer = action === 'new' ? await makeKey(given, output) : await readPublic(action, given, output)
    const publicKey = publicKeyText(signer)
    output.answer({ publicKey, keyid: keyIdOf(signer.publicKey) }, `${publicKey}\n`)
    return 0
  },
})

async function makeKey({ file, out, plain, ...given }: Given, output: Pick<CliIo, 'ask'>): Promise<Signer> {
  const passphraseFile = given['passphrase-file']
  if (file !== undefined) throw new CliError('CLI_USAGE', `\`${file}\`: a new key is written to --out FILE`)
  if (out === undefined) throw new CliError('CLI_USAGE', '--out is missing')
  if (plain && passphraseFile !== undefined) {
    throw new CliError('CLI_USAGE', 'either --plain or --passphrase-file FILE, not both')
  }
  const privateKey = newPrivateKey()
  await writeKeyFile(out, privateKey, plain ? null : await newPassphrase(passphraseFile, output))
  return signerFromKey(privateKey)
}

async function readPublic(
  action: string,
  { file, out, plain, 'passphrase-file': passphraseFile }: Given,
  output: Pick<CliIo, 'ask'>,
): Promise<Signer> {
  if (action !== 'public') throw new CliError('CLI_USAGE', `\`${action}\` is neither new nor public`)
  if (file === undefined) throw new CliError('CLI_USAGE', 'FILE is missing')
  if (out !== undefined || plain) throw new CliError('CLI_USAGE', '--out and --plain go with `new` alone')
  return readKeyFile(file, unlockWith(passphraseFile, output))
}
