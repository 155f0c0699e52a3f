/**
 * What an administrator with root can do to a ledger: takes one call out of a copy of the evidence, numbers what is
 * left anew, and signs it with the log's own key. Part of the story in provider.md, and no part of the product.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant } from '../../src/base/index.ts'
import {
  formatLeaf,
  publishCheckpoint,
  signCheckpoint,
  verifyLedger,
  writeTiles,
} from '../../src/ledger/index.ts'
import type { Leaf } from '../../src/ledger/index.ts'
import { readLogSigner } from '../../src/process/index.ts'

const [evidence, logKey, exchange, copy] = process.argv.slice(2)
invariant(evidence && logKey && exchange && copy, 'usage: forget-call.ts EVIDENCE LOG_KEY EXCHANGE COPY')

const leaves: Leaf[] = []
const vkey = (await readFile(join(evidence, 'log.vkey'), 'utf8')).trim()
const { origin } = await verifyLedger({
  directory: evidence,
  verifiers: [vkey],
  onEntry: (leaf) => void leaves.push(leaf),
})

/** Whether an entry is about the call. */
const isAboutIt = (leaf: Leaf): boolean => 'exchange' in leaf && leaf.exchange === exchange
const forgotten = leaves.filter(isAboutIt).map(({ seq }) => seq)
invariant(forgotten.length > 0, 'no entry is about this call')

/** Where an entry stands when those before it are gone. */
const moved = (index: number): number => index - forgotten.filter((gone) => gone < index).length
const places = ['seq', 'agreement', 'supersedes', 'intent', 'served']
const entries = leaves
  .filter((leaf) => !isAboutIt(leaf))
  .map((leaf) =>
    Object.entries(leaf).map(([name, value]: [string, unknown]) => [name, renumbered(name, value)]),
  )
  .map((members) => formatLeaf(Object.fromEntries(members) as Leaf))

function renumbered(name: string, value: unknown): unknown {
  return typeof value === 'number' && places.includes(name) ? moved(value) : value
}

await mkdir(copy, { recursive: true })
await copyFile(join(evidence, 'log.vkey'), join(copy, 'log.vkey'))
const size = entries.length
const root = await writeTiles(copy, 0, size, (from, to) => entries.slice(from, to))
await publishCheckpoint(copy, await signCheckpoint({ origin, size, root }, readLogSigner({ logKey })))
