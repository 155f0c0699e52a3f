/** Replays the commands of documents: `console` blocks, in which `$ ` begins a command and its output follows. */
import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Command {
  readonly line: string
  /** `…` stands for anything within a line: ids, receipts, keys. */
  readonly output: string
  readonly exitCode: number
}

export interface Met {
  readonly output: string
  readonly exitCode: number
}

/** What a reader has after `npm start`, on ports and in directories of its own. */
export interface Demo {
  readonly env: NodeJS.ProcessEnv
  readonly directory: string
  readonly url: string
  /** The provider's gate behind it. */
  readonly gateUrl: string
}

const root = join(import.meta.dirname, '..')
const main = join(root, 'src/main.ts')
const commandsMs = 300_000

/** The commands of the `console` blocks; `# exit code 1` after the output says that a command does not succeed. */
export function commandsOf(document: string): readonly Command[] {
  return [...document.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const [line = '', ...rest] = part.split('\n')
        const code = rest.find((each) => each.startsWith('# exit code '))
        return {
          line,
          exitCode: Number(code?.slice('# exit code '.length) ?? 0),
          output: rest
            .filter((each) => each !== code)
            .join('\n')
            .trimEnd(),
        }
      }),
  )
}

export async function startDemo(t: TestContext): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-replay-'))
  const env = {
    ...process.env,
    SERVANDA_DATA: join(directory, 'data'),
    SERVANDA_KEYS: join(directory, 'keys'),
    SERVANDA_GUARD: join(directory, 'guard'),
    SERVANDA_PORT: '0',
  }
  const gateway = spawn(process.execPath, [main, 'serve', '--demo', '--json'], { cwd: root, env })
  const ended = once(gateway, 'exit')
  t.after(async () => {
    gateway.kill()
    await ended
    rmSync(directory, { recursive: true })
  })
  const failed = ended.then(() => assert.fail('the gateway ended before it was ready'))
  const [ready] = (await Promise.race([once(gateway.stdout, 'data'), failed])) as [Buffer]
  const { port, url, gate } = JSON.parse(ready.toString()) as Ready
  return { env: { ...env, SERVANDA_PORT: String(port) }, directory, url, gateUrl: gate.url }
}

/** What `serve --demo --json` says when both gates are ready. */
interface Ready {
  readonly port: number
  readonly url: string
  readonly gate: { readonly url: string }
}

/** Runs the commands in one shell, one after the other, as a reader does; each with its output and exit code. */
export async function runAll(
  commands: readonly Command[],
  { env, directory, url, gateUrl }: Demo,
): Promise<readonly Met[]> {
  const mark = '--- end of command ---'
  // What a reader has in its own place stands in this one's; one pass, so that nothing is replaced twice.
  const places: Readonly<Record<string, string>> = {
    'npm run -s servanda --': `'${process.execPath}' '${main}'`,
    'http://localhost:8420': url,
    'http://localhost:8421': gateUrl,
    './.servanda/': `${directory}/`,
    '.servanda/': `${directory}/`,
    '/tmp/': `${directory}/`,
  }
  const pattern = new RegExp(Object.keys(places).map(escapeForRegExp).join('|'), 'g')
  const here = (line: string): string => line.replace(pattern, (place) => places[place] ?? place)
  const script = commands.map(({ line }) => `${here(line)}\nprintf '\\n${mark} %s\\n' "$?"`).join('\n')
  const printed = await new Promise<string>((resolve) => {
    execFile(
      'bash',
      ['-c', `exec 2>&1\n${script}`],
      { cwd: root, env, timeout: commandsMs },
      (_error, stdout) => resolve(stdout),
    )
  })
  return printed.split(new RegExp(`\\n${mark} (\\d+)\\n`)).reduce<Met[]>((all, part, i, parts) => {
    if (i % 2 === 0 && parts[i + 1] !== undefined) {
      all.push({ output: part.trimEnd(), exitCode: Number(parts[i + 1]) })
    }
    return all
  }, [])
}

/** Fails with both texts unless the output is what the document shows. */
export function assertShown({ output, exitCode, line }: Command, met: Met | undefined): void {
  assert.ok(met, `\`${line}\` was not reached`)
  const pattern = output.split('…').map(escapeForRegExp).join('[^\\n]*?')
  if (new RegExp(`^${pattern}$`).test(met.output) && exitCode === met.exitCode) return
  assert.deepEqual(met, { output, exitCode })
}

/** False when the tool is here; else the reason why a test is left out, said aloud. */
export function lacking(tool: string): string | false {
  if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined) return false
  const reason = `LEFT OUT: \`${tool}\` is not on this machine`
  console.error(reason)
  return reason
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
