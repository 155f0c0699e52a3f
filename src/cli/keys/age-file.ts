/** Files that a passphrase encrypts, in the age format (https://age-encryption.org/v1), as `age -p` makes them too. */
import type { Identity, Stanza } from 'age-encryption'
import { messageOf } from '../../base/index.ts'
import { CliError } from '../cli-error.ts'

/** Loaded when it is needed: a gate never is in need of it, and starts the faster. */
const age = () => import('age-encryption')

const armorBegin = '-----BEGIN AGE ENCRYPTED FILE-----'
const binaryBegin = 'age-encryption.org/v1\n'

/** Base-2 logarithms of scrypt's cost: about a second and 256 MiB for what is written, four times that at most. */
const workFactor = 18
const workFactorMax = 20

export function isAgeFile(bytes: Uint8Array): boolean {
  return isArmored(bytes) || beginOf(bytes).startsWith(binaryBegin)
}

/** The armored file. `logN` is for tests alone, which have no second to spare. */
export async function encryptFile(plain: Uint8Array, passphrase: string, logN = workFactor): Promise<string> {
  const { Encrypter, armor } = await age()
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(logN)
  return armor.encode(await encrypter.encrypt(plain))
}

/**
 * What `encryptFile` was given; `path` is for messages. Throws `CLI_PASSPHRASE` where the passphrase is another, and
 * `CLI_FILE` where the file is damaged, is encrypted otherwise, or asks for more work than any honest file.
 */
export async function decryptFile(file: Uint8Array, passphrase: string, path: string): Promise<Uint8Array> {
  const { Decrypter, armor } = await age()
  const decrypter = new Decrypter()
  // INVARIANT: identities are asked in this order, so that no work is done before it is bounded.
  decrypter.addIdentity(boundedWork(path))
  decrypter.addPassphrase(passphrase)
  decrypter.addIdentity(nothingOpened(path))
  try {
    return await decrypter.decrypt(
      isArmored(file) ? armor.decode(Buffer.from(file).toString('latin1')) : file,
    )
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const message = `\`${path}\` is damaged, or no age file: ${messageOf(cause)}`
    throw new CliError('CLI_FILE', message, { cause })
  }
}

function isArmored(file: Uint8Array): boolean {
  return beginOf(file).startsWith(armorBegin)
}

function beginOf(file: Uint8Array): string {
  return Buffer.from(file.subarray(0, 256)).toString('latin1').trimStart()
}

// untrusted: whoever could write the file chose the stanza's arguments: `scrypt`, a salt and the work factor.
function boundedWork(path: string): Identity {
  return {
    unwrapFileKey(stanzas) {
      const [first, ...more] = stanzas.filter(isScrypt)
      if (first === undefined || more.length > 0 || stanzas.length > 1) {
        throw new CliError('CLI_FILE', `\`${path}\` is not encrypted with one passphrase`)
      }
      // The form of the number is the library's to check.
      if (Number(first.args[2]) <= workFactorMax) return null
      const message = `\`${path}\` asks for scrypt work of 2^${first.args[2] ?? ''}; at most 2^${workFactorMax} is done`
      throw new CliError('CLI_FILE', message)
    },
  }
}

function nothingOpened(path: string): Identity {
  return {
    unwrapFileKey() {
      throw new CliError('CLI_PASSPHRASE', `the passphrase does not open \`${path}\``)
    },
  }
}

function isScrypt({ args }: Stanza): boolean {
  return args[0] === 'scrypt'
}
