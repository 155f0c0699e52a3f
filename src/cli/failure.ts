/** How every command ends when it cannot do what it was asked: one clear line, and exit code 2. */
import { ServandaError, messageOf } from '../base/index.ts'
import type { CliIo } from './io.ts'

export function failure(error: unknown, io: CliIo, usage: string): number {
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    io.err(`${error.message}\n${usage}`)
    return 2
  }
  const code = error instanceof ServandaError ? `${error.code}: ` : ''
  io.err(`servanda: ${code}${messageOf(error)}\n`)
  return 2
}
