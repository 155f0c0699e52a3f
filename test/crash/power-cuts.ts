/** Cuts the power under a recorder after one change of its disk after another, and audits what the disk then holds. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../../src/recorder/temporary-directory.ts'
import { audit } from './audit.ts'
import { DiskModel } from './disk-model.ts'
import type { DiskEvent, Kept } from './disk-model.ts'
import { traceDisk } from './disk-trace.ts'
import { since } from './life.ts'
import { both, copyOf, promisedIn } from './scene.ts'
import type { Scene } from './scene.ts'

export interface Traced {
  readonly scene: Scene
  readonly events: readonly DiskEvent[]
}

export async function trace(scene: Scene): Promise<Traced> {
  await using temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'd')
  await copyOf(scene, directory)
  return { scene, events: await traceDisk(directory, scene, join(temporary.path, 'calls')) }
}

export interface Cut {
  /** How many of the changes were asked for before. */
  readonly after: number
  /** For each change that was not synced, whether it has reached the disk. */
  readonly kept: Kept
}

/** Cuts in the order of the trace. Whatever was said before is a promise, and every checkpoint that was shown. */
export async function tryCuts({ scene, events }: Traced, cuts: readonly Cut[]): Promise<void> {
  const disk = new DiskModel(scene.from)
  let said = ''
  let at = 0
  const notes = new Set(scene.notes)
  for (const { after, kept } of cuts.toSorted((a, b) => a.after - b.after)) {
    for (const event of events.slice(at, after)) {
      if (!event.path.startsWith('said-')) disk.take(event)
      else if (event.event === 'write') said += event.bytes.toString()
      for (const path of ['evidence/checkpoint', 'guard/last-signed']) {
        const note = disk.read(path)?.toString()
        if (note !== undefined) notes.add(note)
      }
    }
    at = after
    try {
      await auditAfter(disk, kept, { scene, said, notes: [...notes] })
    } catch (cause) {
      throw new Error(`${scene.name}, power cut after change ${after} of ${events.length}`, { cause })
    }
  }
}

interface Before {
  readonly scene: Scene
  readonly said: string
  readonly notes: readonly string[]
}

async function auditAfter(disk: DiskModel, kept: Kept, { scene, said, notes }: Before): Promise<void> {
  await using temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'd')
  mkdirSync(directory)
  disk.cut(directory, kept)
  const promised = both(scene.before, promisedIn(said))
  await audit(directory, promised, { role: scene.role, clock: { now: () => since }, notes })
}
