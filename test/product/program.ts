/** Starts the real program with directories of its own, and looks at what it leaves behind. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { parseLeaf, verifyLedger } from '../../src/ledger/index.ts'
import type { Leaf, LedgerSummary } from '../../src/ledger/index.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'src/main.ts')

/** Where one program keeps everything. */
export interface Home {
  readonly root: string
  readonly data: string
  readonly keys: string
  readonly guard: string
}

export function makeHome(): Home & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-product-'))
  return {
    root: directory,
    data: join(directory, 'data'),
    keys: join(directory, 'keys'),
    guard: join(directory, 'guard'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export type Settings = Readonly<Record<string, string>>

/** The settings that every start in `home` has; nothing of the tester's own reaches the program. */
function environmentOf(home: Home, settings: Settings): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SERVANDA_'))
  return {
    ...Object.fromEntries(inherited),
    SERVANDA_DATA: home.data,
    SERVANDA_KEYS: home.keys,
    SERVANDA_GUARD: home.guard,
    SERVANDA_PORT: '0',
    ...settings,
  }
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command to its end. */
export async function run(home: Home, args: readonly string[], settings: Settings = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { env: environmentOf(home, settings) })
  const said = listen(child)
  const code = await exitOf(child)
  return { code, out: said.out(), err: said.err() }
}

export interface Program {
  readonly child: ChildProcess
  readonly port: number
  readonly url: string
  readonly inForce: readonly string[]
  err(): string
  /** Sends SIGTERM and resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number | null>
}

interface StartOptions {
  readonly command?: 'serve' | 'gate'
  readonly settings?: Settings
  /** Run by bash before it becomes the program, such as `ulimit -f 100`. */
  readonly before?: string
}

interface Ready {
  readonly port: number
  readonly inForce: readonly string[]
}

/** Starts `serve --json`, or `gate --json`, and resolves when it is ready; rejects with what it says when it ends before that. */
export async function start(
  home: Home,
  args: readonly string[] = [],
  { command = 'serve', settings = {}, before }: StartOptions = {},
): Promise<Program> {
  const words = [process.execPath, main, command, '--json', ...args]
  const child =
    before === undefined
      ? spawn(words[0]!, words.slice(1), { env: environmentOf(home, settings) })
      : spawn('bash', ['-c', `${before}; exec "$@"`, 'bash', ...words], {
          env: environmentOf(home, settings),
        })
  const said = listen(child)
  const ended = exitOf(child)
  const ready = await Promise.race([
    said.line(),
    ended.then((code) => Promise.reject(new Error(`ended with ${String(code)}: ${said.err()}`))),
  ])
  const { port, inForce } = JSON.parse(ready) as Ready
  return {
    child,
    port,
    url: `http://127.0.0.1:${port}`,
    inForce,
    err: said.err,
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code)))
}

function listen(child: ChildProcess) {
  let [out, err] = ['', '']
  const { promise, resolve } = Promise.withResolvers<string>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')))
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  return { out: () => out, err: () => err, line: () => promise }
}

/** Audits the evidence as a stranger would, every sealed record included. */
export async function audit(home: Home): Promise<LedgerSummary> {
  const evidence = join(home.data, 'evidence')
  using database = new DatabaseSync(join(home.data, 'recorder.sqlite'), { readOnly: true })
  const sealed = database.prepare('SELECT sealed FROM records WHERE seq = ?')
  return await verifyLedger({
    directory: evidence,
    verifiers: [readFileSync(join(evidence, 'log.vkey'), 'utf8').trim()],
    readRecord: (seq) =>
      Promise.resolve((sealed.get(seq) as { sealed: Uint8Array } | undefined)?.sealed ?? null),
  })
}

/** Every entry that is durable at this moment. */
export function entriesOf(home: Home): readonly Leaf[] {
  using database = new DatabaseSync(join(home.data, 'recorder.sqlite'), { readOnly: true, timeout: 5000 })
  const rows = database.prepare('SELECT leaf FROM entries ORDER BY seq').all() as { leaf: Uint8Array }[]
  return rows.map(({ leaf }) => parseLeaf(leaf))
}

/** Fails when one of `texts` stands anywhere in the data directory, the agreements and the files of callers and reviewers aside. */
export function assertNotInClear(home: Home, texts: readonly string[]): void {
  const files = readdirSync(home.data, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  assert.ok(files.length > 3)
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    if (['callers.json', 'reviewers.json'].some((name) => path === join(home.data, name))) continue
    const bytes = readFileSync(path)
    for (const text of texts) assert.ok(!bytes.includes(text), `\`${text}\` stands in ${path}`)
  }
}

/** Waits for something that another process brings about; fails when it has not come in time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > end) assert.fail(`in 20 s this did not come: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
