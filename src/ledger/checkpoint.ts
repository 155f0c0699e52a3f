/** Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root of the tree, signed as a note. */
import { hashBytes } from './merkle.ts'
import { LedgerError } from './ledger-error.ts'
import { isKeyName, parseNote, signNote, verifyNote } from './note.ts'
import type { VerifiedSignature, Verifier } from './note.ts'
import { parseBase64 } from '../base/index.ts'
import type { Signer } from '../base/index.ts'

/** A tree of so many entries. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

export interface Checkpoint extends TreeHead {
  /** The log's name and the name of its key: a schemeless URL. */
  readonly origin: string
}

export interface VerifiedCheckpoint extends Checkpoint {
  /** The log's own signature and those of the witnesses that were asked for. */
  readonly signatures: readonly VerifiedSignature[]
}

/** The three lines that are signed. No extension lines: versions of the specification disagree about them. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const body = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
  parseCheckpoint(body)
  return body
}

/** Reads exactly three lines. Throws `LEDGER_CHECKPOINT`. */
export function parseCheckpoint(body: string): Checkpoint {
  const [origin = '', decimal = '', encoded = '', end, ...rest] = body.split('\n')
  if (end !== '' || rest.length > 0) throw malformed('it has not exactly three lines')
  if (!isKeyName(origin)) throw malformed('the origin is not a key name')
  const size = parseDecimal(decimal)
  if (size === null) throw malformed('the size is not a plain decimal below 2^53')
  const root = parseBase64(encoded)
  if (root?.length !== hashBytes) throw malformed('the root is not base64 of 32 bytes')
  return { origin, size, root }
}

/** A decimal without sign or leading zero, as a safe integer; null for anything else. */
export function parseDecimal(text: string): number | null {
  const value = Number(text)
  return /^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(value) ? value : null
}

/** The signed note, ready to be published. The key's name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), [{ name: checkpoint.origin, signer }])
}

/** What a signed checkpoint says, without believing it. Throws `LEDGER_NOTE` or `LEDGER_CHECKPOINT`. */
export function readCheckpoint(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

/**
 * Opens a signed checkpoint. A key of the log itself, named as the origin, must be among the verifiers and must
 * have signed; witnesses alone are not enough. Throws `LEDGER_NOTE`, `LEDGER_SIGNATURE`, `LEDGER_CHECKPOINT`.
 */
export function verifyCheckpoint(note: string, verifiers: readonly Verifier[]): VerifiedCheckpoint {
  const { text, signatures } = verifyNote(note, verifiers)
  const checkpoint = parseCheckpoint(text)
  if (!signatures.some(({ name, type }) => type === 'ed25519' && name === checkpoint.origin)) {
    throw new LedgerError(
      'LEDGER_SIGNATURE',
      `no known key of \`${checkpoint.origin}\` signed the checkpoint`,
    )
  }
  return { ...checkpoint, signatures }
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_CHECKPOINT', `the checkpoint is malformed: ${reason}`)
}
