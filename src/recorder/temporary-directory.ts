/** A directory that is gone after its test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'servanda-'))
  // A recorder that a test has broken may still end the write that it was at.
  const options = { recursive: true, force: true, maxRetries: 5 }
  return { path, [Symbol.asyncDispose]: () => rm(path, options) }
}
