/** Where processes run and what they cost, as the system counts it. */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100

/** Whether processes can be put on cores of their own here. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** Puts a process, with all its threads, on cores such as `1` or `0,1`; does nothing where that cannot be done. */
export function pin(pid: number, cores: string): void {
  if (!canPin) return
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', cores, String(pid)])
  if (status !== 0) throw new Error(`taskset: ${stderr.toString()}`)
}

/** CPU seconds, user and system, of a process and all its descendants that live; NaN where there is no `/proc`. */
export function cpuSeconds(pid: number): number {
  try {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readStat)
    const tree = new Set([pid])
    // A child has mostly a higher number than its parent; once around the numbers the order may be another.
    for (let size = 0; size < tree.size;) {
      size = tree.size
      for (const { id, parent } of processes) if (tree.has(parent)) tree.add(id)
    }
    const ticks = processes.filter(({ id }) => tree.has(id)).reduce((sum, one) => sum + one.ticks, 0)
    return ticks / ticksPerSecond
  } catch {
    return NaN
  }
}

interface ProcessStat {
  readonly id: number
  readonly parent: number
  readonly ticks: number
}

/** Nothing for a process that has just ended. The name, in brackets, may hold blanks; what follows it does not. */
function readStat(id: string): ProcessStat[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return [{ id: Number(id), parent: fields[1] ?? 0, ticks: (fields[11] ?? 0) + (fields[12] ?? 0) }]
  } catch {
    return []
  }
}
