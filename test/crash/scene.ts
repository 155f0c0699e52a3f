/** Directories that a program starts over, one run of it in a copy, and what it promised there. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RecorderHost, openRecorder } from '../../src/recorder/index.ts'
import { HeldClock, origin, signer } from '../../src/recorder/sample-asks.ts'
import { lockDirectory, openSqliteRecorderStore } from '../../src/store/index.ts'
import type { Acknowledged, Promised, Role } from './audit.ts'
import { connectTo } from './life.ts'
import type { Said } from './life.ts'

const program = join(import.meta.dirname, 'live.ts')

/** What a run starts over. */
export interface Scene {
  readonly name: string
  readonly role: Role
  /** Copied for each run. */
  readonly from: string
  /** Only the start is run, with whatever it recovers, and not the life. */
  readonly only?: 'recover'
  /** What earlier runs promised, and checkpoints seen after them. */
  readonly before: Required<Promised>
  readonly notes: readonly string[]
}

export interface Run {
  readonly promised: Required<Promised>
  /** Null: it was killed. */
  readonly code: number | null
  readonly errors: string
}

export const nothing: Required<Promised> = { acknowledged: [], signed: [] }

export function both(first: Required<Promised>, second: Required<Promised>): Required<Promised> {
  return {
    acknowledged: [...first.acknowledged, ...second.acknowledged],
    signed: [...first.signed, ...second.signed],
  }
}

/** Entries before the life begins: so many that tiles become full in the midst of it. */
const entriesBefore = 235

/** A log that is nearly one tile wide, left by a recorder that ended well. */
export async function filledScene(directory: string, role: Role): Promise<Scene> {
  const scene = emptyScene(directory, role)
  using lock = lockDirectory(scene.from)
  await using store = await openSqliteRecorderStore(join(lock.directory, 'recorder.sqlite'))
  const opened = await openRecorder({
    ...{ store, clock: new HeldClock(), signer, origin, role },
    directory: join(scene.from, 'evidence'),
    guardDirectory: join(scene.from, 'guard'),
  })
  const fatal = (error: unknown): never => {
    throw error
  }
  await using host = new RecorderHost({ ...opened, fatal })
  const { recorder, leave } = connectTo(host)
  const leaf = { kind: 'certificate', certificate: 'exclusion', supplier: 'cumulus', from: 0, to: 1 } as const
  await Promise.all(Array.from({ length: entriesBefore - 1 }, () => recorder.note(leaf)))
  await leave()
  return scene
}

/** The first start of all, where nothing is. */
export function firstStart(directory: string, role: Role): Scene {
  return { ...emptyScene(directory, role), only: 'recover', name: `first start of ${role}` }
}

function emptyScene(directory: string, role: Role): Scene {
  mkdirSync(directory, { recursive: true })
  return { name: `life of ${role}`, role, from: directory, before: nothing, notes: [] }
}

/** Runs the program over `directory`, perhaps under another program, and reads what it said until its end. */
export async function runIn(
  directory: string,
  { role, only, from }: Pick<Scene, 'role' | 'only' | 'from'>,
  { run, under = [] }: { readonly run: string; readonly under?: readonly string[] },
): Promise<Run> {
  // A file, so that strace tells it from all else, and that whatever was said is there after a kill.
  const path = join(directory, `said-${run}`)
  const out = openSync(path, 'w')
  const args = [program, directory, role, run, ...(only ? [only] : [])]
  const words = [...under, process.execPath, '--no-warnings', ...args]
  // One thread for files: its calls are counted as one sequence.
  const settings = { UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: join(dirname(from), 'compiled') }
  const child = spawn(words[0]!, words.slice(1), {
    env: { ...process.env, ...settings },
    stdio: ['ignore', out, 'pipe'],
  })
  closeSync(out)
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { promised: promisedIn(readFileSync(path, 'utf8')), code, errors }
}

/** What was cut off in the midst of a line was said to nobody. */
export function promisedIn(text: string): Required<Promised> {
  const lines = text.split('\n').slice(0, -1)
  const said = lines.map((line) => JSON.parse(line) as Said)
  const acknowledged: Acknowledged[] = said.filter((one) => one.said === 'done')
  const signing = said.filter((one) => one.said === 'signing')
  return { acknowledged, signed: signing.map(({ bytes }) => Buffer.from(bytes, 'base64')) }
}

export async function copyOf(scene: Scene, to: string): Promise<void> {
  await cp(scene.from, to, { recursive: true })
}
