/** A provider's gate beside the agency's, in a process of its own: how both are tried out on one machine. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isErrorCode } from '../base/index.ts'
import { StoreError } from '../recorder/index.ts'
import { InitialiseError } from './initialise.ts'
import { placesOf } from './places.ts'
import { ServeError } from './serve.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'

export interface ChildGate extends AsyncDisposable {
  /** Its base URL. */
  readonly url: string
  readonly evidence: string
  /** Resolves with what it ended with, whoever ended it. */
  readonly ended: Promise<string>
}

/** What `servanda gate --json` says when it is ready. */
interface ChildReady {
  readonly port: number
  readonly evidence: string
}

/** Directories beside those of the agency's gate, the next port, and nothing else in common. */
export function gateBeside({ data, keys, guard, port, host, workers }: Settings): Settings {
  const environment = {
    SERVANDA_DATA: join(dirname(data), 'gate', 'data'),
    SERVANDA_KEYS: join(dirname(keys), 'gate', 'keys'),
    SERVANDA_GUARD: join(dirname(guard), 'gate', 'guard'),
    SERVANDA_PORT: String(port === 0 ? 0 : port + 1),
    SERVANDA_HOST: host,
    SERVANDA_WORKERS: String(workers),
  }
  return readSettings(environment, 'gate')
}

/** Throws `INIT_EXISTS` where the gate serves the log of another agency: everything would be turned away. */
export function requireSameAgency(gate: Settings, agency: Settings): void {
  const [kept, own] = [placesOf(gate).agencyVkey, placesOf(agency).logVkey]
  if (!existsSync(kept) || (existsSync(own) && readFileSync(kept, 'utf8') === readFileSync(own, 'utf8')))
    return
  const message = `the gate in ${gate.data} serves another agency's log than the one in ${agency.data}: remove both, or choose other directories`
  throw new InitialiseError('INIT_EXISTS', message)
}

/** How long it may take to end by itself. */
const endMs = 15_000
/** One that served until a moment ago may still hold its lock. */
const lockedTries = 20
const lockedMs = 250

/**
 * Starts the program as a gate and resolves when it is ready. It ends with this process, however that ends. Where
 * another process holds the gate's lock it is started again after `pause`, and in the end throws `STORE_LOCKED`;
 * where it cannot start for another reason, `SERVE_FAILED` at once.
 */
export async function startChildGate(
  settings: Settings,
  warn: (message: string) => void,
  pause: () => Promise<unknown> = () => delay(lockedMs),
): Promise<ChildGate> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(settings, warn)
    } catch (error) {
      if (!isErrorCode(error, 'STORE_LOCKED') || tries === lockedTries) throw error
      await pause()
    }
  }
}

async function start(settings: Settings, warn: (message: string) => void): Promise<ChildGate> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, main, 'gate', '--json'], {
    env: environmentOf(settings),
    // By the last it learns when this process is gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const said: string[] = []
  let isReady = false
  const errors = child.stderr
  if (errors) {
    createInterface({ input: errors }).on('line', (line) => {
      if (isReady) warn(`the provider's gate: ${line}`)
      else said.push(line)
    })
  }
  const ended = endOf(child)
  const ready = await Promise.race([
    readReady(child),
    ended.then((how) => {
      throw failureOf(said, `the provider's gate ${how}: ${said.join(' ')}`)
    }),
  ])
  isReady = true
  const { port, evidence } = ready
  return {
    url: `http://${hostOf(settings.host)}:${port}`,
    evidence,
    ended,
    async [Symbol.asyncDispose]() {
      const late = setTimeout(() => child.kill('SIGKILL'), endMs)
      child.kill('SIGTERM')
      await ended
      clearTimeout(late)
    },
  }
}

/** A command that fails says the code of the error first; codes are stable, and the words after them are not. */
function failureOf(said: readonly string[], message: string): Error {
  const isLocked = said.some((line) => line.startsWith('servanda: STORE_LOCKED: '))
  return isLocked ? new StoreError('STORE_LOCKED', message) : new ServeError('SERVE_FAILED', message)
}

function environmentOf({ data, keys, guard, port, host, workers }: Settings): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SERVANDA_'))
  return {
    ...Object.fromEntries(inherited),
    SERVANDA_DATA: data,
    SERVANDA_KEYS: keys,
    SERVANDA_GUARD: guard,
    SERVANDA_PORT: String(port),
    SERVANDA_HOST: host,
    SERVANDA_WORKERS: String(workers),
  }
}

function readReady(child: ChildProcess): Promise<ChildReady> {
  return new Promise((resolve) => {
    if (child.stdout) {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ChildReady))
    }
  })
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    // Not `exit`: what it said last is to be read before.
    child.once('close', (code, signal) => resolve(`ended with ${signal ?? `code ${String(code)}`}`))
  })
}

/** An interface that listens for all is asked at this machine. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
