/** `servanda key`: makes a key for a reviewer or a party, and tells its public half. */
import { writeFileSync } from 'node:fs'
import { keyIdOf, newPrivateKey, signerFromKey } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import { publicKeyText, readSigner } from './signing-keys.ts'

const usage = `usage: servanda key new --out FILE [--json]
       servanda key public FILE [--json]

  new     make an Ed25519 key and write it to FILE, in PEM (PKCS#8), for its owner alone
  public  print the public key, in the base64 that a schedule and reviewers.json take
  --out   the file to write; one that is there is left as it is
  --json  the result as one JSON object
`

export const key = command({
  usage,
  operands: { action: 'needed', file: 'optional' },
  options: { out: 'optional' },
  async run({ action, file, out }, output) {
    const signer = action === 'new' ? makeKey(file, out) : readPublic(action, file, out)
    const publicKey = publicKeyText(signer)
    output.answer({ publicKey, keyid: keyIdOf(signer.publicKey) }, `${publicKey}\n`)
    return Promise.resolve(0)
  },
})

function makeKey(file: string | undefined, out: string | undefined): Signer {
  if (file !== undefined) throw new CliError('CLI_USAGE', `\`${file}\`: a new key is written to --out FILE`)
  if (out === undefined) throw new CliError('CLI_USAGE', '--out is missing')
  const privateKey = newPrivateKey()
  // Fails rather than replace a key that is there.
  writeFileSync(out, privateKey.export({ format: 'pem', type: 'pkcs8' }), {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  })
  return signerFromKey(privateKey)
}

function readPublic(action: string, file: string | undefined, out: string | undefined): Signer {
  if (action !== 'public') throw new CliError('CLI_USAGE', `\`${action}\` is neither new nor public`)
  if (file === undefined) throw new CliError('CLI_USAGE', 'FILE is missing')
  if (out !== undefined) throw new CliError('CLI_USAGE', '--out goes with `new` alone')
  return readSigner(file)
}
