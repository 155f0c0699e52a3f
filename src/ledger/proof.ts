/**
 * Proofs as files (C2SP tlog-proof, `tlog-proof@v1`): one entry is in the log that signed this checkpoint. Also the
 * body of a witness request (C2SP tlog-witness v1.0.0), which is a consistency proof with its checkpoint.
 */
import { parseBase64 } from '../base/index.ts'
import { parseDecimal, readCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import type { VerifiedCheckpoint } from './checkpoint.ts'
import { LedgerError } from './ledger-error.ts'
import { hashBytes, proveConsistency, proveInclusion, verifyInclusion } from './merkle.ts'
import type { HashReader } from './merkle.ts'
import type { Verifier } from './note.ts'

export interface EntryProof {
  readonly index: number
  /** From the leaf's sibling upward. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: string
  /** Said by whoever made the file and proven by nothing. */
  readonly extra?: Uint8Array
}

const header = 'c2sp.org/tlog-proof@v1'
const pathHashesMax = 63

/** Proves that entry `index` is in the tree of this signed checkpoint. */
export async function proveEntry(index: number, checkpoint: string, read: HashReader): Promise<EntryProof> {
  return { index, hashes: await proveInclusion(index, readCheckpoint(checkpoint).size, read), checkpoint }
}

export function formatProof({ index, hashes, checkpoint, extra }: EntryProof): string {
  const lines = [
    header,
    ...(extra ? [`extra ${toBase64(extra)}`] : []),
    `index ${index}`,
    ...hashes.map(toBase64),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** Reads a proof without believing it. Throws `LEDGER_PROOF`. */
export function parseProof(text: string): EntryProof {
  const blank = text.indexOf('\n\n')
  const lines = text.slice(0, Math.max(blank, 0)).split('\n')
  if (lines.shift() !== header) throw malformed('its first line is not that of version 1')
  const extra = lines[0]?.startsWith('extra ')
    ? parseBase64(String(lines.shift()).slice('extra '.length))
    : undefined
  if (extra === null) throw malformed('`extra` is not base64')
  const [, decimal = ''] = /^index (.*)$/.exec(lines.shift() ?? '') ?? []
  const index = parseDecimal(decimal)
  if (index === null) throw malformed('the index is not a plain decimal below 2^53')
  if (lines.length > pathHashesMax) throw malformed(`it has more than ${pathHashesMax} hashes`)
  const checkpoint = text.slice(blank + 2)
  return { index, hashes: lines.map(parseHash), checkpoint, ...(extra ? { extra } : {}) }
}

function parseHash(line: string): Uint8Array {
  const hash = parseBase64(line)
  if (hash?.length !== hashBytes) throw malformed('a line is not base64 of 32 bytes')
  return hash
}

/**
 * Checks that the entry with this leaf hash is in the log, and returns the checkpoint that says so. Throws
 * `LEDGER_NOTE`, `LEDGER_SIGNATURE` or `LEDGER_CHECKPOINT` for the checkpoint, `LEDGER_PROOF` for the path.
 */
export function verifyProof(
  { index, hashes, checkpoint }: EntryProof,
  leafHash: Uint8Array,
  verifiers: readonly Verifier[],
): VerifiedCheckpoint {
  const verified = verifyCheckpoint(checkpoint, verifiers)
  verifyInclusion(hashes, { index, leafHash, size: verified.size, root: verified.root })
  return verified
}

/**
 * The body of `add-checkpoint`: what a witness that holds `oldSize` needs to cosign `checkpoint`, and what proves
 * to anyone that the one continues the other.
 */
export async function formatGrowth(oldSize: number, checkpoint: string, read: HashReader): Promise<string> {
  const hashes = await proveConsistency(oldSize, readCheckpoint(checkpoint).size, read)
  return `${[`old ${oldSize}`, ...hashes.map(toBase64)].join('\n')}\n\n${checkpoint}`
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function malformed(reason: string): LedgerError {
  return new LedgerError('LEDGER_PROOF', `the proof is malformed: ${reason}`)
}
