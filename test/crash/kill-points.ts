/** Kills a program at one call to the system after another, and audits what each kill leaves. Needs strace. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { temporaryDirectory } from '../../src/recorder/temporary-directory.ts'
import { audit, notesIn } from './audit.ts'
import { since } from './life.ts'
import { both, copyOf, runIn } from './scene.ts'
import type { Run, Scene } from './scene.ts'
import { requireWhole } from './whole-life.ts'

export const hasStrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0

/** Everything by which these programs change or sync a file. */
const calls = [
  ...['write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'truncate', 'fallocate'],
  ...['fsync', 'fdatasync', 'sync_file_range', 'msync'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
]

/**
 * Rows are written by the program's own thread, evidence by the one thread for files, and strace counts by thread:
 * so each of these has one sequence of each call. What is said goes to a file of its own.
 */
type Side = 'rows' | 'evidence' | 'said'

/** One sequence of calls: the first, the second, … of them is where the program is killed. */
export interface CallClass {
  readonly side: Side
  readonly call: string
  /** Relative to the directory. */
  readonly paths: readonly string[]
  /** As many as there were when nobody killed it. */
  readonly count: number
}

export interface KillPoint extends CallClass {
  /** From 1. The call is entered and not carried out: what came before it on its thread is done. */
  readonly nth: number
}

function sideOf(path: string): Side {
  if (path.startsWith('said-')) return 'said'
  return path === '' || /^(recorder\.sqlite|lock)/.test(path) ? 'rows' : 'evidence'
}

interface SeenCall {
  readonly thread: string
  readonly call: string
  readonly path: string
}

function readCalls(log: string, directory: string): readonly SeenCall[] {
  return log.split('\n').flatMap((line) => {
    const [, thread = '', call = '', args = ''] = /^(\d+)\s+(\w+)\((.*)$/.exec(line) ?? []
    const named = /^\d+<(\/[^>]*)>|^"(\/[^"]*)"/.exec(args)
    if (named === null) return []
    const path = relative(directory, named[1] ?? named[2] ?? '')
    return path.startsWith('..') ? [] : [{ thread, call, path }]
  })
}

/** Runs the scene undisturbed, and finds every call that changes or syncs a file of its directory. */
export async function findCalls(scene: Scene): Promise<readonly CallClass[]> {
  await using temporary = await temporaryDirectory()
  const [directory, log] = [join(temporary.path, 'd'), join(temporary.path, 'calls')]
  await copyOf(scene, directory)
  const trace = `trace=${calls.map((call) => `?${call}`).join(',')}`
  const under = ['strace', '-f', '-y', '-qq', '-o', log, '-e', trace]
  const { code, errors } = await runIn(directory, scene, { run: 'r0', under })
  assert.equal(code, 0, errors)
  const found = new Map<string, { side: Side; call: string; paths: Set<string>; count: number }>()
  const seen = readCalls(readFileSync(log, 'utf8'), directory)
  const rowsThread = seen.find(({ path }) => path !== '' && sideOf(path) === 'rows')?.thread
  for (const { thread, call, path } of seen) {
    // Both threads sync the directory itself. The other one does it after it has made a directory in here, and
    // between two calls that are tried.
    if (path === '' && thread !== rowsThread) continue
    const side = sideOf(path)
    const key = `${side} ${call}`
    const known = found.get(key) ?? { side, call, paths: new Set<string>(), count: 0 }
    found.set(key, { ...known, paths: known.paths.add(path), count: known.count + 1 })
  }
  return [...found.values()].map((one) => ({ ...one, paths: [...one.paths] }))
}

export function pointsOf(classes: readonly CallClass[]): readonly KillPoint[] {
  return classes.flatMap((one) => Array.from({ length: one.count }, (_, i) => ({ ...one, nth: i + 1 })))
}

/** Runs the scene in `directory` until it comes to `point`; code 0 means that it never came there. */
export async function runUntil(directory: string, scene: Scene, point: KillPoint): Promise<Run> {
  await copyOf(scene, directory)
  const { call, nth, paths } = point
  const only = paths.flatMap((path) => ['-P', join(directory, path)])
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`]
  const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...only, ...inject]
  const run = await runIn(directory, scene, { run: 'r0', under })
  if (run.code !== null) assert.equal(run.code, 0, run.errors)
  return run
}

/**
 * Kills the scene at `point`, starts again and audits; then lives its life to the end, where everything that may
 * happen once is tried again, and audits again. False where the run never came to the point.
 */
export async function tryPoint(scene: Scene, point: KillPoint): Promise<boolean> {
  await using temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'd')
  const { role, from } = scene
  const auditAll = async (promised: Run['promised'], seen: readonly string[]) =>
    await audit(directory, promised, { role, notes: seen, clock: { now: () => since } })
  try {
    const killed = await runUntil(directory, scene, point)
    const promised = both(scene.before, killed.promised)
    const seen = [...scene.notes, ...(await notesIn(directory))]
    await auditAll(promised, seen)

    seen.push(...(await notesIn(directory)))
    const rest = await runIn(directory, { role, from }, { run: 'r1' })
    assert.equal(rest.code, 0, rest.errors)
    const { leaves } = await auditAll(both(promised, rest.promised), seen)
    requireWhole(role, leaves)
    return killed.code === null
  } catch (cause) {
    const { side, call, nth } = point
    throw new Error(`${scene.name}, killed at ${call} ${nth} of ${side}`, { cause })
  }
}

/** What `scene` leaves when it is killed at `point`: its recovery is a scene of its own. */
export async function crashedScene(directory: string, scene: Scene, point: KillPoint): Promise<Scene> {
  const { promised } = await runUntil(directory, scene, point)
  const name = `recovery of ${scene.role} after ${point.call} ${point.nth}`
  const notes = [...scene.notes, ...(await notesIn(directory))]
  return { ...scene, name, from: directory, only: 'recover', before: both(scene.before, promised), notes }
}
