/** Private keys in files that only their owner reads. */
import { createPrivateKey, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  ServandaError,
  digestOf,
  messageOf,
  newPrivateKey,
  parseBase64,
  parseJson,
  signerFromKey,
} from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { formatVkey, parseVkey } from '../ledger/index.ts'
import type { Verifier } from '../ledger/index.ts'
import { wrappingKey } from '../records/index.ts'
import type { WrappingKey } from '../records/index.ts'
import { syncDirectory, writeDurably } from './durable-file.ts'
import { placesOf } from './places.ts'
import type { Places } from './places.ts'
import type { Role, Settings } from './settings.ts'

export type KeyFileErrorCode = 'KEY_FILE_UNREADABLE'

export class KeyFileError extends ServandaError<KeyFileErrorCode> {
  override readonly name = 'KeyFileError'
}

/** Fails rather than replace a key that is there; synced, for without its key a log cannot go on. */
const ownerOnly = { mode: 0o600, flag: 'wx', flush: true } as const

/** A provider's gate seals no records, so it has no key for them. */
export function createKeys({ logKey, recordKey }: Places, role: Role): void {
  writeFileSync(logKey, newPrivateKey().export({ format: 'pem', type: 'pkcs8' }), ownerOnly)
  if (role === 'agency') writeFileSync(recordKey, `${randomBytes(32).toString('base64')}\n`, ownerOnly)
  syncDirectory(dirname(logKey))
}

export function readLogSigner({ logKey }: Pick<Places, 'logKey'>): Signer {
  return reading(logKey, (bytes) => {
    const key = createPrivateKey(bytes)
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('it is not an Ed25519 key')
    return signerFromKey(key)
  })
}

export function readRecordKey({ recordKey }: Pick<Places, 'recordKey'>): WrappingKey {
  return reading(recordKey, (bytes) => {
    const key = parseBase64(bytes.toString('utf8').trim())
    if (!key) throw new TypeError('it is not base64')
    return wrappingKey(key)
  })
}

/** The agency's log, whose intents a provider's gate serves. The file holds a vkey, which is no secret. */
export function readAgencyLog(settings: Settings): Verifier {
  return readVkey(settings.agencyVkey ?? placesOf(settings).agencyVkey)
}

/** Throws `KEY_FILE_UNREADABLE` where the file holds no key that a log signs with. */
export function readVkey(path: string): Verifier {
  try {
    const verifier = parseVkey(readFileSync(path, 'utf8').trim())
    if (verifier.type !== 'ed25519') throw new TypeError('it is not the key of a log')
    return verifier
  } catch (cause) {
    throw new KeyFileError('KEY_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** Credentials by route id; a file that is not there holds none. */
export function readUpstreamCredentials({ upstreamCredentials }: Places): ReadonlyMap<string, string> {
  return reading(
    upstreamCredentials,
    (bytes) => {
      const value = parseJson(bytes)
      const entries = Object.entries(value ?? {})
      const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      if (texts.length !== entries.length) throw new TypeError('it must map routes to texts')
      return new Map(texts)
    },
    new Map<string, string>(),
  )
}

/** Puts the log's verifier key beside the evidence, where it is not there yet: the private key is the truth. */
export function writeVkey(settings: Pick<Settings, 'origin'>, { logVkey }: Places, signer: Signer): void {
  const text = `${formatVkey(originOf(settings, signer), signer.publicKey)}\n`
  if (!existsSync(logVkey) || readFileSync(logVkey, 'utf8') !== text) writeDurably(logVkey, text)
}

/** The log's name, unless the settings give one: different for every key, and pointing nowhere. */
export function originOf({ origin }: Pick<Settings, 'origin'>, signer: Signer): string {
  return (
    origin ??
    `servanda.invalid/log/${digestOf(signer.publicKey).slice('sha256:'.length, 'sha256:'.length + 12)}`
  )
}

function reading<T>(path: string, parse: (bytes: Buffer) => T, absent?: T): T {
  try {
    const value = parse(readFileSync(path))
    requireOwnerOnly(path)
    return value
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (missing && absent !== undefined) return absent
    if (cause instanceof KeyFileError) throw cause
    // The message names the file and never what is in it.
    throw new KeyFileError('KEY_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** A key that others can read is theirs too, and every signature and record under it with it. */
function requireOwnerOnly(path: string): void {
  // Windows has no such modes; its files are as closed as their folder.
  const isOpen = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0
  if (!isOpen) return
  throw new KeyFileError(
    'KEY_FILE_UNREADABLE',
    `${path} is open to others: run \`chmod 600 '${path}'\`, and replace the key if someone may have read it`,
  )
}
