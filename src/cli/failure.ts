/** How every command ends when it cannot do what it was asked: one clear sentence, and exit code 2. */
import { ServandaError, isErrorCode } from '../base/index.ts'
import { CliError } from './cli-error.ts'
import type { CliIo } from './io.ts'

/** The usage follows where the arguments were wrong; what nobody foresaw is told with its stack. */
export function failure(error: unknown, io: CliIo, usage = ''): number {
  const told = fileError(error) ?? error
  if (told instanceof ServandaError) io.err(`servanda: ${told.code}: ${told.message}\n`)
  else io.err(`servanda: ${told instanceof Error ? (told.stack ?? told.message) : String(told)}\n`)
  if (isErrorCode(told, 'CLI_USAGE')) io.err(`\n${usage}`)
  return 2
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'it is not a directory',
  EISDIR: 'it is a directory, not a file',
  EACCES: 'this user may not open it',
  EPERM: 'this user may not open it',
}

/** What the operating system said of a file, as a sentence; null for everything else. */
function fileError(error: unknown): CliError | null {
  if (!(error instanceof Error) || !('path' in error) || !('code' in error)) return null
  const reason = reasons[String(error.code)] ?? error.message
  return new CliError('CLI_FILE', `\`${String(error.path)}\`: ${reason}`, { cause: error })
}
