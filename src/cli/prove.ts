/** `servanda prove`: turns a receipt into a proof file that any C2SP verifier reads. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes } from '../base/index.ts'
import {
  LedgerError,
  directoryTiles,
  formatProof,
  parseReceipt,
  parseVkey,
  proveEntry,
  tileHashes,
  verifyCheckpoint,
  verifyProof,
  verifyReceipt,
} from '../ledger/index.ts'
import type { SignedReceipt, Verifier } from '../ledger/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'
import { readVkeys, requireEvidence } from './evidence-directory.ts'

const usage = `usage: servanda prove RECEIPT [DIR] [--vkey FILE|TEXT] [--json]

  RECEIPT  the value of the header servanda-receipt
  DIR      the evidence directory, with checkpoint, tile/ and log.vkey (default: that of the settings)
  --vkey   the log's verifier key, or a file with it (default: DIR/log.vkey)
  --json   the result as one JSON object

  Prints a tlog-proof (c2sp.org/tlog-proof@v1) that the promised entry is in the log.
`

/** Exit code 1: the log broke its promise, and the receipt is the evidence of that; 2: no promise, or not due yet. */
export const prove = command({
  usage,
  operands: { receipt: 'needed', dir: 'optional' },
  options: { vkey: 'optional' },
  async run({ receipt: text, dir, vkey }, output) {
    const receipt = parseReceipt(text)
    const directory = requireEvidence(dir)
    const verifier = requirePromise(receipt, (await readVkeys(vkey, directory)).map(parseVkey))
    const note = await readFile(join(directory, 'checkpoint'), 'utf8')
    try {
      const proof = await proveReceipt(receipt, note, directory, verifier)
      output.answer({ ok: true, proof }, proof)
      return 0
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code === 'LEDGER_UNREADABLE') throw error
      const { code, message } = error
      // The proof goes to a file; what is none must not be taken for it.
      if (output.json) output.answer({ ok: false, finding: { code, message } }, '')
      else output.err(`servanda: ${code}: ${message}\n`)
      return 1
    }
  },
})

/** The key of the log that made it. Throws `LEDGER_SIGNATURE`: what a log did not promise it cannot break. */
function requirePromise(receipt: SignedReceipt, verifiers: readonly Verifier[]): Verifier {
  const own = verifiers.find(({ name, type }) => name === receipt.origin && type === 'ed25519')
  if (!own) {
    throw new LedgerError(
      'LEDGER_SIGNATURE',
      `the receipt is of \`${receipt.origin}\`, whose key was not given`,
    )
  }
  verifyReceipt(receipt, own)
  return own
}

async function proveReceipt(
  receipt: SignedReceipt,
  note: string,
  directory: string,
  verifier: Verifier,
): Promise<string> {
  const { size } = verifyCheckpoint(note, [verifier])
  if (receipt.index >= size) {
    const message = `the checkpoint has ${size} entries, the receipt promises entry ${receipt.index}: wait for the next one`
    throw new CliError('CLI_NOT_COVERED', message)
  }
  const hashes = tileHashes(directoryTiles(directory), size)
  if (!equalBytes(await hashes(0, receipt.index), receipt.leafHash)) {
    throw new LedgerError('LEDGER_PROOF', `entry ${receipt.index} is not the one that the receipt promises`)
  }
  const proof = await proveEntry(receipt.index, note, hashes)
  verifyProof(proof, receipt.leafHash, [verifier])
  return formatProof(proof)
}
