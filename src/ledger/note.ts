/**
 * Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and one line per signature that names its key.
 * Also cosignatures of witnesses (C2SP tlog-cosignature, `cosignature/v1`), which are lines of the same form.
 */
import type { KeyObject } from 'node:crypto'
import { equalBytes, parseBase64, publicKeyFromRaw, sha256, utf8, verifyEd25519 } from '../base/index.ts'
import type { Signer } from '../base/index.ts'
import { LedgerError } from './ledger-error.ts'

/** 0x01 signs the text; 0x04 is a witness and signs a time with it. */
export type KeyType = 'ed25519' | 'cosignature'

export interface Verifier {
  readonly name: string
  /** Eight hex digits: SHA-256(name ‖ 0x0A ‖ type ‖ key), the first four bytes. */
  readonly keyId: string
  readonly type: KeyType
  readonly publicKey: KeyObject
}

export interface NoteSigner {
  readonly name: string
  readonly signer: Signer
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: string
  /** What follows the key id. */
  readonly signature: Uint8Array
}

export interface Note {
  /** Ends with a line feed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface VerifiedSignature {
  readonly name: string
  readonly keyId: string
  readonly type: KeyType
  /** Seconds since the Unix epoch; only a cosignature has it. */
  readonly timeSeconds?: number
}

/** A note of which at least one known key signed exactly this text, and none wrongly. */
export interface VerifiedNote {
  readonly text: string
  readonly signatures: readonly VerifiedSignature[]
}

const noteBytesMax = 262_144
const signaturesMax = 100
const typeBytes = { ed25519: 0x01, cosignature: 0x04 } as const
const keyIdBytes = 4
// eslint-disable-next-line no-control-regex -- the specification forbids exactly these
const forbiddenControl = /[\u0000-\u0009\u000b-\u001f]/
const unfitName = /[+\p{White_Space}\p{Cc}]/u

/** Whether a name may stand in a note: not empty, no space, no plus sign. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !unfitName.test(name)
}

/** `name+hex key id+base64(type ‖ key)`. */
export function formatVkey(name: string, publicKey: Uint8Array, type: KeyType = 'ed25519'): string {
  if (!isKeyName(name))
    throw new LedgerError('LEDGER_KEY', 'a key name is not empty and has no space and no `+`')
  if (publicKey.length !== 32) throw new LedgerError('LEDGER_KEY', 'an Ed25519 public key has 32 bytes')
  const key = Buffer.concat([Buffer.from([typeBytes[type]]), publicKey])
  return `${name}+${keyIdOf(name, key)}+${key.toString('base64')}`
}

/** Reads a vkey of one of the two types. Throws `LEDGER_KEY`. */
export function parseVkey(vkey: string): Verifier {
  const [name = '', keyId = '', ...rest] = vkey.split('+')
  // base64 may hold `+` itself.
  const key = parseBase64(rest.join('+'))
  if (!isKeyName(name) || key?.length !== 33)
    throw new LedgerError('LEDGER_KEY', 'the verifier key is malformed')
  if (keyId !== keyIdOf(name, key))
    throw new LedgerError('LEDGER_KEY', 'the verifier key does not match its id')
  const type =
    key[0] === typeBytes.ed25519 ? 'ed25519' : key[0] === typeBytes.cosignature ? 'cosignature' : null
  if (type === null) throw new LedgerError('LEDGER_KEY', 'the verifier key is of a type unknown here')
  return { name, keyId, type, publicKey: publicKeyFromRaw(key.subarray(1)) }
}

function keyIdOf(name: string, typedKey: Uint8Array): string {
  return sha256(Buffer.concat([utf8(`${name}\n`), typedKey])).toString('hex', 0, keyIdBytes)
}

/** Signs `text`, which ends with a line feed, by each signer in order. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  requireText(text)
  const lines: string[] = []
  for (const { name, signer } of signers) {
    const { keyId } = parseVkey(formatVkey(name, signer.publicKey))
    lines.push(formatSignature({ name, keyId, signature: await signer.sign(utf8(text)) }))
  }
  return `${text}\n${lines.join('')}`
}

/** One signature line, line feed included. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`
}

/** Splits a note without believing it. Throws `LEDGER_NOTE`. */
export function parseNote(note: string): Note {
  if (note.length > noteBytesMax) throw malformed(`it is longer than ${noteBytesMax}`)
  const blank = note.lastIndexOf('\n\n')
  if (blank < 0) throw malformed('no blank line stands before the signatures')
  const text = note.slice(0, blank + 1)
  requireText(text)
  const tail = note.slice(blank + 2)
  if (!tail.endsWith('\n')) throw malformed('it ends without a line feed')
  const lines = tail.slice(0, -1).split('\n')
  if (lines.length > signaturesMax) throw malformed(`it has more than ${signaturesMax} signatures`)
  return { text, signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ')
  const bytes = parseBase64(encoded)
  if (dash !== '—' || rest.length > 0 || !isKeyName(name) || bytes === null || bytes.length <= keyIdBytes) {
    throw malformed('a signature line is not `— name base64`')
  }
  return { name, keyId: bytes.toString('hex', 0, keyIdBytes), signature: bytes.subarray(keyIdBytes) }
}

/**
 * Checks every signature by a known key, matched on name and key id. Signatures by unknown keys are ignored; a
 * false one by a known key rejects the note, and so does the lack of any by a known key. Throws `LEDGER_NOTE`
 * or `LEDGER_SIGNATURE`.
 */
export function verifyNote(note: string, verifiers: readonly Verifier[]): VerifiedNote {
  const { text, signatures } = parseNote(note)
  const verified: VerifiedSignature[] = []
  for (const signature of signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (verifier) verified.push(verifySignature(text, signature, verifier))
  }
  if (verified.length === 0) throw new LedgerError('LEDGER_SIGNATURE', 'no known key signed the note')
  return { text, signatures: verified }
}

function verifySignature(text: string, { signature }: NoteSignature, verifier: Verifier): VerifiedSignature {
  const { name, keyId, type, publicKey } = verifier
  const timeSeconds = type === 'cosignature' ? cosignatureTime(signature, name) : undefined
  const message = timeSeconds === undefined ? text : cosignedMessage(text, timeSeconds)
  const bare = timeSeconds === undefined ? signature : signature.subarray(8)
  if (!verifyEd25519(publicKey, utf8(message), bare)) {
    throw new LedgerError('LEDGER_SIGNATURE', `the signature by \`${name}\` is false`)
  }
  return { name, keyId, type, ...(timeSeconds === undefined ? {} : { timeSeconds }) }
}

function cosignatureTime(signature: Uint8Array, name: string): number {
  const time = signature.length === 72 ? Buffer.from(signature).readBigUInt64BE() : null
  if (time === null || time > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new LedgerError('LEDGER_SIGNATURE', `the cosignature by \`${name}\` is malformed`)
  }
  return Number(time)
}

/** What a witness signs: the time and the whole note text. One witness name has one key: the name is not signed. */
export function cosignedMessage(text: string, timeSeconds: number): string {
  return `cosignature/v1\ntime ${timeSeconds}\n${text}`
}

function requireText(text: string): void {
  if (!text.endsWith('\n') || !text.isWellFormed() || forbiddenControl.test(text)) {
    throw malformed('its text does not end with a line feed or holds control characters')
  }
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_NOTE', `the note is malformed: ${reason}`)
}

/** Reads the bytes of a note as strict UTF-8. Throws `LEDGER_NOTE`. */
export function decodeNote(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!equalBytes(utf8(text), bytes)) throw malformed('it is not valid UTF-8')
  return text
}
