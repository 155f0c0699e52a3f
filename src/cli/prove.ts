/** `servanda prove`: turns a receipt into a proof file that any C2SP verifier reads. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
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
import { failure } from './failure.ts'
import type { CliIo } from './io.ts'

const usage = `usage: servanda prove RECEIPT [DIR] [--vkey TEXT] [--json]

  RECEIPT  the value of the header servanda-receipt
  DIR      the evidence directory, with checkpoint, tile/ and log.vkey (default: the current directory)
  --vkey   the log's verifier key (default: what stands in DIR/log.vkey)
  --json   the result as one JSON object

  Prints a tlog-proof (c2sp.org/tlog-proof@v1) that the promised entry is in the log.
`

/** Exit code 1: the log broke its promise, and the receipt is the evidence of that; 2: wrong usage or unreadable. */
export async function prove(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { vkey: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    })
    const [text, directory = '.', ...rest] = positionals
    if (text === undefined || rest.length > 0 || values.help) {
      io.err(usage)
      return values.help ? 0 : 2
    }
    const vkey = values.vkey ?? (await readFile(join(directory, 'log.vkey'), 'utf8')).trim()
    const proof = await proveReceipt(parseReceipt(text), directory, parseVkey(vkey))
    io.out(values.json ? `${JSON.stringify({ ok: true, proof })}\n` : proof)
    return 0
  } catch (error) {
    const broken = error instanceof LedgerError && brokenPromise.includes(error.code)
    if (!broken) return failure(error, io, usage)
    io.err(`servanda: ${error.code}: ${error.message}\n`)
    return 1
  }
}

const brokenPromise: readonly string[] = [
  'LEDGER_RECEIPT',
  'LEDGER_SIGNATURE',
  'LEDGER_PROOF',
  'LEDGER_TILE_FALSE',
]

async function proveReceipt(receipt: SignedReceipt, directory: string, verifier: Verifier): Promise<string> {
  verifyReceipt(receipt, verifier)
  const note = await readFile(join(directory, 'checkpoint'), 'utf8')
  const { size } = verifyCheckpoint(note, [verifier])
  if (receipt.index >= size) {
    const message = `the checkpoint has ${size} entries, the receipt promises entry ${receipt.index}: wait for the next one`
    throw new LedgerError('LEDGER_PROOF', message)
  }
  const hashes = tileHashes(directoryTiles(directory), size)
  if (!equalBytes(await hashes(0, receipt.index), receipt.leafHash)) {
    throw new LedgerError('LEDGER_PROOF', `entry ${receipt.index} is not the one that the receipt promises`)
  }
  const proof = await proveEntry(receipt.index, note, hashes)
  verifyProof(proof, receipt.leafHash, [verifier])
  return formatProof(proof)
}
