/** One gateway per data directory: a lock that the operating system drops when its holder dies. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../base/index.ts'
import { StoreError } from '../recorder/index.ts'
import { sqliteCode } from './sqlite-database.ts'

export interface DirectoryLock extends Disposable {
  readonly directory: string
}

/** Takes the lock. Throws `STORE_LOCKED` when another process holds it, `STORE_UNAVAILABLE` when it cannot be had. */
export function lockDirectory(directory: string): DirectoryLock {
  const database = open(join(directory, 'lock'))
  try {
    // SQLite's exclusive transaction holds a lock on the file until the process ends, however it ends.
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (sqliteCode(cause) === 5 /* BUSY */) {
      throw new StoreError('STORE_LOCKED', `another process works on ${directory}`, { cause })
    }
    throw new StoreError('STORE_UNAVAILABLE', `cannot lock ${directory}: ${messageOf(cause)}`, { cause })
  }
  return { directory, [Symbol.dispose]: () => database.close() }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 })
  } catch (cause) {
    throw new StoreError('STORE_UNAVAILABLE', `cannot open ${path}: ${messageOf(cause)}`, { cause })
  }
}
