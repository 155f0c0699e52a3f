/** `servanda rehearse`: plays scripted calls against a running gateway and prints what each of them met. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrorCode, messageOf } from '../base/index.ts'
import { placesOf, readSettings } from '../process/index.ts'
import { CliError } from './cli-error.ts'
import { command } from './command.ts'

export interface RehearsalCall {
  readonly name: string
  readonly title: string
  readonly agreement: string
  /** The clause that the call is about; for a denied or held call the one that answers it. */
  readonly clause: string
  /** What decides it: a fact about the call, what was found in its text, or a person. */
  readonly because: 'structure' | 'screening' | 'person'
  /** The prohibition that the call is about, where its structure stops it whatever its words say. */
  readonly redLine?: string
  /** The call that shares its key words and meets the opposite. */
  readonly twin?: string
  /** Id of a caller of the demonstration. */
  readonly caller: string
  readonly headers?: Readonly<Record<string, string>>
  /** A chat-completions request. */
  readonly body: Readonly<Record<string, unknown>>
  readonly expect: Expectation
}

export interface Expectation {
  readonly status: number
  readonly verdict: Verdict
  /** Ids in any order; absent where the answer names none. */
  readonly clauses?: readonly string[]
  /** Ids of the rules, where a clause has several and the call is about one of them. */
  readonly rules?: readonly string[]
}

/** What came back; `cut` is a stream that ended without saying so, `refused` an answer that is no decision. */
type Verdict = 'allow' | 'hold' | 'deny' | 'cut' | 'refused'

export interface Met {
  readonly status: number
  readonly verdict: Verdict
  readonly clauses: readonly string[]
  readonly rules: readonly string[]
  readonly receipt: boolean
}

interface Played {
  readonly call: RehearsalCall
  readonly met: Met
  readonly asExpected: boolean
}

const callsDirectory = join(import.meta.dirname, '../../examples/rehearsal')
const callMs = 30_000
const answerBytesMax = 8_388_608

const usage = `usage: servanda rehearse [--url URL] [--keys FILE] [--calls PATH] [--only NAME] [--json]

  --url URL     the gateway (default: localhost, at the port of the settings)
  --keys FILE   JSON map from caller to API key (default: demo-callers.json among the keys of the settings)
  --calls PATH  a JSON file of calls, or a directory of them (default: those of the examples)
  --only NAME   the call of this name, or all calls of the agreement of this name
  --json        the result as one JSON object
`

/** Exit code 0 when every call met what it expects, 1 when one did not, 2 when nothing could be played. */
export const rehearse = command({
  usage,
  operands: {},
  options: { url: 'optional', keys: 'optional', calls: 'optional', only: 'optional' },
  async run(given, output) {
    const url = requireUrl(given.url ?? `http://localhost:${readSettings(process.env).port}`)
    const keys = await readKeys(given.keys ?? placesOf(readSettings(process.env)).demoCallerKeys)
    const calls = selectCalls(await readCalls(given.calls ?? callsDirectory), given.only)
    const played: Played[] = []
    for (const call of calls) played.push(await play(call, keys, url))
    const good = played.every(({ asExpected }) => asExpected)
    output.answer({ good, calls: played.map(asJson) }, table(played))
    return good ? 0 : 1
  },
})

/** Where the gateway takes calls. */
function requireUrl(text: string): URL {
  const url = URL.parse('/v1/chat/completions', text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new CliError('CLI_USAGE', `--url: \`${text}\` is not a URL`)
}

/** Throws `CLI_FILE` where there is no list of calls. */
async function readCalls(path: string): Promise<RehearsalCall[]> {
  try {
    const calls = await readRehearsal(path)
    if (Array.isArray(calls)) return calls
    throw new TypeError('it holds no list')
  } catch (cause) {
    throw new CliError('CLI_FILE', `cannot read calls from \`${path}\`: ${messageOf(cause)}`, { cause })
  }
}

/** The calls of a file, or of all files of a directory in the order of their names. */
export async function readRehearsal(path: string): Promise<RehearsalCall[]> {
  if (path.endsWith('.json')) return JSON.parse(await readFile(path, 'utf8')) as RehearsalCall[]
  const files = (await readdir(path)).filter((file) => file.endsWith('.json')).sort()
  const lists = await Promise.all(files.map((file) => readRehearsal(join(path, file))))
  return lists.flat()
}

async function readKeys(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, string>))
  } catch (cause) {
    const hint = isErrorCode(cause, 'ENOENT') ? '; a gateway started with `serve --demo` writes it' : ''
    throw new CliError('CLI_FILE', `cannot read the callers' keys from \`${file}\`${hint}`, { cause })
  }
}

