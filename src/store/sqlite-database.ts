/** Node's own SQLite under Kysely: the small adapter between the two, and what our settings promise. */
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { StoreError } from '../recorder/index.ts'

/** Statements kept prepared. */
const statementsMax = 200

export interface OpenSqliteOptions {
  readonly readOnly?: boolean
  /** How long another writer is waited for; the whole thread waits. */
  readonly busyTimeoutMs?: number
  /** Pages of 4,096 bytes that the file may have; one more is refused like a full disk. */
  readonly pagesMax?: number
}

/**
 * Opens a database whose commits are durable on return: write-ahead log with a sync at every commit
 * (`synchronous=FULL`, and on macOS `fullfsync`). Throws `STORE_UNAVAILABLE` where the file system allows no
 * write-ahead log, for in SQLite's other mode a power cut may bring a finished transaction's journal back.
 */
export function openSqlite<Tables>(
  path: string,
  { readOnly = false, busyTimeoutMs = 500, pagesMax }: OpenSqliteOptions = {},
): { readonly db: Kysely<Tables>; readonly raw: DatabaseSync } {
  const raw = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs })
  try {
    if (!readOnly) requireDurable(raw)
    if (pagesMax !== undefined) raw.exec(`PRAGMA max_page_count = ${pagesMax}`)
  } catch (error) {
    raw.close()
    throw error
  }
  return { raw, db: new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(raw) }) }) }
}

function requireDurable(raw: DatabaseSync): void {
  const mode = raw.prepare('PRAGMA journal_mode = WAL').get()
  if (mode?.['journal_mode'] !== 'wal') {
    throw new StoreError('STORE_UNAVAILABLE', 'the file system allows no write-ahead log')
  }
  raw.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON')
}

function adapt(raw: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>()
  return {
    close: () => raw.close(),
    prepare(sql) {
      const known = prepared.get(sql)
      if (known) return known
      if (prepared.size >= statementsMax) prepared.clear()
      const statement = adaptStatement(raw.prepare(sql))
      prepared.set(sql, statement)
      return statement
    },
  }
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const bind = (values: readonly unknown[]): SQLInputValue[] => values as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...bind(values)),
    run: (values) => statement.run(...bind(values)),
    iterate: (values) => statement.iterate(...bind(values)) as IterableIterator<unknown>,
  }
}

/** `node:sqlite` puts the extended result code into `errcode`; its low byte is the primary one. */
export function sqliteCode(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null
}
