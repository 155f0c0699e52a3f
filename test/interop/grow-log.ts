/**
 * A program to be killed: publishes a growing sample log, step after step, from wherever the last one was stopped.
 * Arguments: evidence directory, guard directory, and how many steps to take at most.
 * Prints `signed <size>` once a size is in the guard and `published <size>` once readers can see it.
 */
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes } from '../../src/base/index.ts'
import {
  leafHash,
  openFrontier,
  openGuard,
  publishCheckpoint,
  readCheckpoint,
  signCheckpoint,
  writeTiles,
} from '../../src/ledger/index.ts'
import { sampleEntries, sampleOrigin, sampleSigner } from '../../src/ledger/sample-log.ts'

const [directory = '', guardDirectory = '', stepsMax = 'Infinity'] = process.argv.slice(2)
const entries = sampleEntries(3_000)
const steps = [1, 97, 255, 3, 130]

const guard = await openGuard(guardDirectory)
let held = await guard.last()
let size = held === null ? 0 : readCheckpoint(held).size
let tiled = Math.min(await publishedSize(), size)
const tree = openFrontier()
grow(0, size)
if (held !== null) {
  // What the last program signed and perhaps did not publish is published first.
  await writeTo(size)
  await publishCheckpoint(directory, held)
  say(`published ${size}`)
}

for (let step = 0; size < entries.length && step < Number(stepsMax); step++) {
  const next = Math.min(size + (steps[step % steps.length] ?? 1), entries.length)
  grow(size, next)
  size = next
  await writeTo(size)
  const note = await signCheckpoint({ origin: sampleOrigin, size, root: tree.root() }, sampleSigner)
  await guard.advance(held, note)
  held = note
  say(`signed ${size}`)
  await publishCheckpoint(directory, note)
  say(`published ${size}`)
}

function grow(from: number, to: number): void {
  for (const entry of entries.slice(from, to)) tree.append(leafHash(entry))
}

async function writeTo(to: number): Promise<void> {
  const root = await writeTiles(directory, tiled, to, (start, end) => entries.slice(start, end))
  if (!equalBytes(root, tree.root())) throw new Error(`the tiles give another root at size ${to}`)
  tiled = to
}

async function publishedSize(): Promise<number> {
  try {
    return readCheckpoint(await readFile(join(directory, 'checkpoint'), 'utf8')).size
  } catch {
    return 0
  }
}

function say(line: string): void {
  writeFileSync(1, `${line}\n`)
}