function selectCalls(calls: readonly RehearsalCall[], only: string | undefined): readonly RehearsalCall[] {
  if (only === undefined) return calls
  const selected = calls.filter(({ name, agreement }) => name === only || agreement === only)
  if (selected.length === 0)
    throw new CliError('CLI_USAGE', `--only: no call and no agreement is named \`${only}\``)
  return selected
}

async function play(call: RehearsalCall, keys: ReadonlyMap<string, string>, url: URL): Promise<Played> {
  const key = keys.get(call.caller)
  if (key === undefined) throw new CliError('CLI_FILE', `there is no key for the caller \`${call.caller}\``)
  const { response, text } = await post(url, key, call)
  const met = readMet(response, text)
  return { call, met, asExpected: isAsExpected(met, call.expect) }
}

async function post(
  url: URL,
  key: string,
  call: RehearsalCall,
): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...call.headers, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(call.body),
      signal: AbortSignal.timeout(callMs),
    })
    return { response, text: await readText(response) }
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const message = `no answer from ${url.origin} to \`${call.name}\`: ${reasonOf(cause)}`
    throw new CliError('CLI_UNANSWERED', message, { cause })
  }
}

/** `fetch` says only that it failed; why stands in the cause. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
  return isErrorCode(inner, 'ECONNREFUSED') ? 'nothing listens there' : messageOf(inner)
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > answerBytesMax)
      throw new CliError('CLI_UNANSWERED', `an answer is longer than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface ErrorBody {
  readonly servanda?: {
    readonly verdict?: 'hold' | 'deny'
    readonly clauses?: readonly { readonly id: string; readonly rule: string }[]
  }
}

/** Reads what a caller was answered. */
export function readMet(response: Pick<Response, 'status' | 'ok' | 'headers'>, text: string): Met {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const events = isStream ? eventsOf(text) : [text]
  const error = events.map(errorOf).find((found) => found !== undefined)
  return {
    status: response.status,
    verdict: verdictOf(response, error, !isStream || events.at(-1) === '[DONE]'),
    clauses: (error?.servanda?.clauses ?? []).map(({ id }) => id),
    rules: (error?.servanda?.clauses ?? []).map(({ rule }) => rule),
    receipt: response.headers.has('servanda-receipt'),
  }
}

function verdictOf(response: Pick<Response, 'ok'>, error: ErrorBody | undefined, complete: boolean): Verdict {
  if (error) return error.servanda?.verdict ?? 'refused'
  if (!response.ok) return 'refused'
  return complete ? 'allow' : 'cut'
}

function eventsOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
}

function errorOf(text: string): ErrorBody | undefined {
  if (text === '[DONE]') return undefined
  try {
    return (JSON.parse(text) as { readonly error?: ErrorBody }).error
  } catch {
    // Not JSON, so not an error of the gateway's own form.
    return undefined
  }
}

export function isAsExpected(met: Met, expect: Expectation): boolean {
  return (
    met.status === expect.status &&
    met.verdict === expect.verdict &&
    (expect.clauses === undefined || sorted(met.clauses) === sorted(expect.clauses)) &&
    (expect.rules === undefined || sorted(met.rules) === sorted(expect.rules))
  )
}

function sorted(clauses: readonly string[]): string {
  return [...new Set(clauses)].sort().join(' ')
}

function asJson({ call, met, asExpected }: Played): object {
  const { name, agreement, clause, because, expect } = call
  return { name, agreement, clause, because, expect, met, asExpected }
}

function table(played: readonly Played[]): string {
  const rows = played.map(({ call, met, asExpected }) => [
    asExpected ? 'ok' : 'NOT',
    call.name,
    call.because,
    `${call.expect.status} ${call.expect.verdict}`,
    `${met.status} ${met.verdict}`,
    met.clauses.join(' '),
    met.receipt ? 'yes' : 'no',
  ])
  const all = [['', 'call', 'because', 'expected', 'met', 'clauses', 'receipt'], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const met = played.filter(({ asExpected }) => asExpected).length
  return `${lines.join('\n')}\n\n${met} of ${played.length} calls met what was expected\n`
}
