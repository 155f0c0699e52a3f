/** What is compared: each in a process of its own, before the same model. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sampleAgreement, writeAgreement } from '../../test/product/model.ts'
import type { AgreementFiles } from '../../test/product/model.ts'
import { makeHome, run, start } from '../../test/product/program.ts'
import type { Home, Program } from '../../test/product/program.ts'
import type { Target } from './load.ts'
import { startNginx } from './nginx.ts'

export interface Candidate extends AsyncDisposable {
  readonly name: string
  readonly target: Target
  /** The process that is measured; null for the model itself, which lives with the load. */
  readonly pid: number | null
  /** A second gate behind it, whose cost is counted apart. */
  readonly gatePid?: number
}

/** As many as it takes for none of them to reach the calls that one caller may make in a second. */
const callers = 96

export function direct(model: string): Candidate {
  const nothing = (): Promise<void> => Promise.resolve()
  return {
    name: 'upstream directly',
    target: { url: model, keys: ['none'] },
    pid: null,
    [Symbol.asyncDispose]: nothing,
  }
}

export async function bareProxy(model: string): Promise<Candidate> {
  const path = fileURLToPath(new URL('bare-proxy.ts', import.meta.url))
  const child = spawn(process.execPath, [path, model], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { port } = JSON.parse(line.toString()) as { readonly port: number }
  return ofChild('bare proxy', `http://127.0.0.1:${port}`, child)
}

/** Null where nginx is not installed. */
export async function nginx(model: string): Promise<Candidate | null> {
  const started = await startNginx(model)
  return started && ofChild('nginx', started.url, started.child)
}

/** The agency's gate as it is: one worker, screening, decision, sealed records, durable signed evidence. */
export async function servanda(model: string): Promise<Candidate> {
  const home = makeHome()
  const { keys } = await initialise(home, `${model}/v1`)
  const program = await start(home)
  return ofPrograms('servanda', [{ home, program }], keys)
}

/** The same, and behind it the provider's gate with a ledger of its own. */
export async function servandaTwice(model: string): Promise<Candidate> {
  const [home, gateHome] = [makeHome(), makeHome()]
  const { keys, files } = await initialise(home, `${model}/v1`)
  const vkey = join(home.data, 'evidence', 'log.vkey')
  await requireDone(run(gateHome, ['init', '--gate', '--demo', '--agency-vkey', vkey, files.agreement]))
  const gate = await start(gateHome, [], { command: 'gate' })
  const program = await start(home, [], { settings: { SERVANDA_GATES: gate.url } })
  const programs = [
    { home, program },
    { home: gateHome, program: gate },
  ]
  return ofPrograms("servanda, provider's gate behind", programs, keys)
}

/** The first is measured; what stands behind it is stopped after it. */
function ofPrograms(
  name: string,
  programs: readonly { readonly home: Disposable; readonly program: Program }[],
  keys: readonly string[],
): Candidate {
  const [first, second] = programs.map(({ program }) => program)
  return {
    name,
    target: { url: first?.url ?? '', keys },
    pid: first?.child.pid ?? null,
    ...(second?.child.pid === undefined ? {} : { gatePid: second.child.pid }),
    async [Symbol.asyncDispose]() {
      for (const { home, program } of programs) {
        await program.stop()
        home[Symbol.dispose]()
      }
    },
  }
}

function ofChild(name: string, url: string, child: ChildProcess): Candidate {
  return {
    name,
    target: { url, keys: ['none'] },
    pid: child.pid ?? null,
    async [Symbol.asyncDispose]() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The sample agreement in force before the model at `baseUrl`, and the keys of many callers. */
async function initialise(
  home: Home,
  baseUrl: string,
): Promise<{ readonly keys: readonly string[]; readonly files: AgreementFiles }> {
  const files = writeAgreement(home, sampleAgreement(baseUrl))
  const [clerk] = JSON.parse(readFileSync(files.callers, 'utf8')) as readonly object[]
  const clerks = Array.from({ length: callers }, (_, i) => ({ ...clerk, id: `clerk-${i}` }))
  writeFileSync(files.callers, JSON.stringify(clerks))
  const args = ['init', '--json', '--demo', '--callers', files.callers, files.agreement]
  const { out } = await requireDone(run(home, args))
  return { keys: Object.values((JSON.parse(out) as { callers: Record<string, string> }).callers), files }
}

async function requireDone(running: ReturnType<typeof run>): ReturnType<typeof run> {
  const ended = await running
  if (ended.code !== 0) throw new Error(`init ended with ${String(ended.code)}: ${ended.err}`)
  return ended
}
