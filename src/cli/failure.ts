/** How every command ends that cannot do what it was asked: one clear sentence, and exit code 2; 1 if a gate refused. */
import { ServandaError, isErrorCode, messageOf } from '../base/index.ts'
import { CliError, ControlRefusal } from './cli-error.ts'
import type { CliIo } from './io.ts'
import { printableBlock } from './printable.ts'

/**
 * The usage follows where the arguments were wrong. With `json` a refusal is one object too, with the gate's own code;
 * where a command did nothing at all, standard output stays empty.
 */
export function failure(error: unknown, io: CliIo, { usage = '', json = false } = {}): 1 | 2 {
  const told = fileError(error) ?? error
  io.err(`servanda: ${textOf(told)}\n`)
  if (isErrorCode(told, 'CLI_USAGE')) io.err(`\n${usage}`)
  if (!(told instanceof ControlRefusal)) return 2
  const { refusal: code, message } = told
  if (json) io.out(`${JSON.stringify({ ok: false, error: { code, message } }, null, 2)}\n`)
  return 1
}

/** What nobody foresaw is told with its stack; what the operating system says, such as of a port, is foreseen. */
function textOf(error: unknown): string {
  // untrusted: who answers at a socket may be no gate.
  if (error instanceof ControlRefusal) {
    return printableBlock(`${error.code}: ${error.refusal}: ${error.message}`)
  }
  if (error instanceof ServandaError) return `${error.code}: ${error.message}`
  if (!(error instanceof Error) || 'syscall' in error) return messageOf(error)
  return error.stack ?? error.message
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EEXIST: 'it is there already and was left as it is',
  ENOTDIR: 'it is not a directory',
  EISDIR: 'it is a directory, not a file',
  EACCES: 'this user may not open it',
  EPERM: 'this user may not open it',
}

/** What the operating system said of a file, as a sentence; null for everything else. */
function fileError(error: unknown): CliError | null {
  if (!(error instanceof Error) || !('path' in error) || !('code' in error)) return null
  const reason = reasons[String(error.code)] ?? error.message
  return new CliError('CLI_FILE', `\`${String(error.path)}\`: ${reason} (${String(error.code)})`, {
    cause: error,
  })
}
