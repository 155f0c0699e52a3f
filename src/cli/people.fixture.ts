/** Reviewers and parties at the control socket of a gate in memory, for tests of their commands. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenOnSocket } from '../api/index.ts'
import { startControlStage } from '../api/sample-control.fixture.ts'
import type { ControlStage } from '../api/sample-control.fixture.ts'
import { demoKey, systemClock } from '../base/index.ts'
import type { Command } from './command.ts'

export interface People extends AsyncDisposable {
  readonly stage: ControlStage
  readonly home: string
  /** `--socket PATH`. */
  readonly socket: readonly string[]
  /** The key file of a demonstration key. */
  keyFile(name: string): Promise<string>
}

export async function startPeople(): Promise<People> {
  const home = await mkdtemp(join(tmpdir(), 'servanda-people-'))
  const stage = await startControlStage({ clock: systemClock })
  const path = join(home, 'control.sock')
  await listenOnSocket(stage.app, path)
  return {
    stage,
    home,
    socket: ['--socket', path],
    async keyFile(name) {
      const file = join(home, `${name.replaceAll('/', '-')}.pem`)
      await writeFile(file, demoKey(name).export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
      return file
    },
    async [Symbol.asyncDispose]() {
      await stage.app.close()
      await rm(home, { recursive: true })
    },
  }
}

export async function runCommand(command: Command, args: readonly string[]) {
  let [out, err] = ['', '']
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
  const code = await command(args, io)
  return { code, out, err }
}
