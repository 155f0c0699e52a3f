/**
 * A writer that is killed at any moment, or whose system calls fail, leaves evidence that verifies, and loses
 * nothing that it signed. Failing calls are injected by strace where that is installed.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGuard, readCheckpoint, verifyLedger } from '../../src/ledger/index.ts'
import { sampleVkey } from '../../src/ledger/sample-log.ts'

const program = join(import.meta.dirname, 'grow-log.ts')

interface Log {
  readonly directory: string
  readonly guard: string
  /** The checkpoint that readers saw last. */
  outside?: string
}

interface Run {
  readonly said: readonly string[]
  readonly exitCode: number | null
}

async function newLog(): Promise<Log> {
  const directory = await mkdtemp(join(tmpdir(), 'servanda-crash-'))
  return { directory, guard: join(directory, 'guard') }
}

/** Runs a program to its end, or kills it once its output has this many lines. */
function run(command: string, args: readonly string[], lines = Infinity): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.split('\n').length > lines) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ said: output.split('\n').slice(0, -1), exitCode }))
  })
}

const largest = (said: readonly string[], word: string) =>
  Math.max(0, ...said.filter((line) => line.startsWith(word)).map((line) => Number(line.split(' ')[1])))

/** Everything signed is in the guard, everything published verifies and continues what was seen before. */
async function verifyLeft(log: Log, { said }: Run): Promise<void> {
  const { directory, guard, outside } = log
  const held = await (await openGuard(guard)).last()
  const heldSize = held === null ? 0 : readCheckpoint(held).size
  assert.ok(heldSize >= largest(said, 'signed'), 'what was signed stays in the guard')
  if (!existsSync(join(directory, 'checkpoint'))) return
  const verifiers = [sampleVkey]
  const summary = await verifyLedger({ directory, verifiers, ...(outside === undefined ? {} : { outside }) })
  assert.ok(summary.size >= largest(said, 'published') && summary.size <= heldSize)
  log.outside = await readFile(join(directory, 'checkpoint'), 'utf8')
}

test('a killed writer leaves a log that verifies, and goes on from what it signed', async () => {
  const log = await newLog()
  for (let round = 0; round < 12; round++) {
    const ended = await run(process.execPath, [program, log.directory, log.guard], 1 + ((round * 5) % 9))
    await verifyLeft(log, ended)
  }
  assert.ok(log.outside !== undefined)
})

const tracer = 'strace'
const mayTrace = spawnSync(tracer, ['-f', '-qq', '-o', '/dev/null', 'true']).status === 0
const skip = mayTrace ? false : 'strace is missing or may not trace: failing system calls are NOT CHECKED'
if (skip) process.stderr.write(`${skip}\n`)

for (const fault of ['error=EIO', 'signal=KILL']) {
  for (const call of ['fsync', 'rename', 'write', 'mkdir']) {
    test(`${call} with ${fault} leaves a log that verifies`, { skip }, async () => {
      const log = await newLog()
      const grow = [process.execPath, program, log.directory, log.guard]
      // Only writes of ours: the runtime writes to its own pipes all the time.
      const paths = call === 'write' ? ['-P', join(log.guard, 'last-signed.tmp')] : []
      let stopped = 0
      for (const when of [1, 2, 5]) {
        const inject = [...paths, '-e', `inject=${call}:${fault}:when=${when}`]
        const ended = await run(tracer, ['-f', '-qq', '-o', '/dev/null', ...inject, ...grow, '6'])
        if (ended.exitCode !== 0) stopped++
        await verifyLeft(log, ended)
      }
      assert.ok(stopped > 0, 'the injected failure ended the program at least once')
      const { said, exitCode } = await run(process.execPath, [...grow.slice(1), '1'])
      assert.ok(exitCode === 0 && largest(said, 'published') > 0, 'the next start goes on')
    })
  }
}
