/** The marker of an initialisation that has begun and not ended, and what shows that it stands there by mistake. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ServandaError, isErrorCode, messageOf } from '../base/index.ts'
import { parseCallers } from '../identity/index.ts'
import { readCheckpoint } from '../ledger/index.ts'
import { writeDurably } from './durable-file.ts'
import { readVkey } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Settings } from './settings.ts'

/** Stands in the data directory from the first write of an initialisation to after its last. */
export function markerOf({ data }: Pick<Settings, 'data'>): string {
  return join(data, 'initialising')
}

/** An initialisation has begun here and not ended, or the marker was put there by mistake. */
export function wasInterrupted(settings: Pick<Settings, 'data'>): boolean {
  return existsSync(markerOf(settings))
}

/**
 * Marks durably that an initialisation begins, which writes so many entries to its log: so a marker that no
 * initialisation left, beside a log that is in use, is known for what it is.
 */
export function writeMarker(settings: Pick<Settings, 'data'>, entries: number): void {
  // What an earlier one has left is taken away only after this.
  writeDurably(markerOf(settings), `${Math.max(entries, entriesMarked(settings))}\n`)
}

/** What an initialisation writes last. */
export function lastWritten(settings: Settings): string {
  const { callers, agencyVkey } = placesOf(settings)
  return settings.role === 'gate' ? agencyVkey : callers
}

/**
 * Why what lies beside the marker may be in use, for a person to look at; null where an interrupted initialisation
 * has left it, which nobody can have used. What cannot be read may be in use.
 */
export function usedBesideMarker(settings: Settings): string | null {
  if (!wasInterrupted(settings)) return null
  const { evidence, guard } = placesOf(settings)
  const marked = entriesMarked(settings)
  const found = [join(guard, 'last-signed'), join(evidence, 'checkpoint')].flatMap((path) =>
    describeCheckpoint(path, marked),
  )
  // Whoever marks nothing has written nothing; a count leaves it open whether the crash came after the last file.
  if (marked === 0 && isLastWritten(settings)) found.push(`${lastWritten(settings)} is complete`)
  if (found.length === 0) return null
  const marker = markerOf(settings)
  return `${marker} says that an initialisation was interrupted, but what lies there was in use: ${found.join('; ')}. Nothing was changed. Remove ${marker} to serve what is there, or choose other directories`
}

/** A marker that says no number was written before anything else. */
function entriesMarked(settings: Pick<Settings, 'data'>): number {
  const text = readFile(markerOf(settings))?.toString('latin1') ?? ''
  return /^[1-9][0-9]{0,5}\n$/.test(text) ? Number(text) : 0
}

function describeCheckpoint(path: string, entriesMax: number): string[] {
  try {
    const bytes = readFile(path)
    if (bytes === null) return []
    const { size } = readCheckpoint(bytes.toString('utf8'))
    return size > entriesMax ? [`${path} covers ${size} entries`] : []
  } catch (error) {
    return [`${path} cannot be read (${messageOf(error)})`]
  }
}

function isLastWritten(settings: Settings): boolean {
  const path = lastWritten(settings)
  try {
    if (settings.role === 'gate') return readVkey(path).type === 'ed25519'
    return parseCallers(readFileSync(path), path).length > 0
  } catch (error) {
    if (error instanceof ServandaError || isErrorCode(error, 'ENOENT')) return false
    throw error
  }
}

function readFile(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
}
