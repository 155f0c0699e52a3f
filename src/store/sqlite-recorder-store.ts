/** A recorder's rows in one SQLite file. */
import type { Insertable, Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import type { Json } from '../base/index.ts'
import { messageOf } from '../base/index.ts'
import { StoreError } from '../recorder/index.ts'
import type { Batch, RecorderState, RecorderStore } from '../recorder/index.ts'
import { openSqlite } from './sqlite-database.ts'

interface Tables {
  entries: { seq: number; time: number; leaf: Uint8Array }
  records: { seq: number; sealed: Uint8Array }
  intents: { exchange: string; seq: number; agreement: string; reserved_micros: number }
  spent: { agreement: string; micros: number }
  holds: { id: string; exchange: string; expires_at: number; state: 'opened' | 'expired' }
  activations: { seq: number; agreement: string; version: number; text: string; envelope: string }
}

const leavesMax = 4096

/** Opens or creates the file. Throws `STORE_UNAVAILABLE` where that is not possible. */
export async function openSqliteRecorderStore(
  path: string,
  { readOnly = false } = {},
): Promise<RecorderStore> {
  try {
    const { db } = openSqlite<Tables>(path, { readOnly })
    if (!readOnly) await createTables(db)
    return new SqliteRecorderStore(db)
  } catch (cause) {
    throw storeError(cause)
  }
}

class SqliteRecorderStore implements RecorderStore {
  readonly #db: Kysely<Tables>

  constructor(db: Kysely<Tables>) {
    this.#db = db
  }

  async commit(batch: Batch): Promise<void> {
    try {
      await this.#db.transaction().execute((trx) => writeBatch(trx, batch))
    } catch (cause) {
      throw storeError(cause)
    }
  }

  async load(): Promise<RecorderState> {
    try {
      return await loadState(this.#db)
    } catch (cause) {
      throw storeError(cause)
    }
  }

  async readLeaves(from: number, to: number): Promise<readonly Uint8Array[]> {
    try {
      const rows = await this.#db
        .selectFrom('entries')
        .select('leaf')
        .where('seq', '>=', from)
        .where('seq', '<', Math.min(to, from + leavesMax))
        .orderBy('seq')
        .execute()
      return rows.map((row) => row.leaf)
    } catch (cause) {
      throw storeError(cause)
    }
  }

  async readSealed(seq: number): Promise<Uint8Array | null> {
    try {
      const row = await this.#db
        .selectFrom('records')
        .select('sealed')
        .where('seq', '=', seq)
        .executeTakeFirst()
      return row?.sealed ?? null
    } catch (cause) {
      throw storeError(cause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy()
  }
}

async function createTables(db: Kysely<Tables>): Promise<void> {
  const create = (name: keyof Tables) => db.schema.createTable(name).ifNotExists()
  await create('entries')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('leaf', sql`blob`, (column) => column.notNull())
    .execute()
  await create('records')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('sealed', sql`blob`, (column) => column.notNull())
    .execute()
  await create('intents')
    .addColumn('exchange', 'text', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('agreement', 'text', (column) => column.notNull())
    .addColumn('reserved_micros', 'bigint', (column) => column.notNull())
    .execute()
  await create('spent')
    .addColumn('agreement', 'text', (column) => column.primaryKey())
    .addColumn('micros', 'bigint', (column) => column.notNull())
    .execute()
  await create('holds')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute()
  await create('activations')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('agreement', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('envelope', 'text', (column) => column.notNull())
    .execute()
}

async function writeBatch(trx: Transaction<Tables>, batch: Batch): Promise<void> {
  const sealed = batch.entries.flatMap((entry) =>
    entry.sealed ? [{ seq: entry.seq, sealed: entry.sealed }] : [],
  )
  await insertAll(
    trx,
    'entries',
    batch.entries.map(({ seq, time, leaf }) => ({ seq, time, leaf })),
  )
  await insertAll(trx, 'records', sealed)
  await insertAll(
    trx,
    'intents',
    batch.intentsOpened.map(({ exchange, seq, agreement, reservedMicros }) => ({
      exchange,
      seq,
      agreement,
      reserved_micros: reservedMicros,
    })),
  )
  if (batch.intentsClosed.length > 0) {
    await trx.deleteFrom('intents').where('exchange', 'in', batch.intentsClosed).execute()
  }
  for (const { agreement, micros } of batch.spent) {
    await trx
      .insertInto('spent')
      .values({ agreement, micros })
      .onConflict((conflict) =>
        conflict.column('agreement').doUpdateSet((eb) => ({ micros: eb('spent.micros', '+', micros) })),
      )
      .execute()
  }
  await insertAll(
    trx,
    'holds',
    batch.holdsOpened.map(({ id, exchange, expiresAt }) => ({
      id,
      exchange,
      expires_at: expiresAt,
      state: 'opened' as const,
    })),
  )
  if (batch.holdsExpired.length > 0) {
    await trx.updateTable('holds').set({ state: 'expired' }).where('id', 'in', batch.holdsExpired).execute()
  }
  await insertAll(
    trx,
    'activations',
    batch.activations.map((row) => ({ ...row, envelope: JSON.stringify(row.envelope) })),
  )
}

async function insertAll<Name extends keyof Tables>(
  trx: Transaction<Tables>,
  table: Name,
  rows: readonly Insertable<Tables[Name]>[],
): Promise<void> {
  if (rows.length > 0) await trx.insertInto(table).values(rows).execute()
}

async function loadState(db: Kysely<Tables>): Promise<RecorderState> {
  const last = await db
    .selectFrom('entries')
    .select(['seq', 'time'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const intents = await db.selectFrom('intents').selectAll().orderBy('seq').execute()
  const holds = await db.selectFrom('holds').selectAll().where('state', '=', 'opened').execute()
  const spent = await db.selectFrom('spent').selectAll().execute()
  const activations = await db.selectFrom('activations').selectAll().orderBy('seq').execute()
  return {
    size: last ? last.seq + 1 : 0,
    lastTime: last?.time ?? 0,
    intents: intents.map(({ reserved_micros, ...row }) => ({ ...row, reservedMicros: reserved_micros })),
    holds: holds.map(({ id, exchange, expires_at }) => ({ id, exchange, expiresAt: expires_at })),
    spent: new Map(spent.map((row) => [row.agreement, row.micros])),
    activations: activations.map((row) => ({ ...row, envelope: JSON.parse(row.envelope) as Json })),
  }
}

/** SQLite's primary result codes after which nothing was written and the file is whole. */
const wholeAfter = new Set([5 /* BUSY */, 6 /* LOCKED */, 8 /* READONLY */, 13 /* FULL */, 14 /* CANTOPEN */])
const constraint = 19

function storeError(cause: unknown): StoreError {
  const code = sqliteCode(cause)
  const message = messageOf(cause)
  if (code === constraint) return new StoreError('STORE_CONFLICT', message, { cause })
  if (code !== null && wholeAfter.has(code)) return new StoreError('STORE_UNAVAILABLE', message, { cause })
  return new StoreError('STORE_BROKEN', message, { cause })
}

/** `node:sqlite` puts the extended result code into `errcode`; its low byte is the primary one. */
function sqliteCode(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null
}
