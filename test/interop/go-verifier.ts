/**
 * Runs the Go program beside this file, which audits evidence with golang.org/x/mod as the distribution ships it.
 * Where Go or x/mod is missing, that is said on stderr and returned as a reason; nothing passes silently.
 */
import { execFile } from 'node:child_process'
import { access, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/base/index.ts'

/** Where Debian's golang-golang-x-mod-dev puts x/mod; SERVANDA_GOPATH names another place. */
const gopath = process.env['SERVANDA_GOPATH'] ?? '/usr/share/gocode'
const source = join(import.meta.dirname, 'verify-evidence/main.go')
const buildMs = 240_000
const runMs = 60_000

export interface GoVerdict {
  readonly accepted: boolean
  /** What the program printed: `accepted: …` or `rejected: …`. */
  readonly output: string
}

export interface GoEvidence {
  readonly directory: string
  /** File with one verifier key per line; the directory's own `log.vkey` where absent. */
  readonly vkeyFile?: string
  /** Files: an earlier checkpoint, and a proof of growth from it. */
  readonly outside?: string
  readonly growth?: string
  readonly proofs?: readonly string[]
}

export type GoVerifier =
  { readonly verify: (evidence: GoEvidence) => Promise<GoVerdict> } | { readonly absent: string }

let built: Promise<GoVerifier> | undefined

/** Builds the program once per process. */
export function goVerifier(): Promise<GoVerifier> {
  built ??= build()
  return built
}

/** Audits one evidence directory. Throws where the program cannot be built: absence is not acceptance. */
export async function verifyWithGo(directory: string): Promise<GoVerdict> {
  const go = await goVerifier()
  if ('absent' in go) throw new Error(go.absent)
  return go.verify({ directory })
}

async function build(): Promise<GoVerifier> {
  try {
    await access(join(gopath, 'src/golang.org/x/mod/sumdb/tlog'))
    const home = await mkdtemp(join(tmpdir(), 'servanda-go-'))
    const binary = join(home, 'verify-evidence')
    const env = { GOCACHE: join(home, 'cache'), ...process.env, ...goMode }
    await run('go', ['build', '-o', binary, source], { env, timeout: buildMs })
    return { verify: (evidence) => runVerifier(binary, evidence) }
  } catch (thrown) {
    const absent = `INTEROP NOT CHECKED: Go or golang.org/x/mod is missing (apt install golang-go golang-golang-x-mod-dev): ${messageOf(thrown)}`
    process.stderr.write(`${absent}\n`)
    return { absent }
  }
}

const goMode = { GO111MODULE: 'off', CGO_ENABLED: '0', GOFLAGS: '', GOPATH: gopath }

async function runVerifier(binary: string, evidence: GoEvidence): Promise<GoVerdict> {
  const { directory, vkeyFile = join(directory, 'log.vkey'), outside, growth, proofs = [] } = evidence
  const args = ['-vkey', vkeyFile]
  if (outside !== undefined) args.push('-outside', outside)
  if (growth !== undefined) args.push('-growth', growth)
  const output = await run(binary, [...args, directory, ...proofs], { timeout: runMs }, 1)
  if (!/^(accepted|rejected): /.test(output)) throw new Error(`the Go program failed: ${output}`)
  return { accepted: output.startsWith('accepted: '), output }
}

/** Resolves with standard output when the program ends with 0 or `also`. */
function run(
  file: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeout: number },
  also = 0,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error && error.code !== also) reject(new Error(`${error.message}\n${stderr}`))
      else resolve(stdout)
    })
  })
}

/** A file of its own for a text that the program is to read. */
export async function writeTemporary(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'servanda-interop-')), name)
  await writeFile(path, content)
  return path
}
