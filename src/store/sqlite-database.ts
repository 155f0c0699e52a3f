/** Node's own SQLite under Kysely: the small adapter between the two, and what our settings promise. */
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** Statements kept prepared; group commits of many sizes make many texts. */
const statementsMax = 200

/**
 * Opens a database whose commits are durable on return: write-ahead log with a sync at every commit
 * (`synchronous=FULL`). A second writer waits for `busyTimeoutMs` before it fails.
 */
export function openSqlite<Tables>(
  path: string,
  { readOnly = false, busyTimeoutMs = 2000 } = {},
): { readonly db: Kysely<Tables>; readonly raw: DatabaseSync } {
  const raw = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs })
  if (!readOnly) raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  return { raw, db: new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(raw) }) }) }
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
