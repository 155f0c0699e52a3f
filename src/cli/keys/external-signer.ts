/** A key that never leaves its token: a program signs, and what it answers is verified before anyone uses it. */
import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import {
  mistakeAt,
  parseBase64,
  parsePlace,
  publicKeyFault,
  publicKeyFromRaw,
  requireItems,
  requireMembers,
  verifyEd25519,
} from '../../base/index.ts'
import type { JsonPlace, Signer } from '../../base/index.ts'
import { readOpened } from '../bounded-file.ts'
import { CliError } from '../cli-error.ts'
import { ownBytesMax } from './own-file.ts'

/** Time for a person to find the token, type its PIN and touch it. */
const signMs = 120_000
const argumentsMax = 64
/** The base64 of 64 bytes has 88 characters; the rest is for line ends. */
const answerBytesMax = 128

/**
 * The signer that a file names: `{"publicKey": "<base64>", "command": ["program", "argument", …]}`. The program gets
 * the bytes to sign on its standard input and answers the 64 bytes of the Ed25519 signature in base64; no shell reads
 * the command. Throws `CLI_FILE`. Signing fails with `CLI_SIGNER` where the program fails, is silent for too long, or
 * answers anything but a signature of this key over these bytes.
 */
export function readExternalSigner(path: string, { timeoutMs = signMs } = {}): Signer {
  const place = parsePlace(readNamedFile(path), (at, message, options) => {
    return new CliError('CLI_FILE', `\`${path}\`: ${at === '' ? message : `${at}: ${message}`}`, options)
  })
  const member = requireMembers(place, ['publicKey', 'command'])
  const publicKey = requirePublicKey(member('publicKey'))
  const command = requireCommand(member('command'))
  const key = publicKeyFromRaw(publicKey)
  return {
    publicKey,
    async sign(bytes) {
      // untrusted: the program may be broken, or another one than was meant.
      const answer = await answerOf(command, bytes, timeoutMs)
      const signature = parseBase64(answer.trim())
      if (signature !== null && verifyEd25519(key, bytes, signature)) return signature
      const message = `\`${command[0]}\` did not answer a signature of the key that \`${path}\` names`
      throw new CliError('CLI_SIGNER', message)
    },
  }
}

/** Whoever could write the file would choose the program. */
function readNamedFile(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    if (process.platform === 'win32' || (fstatSync(file).mode & 0o022) === 0)
      return readOpened(file, { path, bytesMax: ownBytesMax })
    throw new CliError('CLI_FILE', `\`${path}\` can be changed by others: run \`chmod go-w\` on it`)
  } finally {
    closeSync(file)
  }
}

function requirePublicKey(place: JsonPlace): Uint8Array {
  const raw = typeof place.value === 'string' ? parseBase64(place.value) : null
  if (raw !== null && publicKeyFault(raw) === null) return raw
  throw mistakeAt(place, 'the base64 of an Ed25519 public key is needed')
}

type ProgramAndArguments = readonly [string, ...string[]]

function requireCommand(place: JsonPlace): ProgramAndArguments {
  const words = requireItems(place, argumentsMax).map((item) => {
    if (typeof item.value === 'string' && !item.value.includes('\0')) return item.value
    throw mistakeAt(item, 'a text is needed')
  })
  const [program, ...rest] = words
  // A path that hangs on where one stands would run whatever lies there.
  if (program !== undefined && program !== '' && (isAbsolute(program) || !/[/\\]/.test(program)))
    return [program, ...rest]
  throw mistakeAt(place, 'the name or the absolute path of a program is needed, then its arguments')
}

/** The program may ask for a PIN on the terminal and write to standard error; its answer is bounded. */
function answerOf(
  [program, ...rest]: ProgramAndArguments,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true })
    const { stdin, stdout } = child
    let answer = ''
    const end = (fault: string | null, cause?: unknown): void => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      // What the program may have started holds its pipes open; it is not waited for.
      for (const stream of [stdin, stdout]) stream.destroy()
      child.unref()
      if (fault === null) resolve(answer)
      else reject(new CliError('CLI_SIGNER', `\`${program}\` ${fault}`, { cause }))
    }
    const timer = setTimeout(() => end(`did not answer within ${timeoutMs / 1000} s`), timeoutMs)
    child.on('error', (cause) => end('cannot be run', cause))
    child.on('close', (code, signal) => {
      end(code === 0 ? null : `ended with ${signal ?? `exit code ${code}`}`)
    })
    stdout.setEncoding('latin1').on('data', (text: string) => {
      answer += text
      if (answer.length > answerBytesMax) end('answered more than a signature')
    })
    // A program that does not read its input fails by what it answers.
    stdin.on('error', () => undefined)
    stdin.end(bytes)
  })
}
