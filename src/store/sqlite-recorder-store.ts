/** A recorder's rows in one SQLite file. */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { DatabaseSync } from 'node:sqlite'
import type { Json } from '../base/index.ts'
import { messageOf } from '../base/index.ts'
import { StoreError, leavesMax } from '../recorder/index.ts'
import type { Batch, HoldRow, RecorderState, RecorderStore, SpentRow } from '../recorder/index.ts'
import { prepareBatchWriter } from './sqlite-batch-writer.ts'
import type { WriteBatch } from './sqlite-batch-writer.ts'
import { openSqlite, sqliteCode } from './sqlite-database.ts'
import type { OpenSqliteOptions } from './sqlite-database.ts'

interface Tables {
  entries: { seq: number; time: number; leaf: Uint8Array }
  records: { seq: number; sealed: Uint8Array }
  /** Those without an outcome. */
  intents: { exchange: string; seq: number; agreement: string; reserved_micros: number }
  /** What each outcome cost, by its entry: rows are added and never changed. */
  settled: { seq: number; agreement: string; micros: number }
  /** Those that are open; `rules` and `asks` are JSON. */
  holds: HoldTable
  activations: { seq: number; agreement: string; version: number; text: string; envelope: string }
}

interface HoldTable {
  id: string
  exchange: string
  seq: number
  agreement: number
  stage: HoldRow['stage']
  rules: string
  commitments: string
  expires_at: number
  caller: string
  call: string
  subject: string
  asks: string
}

/** Written into the file: raised with any change of the tables. */
const schemaVersion = 2

/**
 * Opens or creates the file. Throws `STORE_UNAVAILABLE` where that is not possible, and `STORE_BROKEN` where it is
 * no database or a damaged one. A file of another schema version is `STORE_UNAVAILABLE` too.
 */
export async function openSqliteRecorderStore(
  path: string,
  options: OpenSqliteOptions = {},
): Promise<RecorderStore> {
  let db: Kysely<Tables> | null = null
  try {
    const opened = openSqlite<Tables>(path, options)
    db = opened.db
    requireSchema(opened.raw, options)
    if (options.readOnly) return new SqliteRecorderStore(db, refuseToWrite)
    // Before the tables: a crash between the two leaves a file that the next start completes.
    opened.raw.exec(`PRAGMA user_version = ${schemaVersion}`)
    await createTables(db)
    return new SqliteRecorderStore(db, prepareBatchWriter(opened.raw))
  } catch (cause) {
    await db?.destroy()
    throw storeError(cause)
  }
}

/** A new file has no tables, and no version either. */
function requireSchema(raw: DatabaseSync, { readOnly = false }: OpenSqliteOptions): void {
  const version = raw.prepare('PRAGMA user_version').get()?.['user_version']
  const isNew = raw.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
  if (version === schemaVersion || (isNew && !readOnly)) return
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `the database has the schema version ${String(version)}, this program reads version ${schemaVersion}: ` +
      'use the program that made it, or begin with new directories',
  )
}

function refuseToWrite(): never {
  throw new StoreError('STORE_UNAVAILABLE', 'the store was opened for reading only')
}

class SqliteRecorderStore implements RecorderStore {
  readonly #db: Kysely<Tables>
  readonly #write: WriteBatch

  constructor(db: Kysely<Tables>, write: WriteBatch) {
    this.#db = db
    this.#write = write
  }

  commit(batch: Batch): Promise<void> {
    return storing(() => {
      this.#write(batch)
      return Promise.resolve()
    })
  }

  load(): Promise<RecorderState> {
    return storing(() => loadState(this.#db))
  }

  readLeaves(from: number, to: number): Promise<readonly Uint8Array[]> {
    return storing(async () => {
      const rows = await this.#db
        .selectFrom('entries')
        .select('leaf')
        .where('seq', '>=', from)
        .where('seq', '<', Math.min(to, from + leavesMax))
        .orderBy('seq')
        .execute()
      return rows.map((row) => row.leaf)
    })
  }

  readSpent(from: number, to: number): Promise<readonly SpentRow[]> {
    return storing(async () => {
      const rows = await this.#db
        .selectFrom('settled')
        .selectAll()
        .where('seq', '>=', from)
        .where('seq', '<', Math.min(to, from + leavesMax))
        .orderBy('seq')
        .execute()
      return rows.map((row) => ({ ...row }))
    })
  }

  readSealed(seq: number): Promise<Uint8Array | null> {
    return storing(async () => {
      const query = this.#db.selectFrom('records').select('sealed').where('seq', '=', seq)
      return (await query.executeTakeFirst())?.sealed ?? null
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy()
  }
}

async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw storeError(cause)
  }
}

/** `integer primary key` is SQLite's own row id, so that the index is the place; its integers have 64 bits. */
async function createTables(db: Kysely<Tables>): Promise<void> {
  const create = (name: keyof Tables) => db.schema.createTable(name).ifNotExists()
  await create('entries')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('leaf', sql`blob`, (column) => column.notNull())
    .execute()
  await create('records')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('sealed', sql`blob`, (column) => column.notNull())
    .execute()
  await create('intents')
    .addColumn('exchange', 'text', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('agreement', 'text', (column) => column.notNull())
    .addColumn('reserved_micros', 'bigint', (column) => column.notNull())
    .execute()
  await create('settled')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('agreement', 'text', (column) => column.notNull())
    .addColumn('micros', 'bigint', (column) => column.notNull())
    .execute()
  await create('holds')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('agreement', 'bigint', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('commitments', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('call', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('asks', 'text', (column) => column.notNull())
    .execute()
  await create('activations')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('agreement', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('envelope', 'text', (column) => column.notNull())
    .execute()
}

async function loadState(db: Kysely<Tables>): Promise<RecorderState> {
  const last = await db
    .selectFrom('entries')
    .select(['seq', 'time'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const intents = await db.selectFrom('intents').selectAll().orderBy('seq').execute()
  const holds = await db.selectFrom('holds').selectAll().orderBy('expires_at').execute()
  const spent = await db
    .selectFrom('settled')
    .select((row) => ['agreement', row.fn.sum<number>('micros').as('micros')])
    .groupBy('agreement')
    .execute()
  const activations = await db.selectFrom('activations').selectAll().orderBy('seq').execute()
  return {
    size: last ? last.seq + 1 : 0,
    lastTime: last?.time ?? 0,
    intents: intents.map(({ reserved_micros, ...row }) => ({ ...row, reservedMicros: reserved_micros })),
    holds: holds.map(({ expires_at, rules, asks, ...row }) => ({
      ...row,
      expiresAt: expires_at,
      rules: JSON.parse(rules) as string[],
      asks: JSON.parse(asks) as string[],
    })),
    spent: new Map(spent.map((row) => [row.agreement, row.micros])),
    activations: activations.map((row) => ({ ...row, envelope: JSON.parse(row.envelope) as Json })),
  }
}

/**
 * SQLite's primary result codes after which nothing was written and the file is whole. An I/O error (10) is none of
 * them: after a failed sync nobody knows what is on disk, and a write beyond a quota looks the same.
 */
const wholeAfter = new Set([5 /* BUSY */, 6 /* LOCKED */, 8 /* READONLY */, 13 /* FULL */, 14 /* CANTOPEN */])
const constraint = 19

function storeError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const code = sqliteCode(cause)
  const message = messageOf(cause)
  if (code === constraint) return new StoreError('STORE_CONFLICT', message, { cause })
  if (code !== null && wholeAfter.has(code)) return new StoreError('STORE_UNAVAILABLE', message, { cause })
  return new StoreError('STORE_BROKEN', message, { cause })
}
