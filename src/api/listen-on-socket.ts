/** A unix socket that only its owner opens. */
import { chmodSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { ControlError } from './control-error.ts'

/** What the operating system takes as the address of a socket, in bytes. */
const pathBytesMax = 103

/**
 * INVARIANT: the caller holds the lock on the directory, so a socket that stands there is what a crash left.
 * Throws `CONTROL_FAILED` where the path is longer than a socket's may be.
 */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  rmSync(path, { force: true })
  await app.listen({ path: socketAddress(path) })
  chmodSync(path, 0o600)
}

/** The shorter of the two ways to name it: a socket's address has room for about a hundred bytes. */
export function socketAddress(path: string): string {
  const fromHere = relative('', path)
  const address = Buffer.byteLength(fromHere) < Buffer.byteLength(path) ? fromHere : path
  if (Buffer.byteLength(address) <= pathBytesMax) return address
  const message = `\`${path}\` is too long for a socket: choose a data directory with a path of at most 90 characters`
  throw new ControlError('CONTROL_FAILED', message)
}
