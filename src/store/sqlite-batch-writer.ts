/** Writes batches by statements that are prepared once: the path that every entry takes. */
import type { DatabaseSync } from 'node:sqlite'
import type { Batch } from '../recorder/index.ts'

/** Writes one batch in one transaction: all of it is durable on return, or nothing was written and it throws. */
export type WriteBatch = (batch: Batch) => void

/** The tables are there already. */
export function prepareBatchWriter(raw: DatabaseSync): WriteBatch {
  const writeRows = prepareRows(raw)
  return function writeBatch(batch) {
    // At once as the writer: a transaction that begins by reading may find later that it must not write.
    raw.exec('BEGIN IMMEDIATE')
    try {
      writeRows(batch)
      raw.exec('COMMIT')
    } catch (error) {
      // After some failures, such as a full disk, SQLite has rolled back already.
      if (raw.isTransaction) raw.exec('ROLLBACK')
      throw error
    }
  }
}

function prepareRows(raw: DatabaseSync): WriteBatch {
  const entry = raw.prepare('INSERT INTO entries (seq, time, leaf) VALUES (?, ?, ?)')
  const record = raw.prepare('INSERT INTO records (seq, sealed) VALUES (?, ?)')
  const intent = raw.prepare(
    'INSERT INTO intents (exchange, seq, agreement, reserved_micros) VALUES (?, ?, ?, ?)',
  )
  const intentClosed = raw.prepare('DELETE FROM intents WHERE exchange = ?')
  const settled = raw.prepare('INSERT INTO settled (seq, agreement, micros) VALUES (?, ?, ?)')
  const hold = raw.prepare(
    'INSERT INTO holds (id, exchange, seq, agreement, stage, rules, commitments, expires_at, caller, call, subject, asks) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const holdClosed = raw.prepare('DELETE FROM holds WHERE id = ?')
  const activation = raw.prepare(
    'INSERT INTO activations (seq, agreement, version, text, envelope) VALUES (?, ?, ?, ?, ?)',
  )
  return function writeRows(batch) {
    for (const { seq, time, leaf, sealed } of batch.entries) {
      entry.run(seq, time, leaf)
      if (sealed) record.run(seq, sealed)
    }
    for (const row of batch.intentsOpened)
      intent.run(row.exchange, row.seq, row.agreement, row.reservedMicros)
    for (const exchange of batch.intentsClosed) intentClosed.run(exchange)
    for (const { seq, agreement, micros } of batch.spent) settled.run(seq, agreement, micros)
    for (const row of batch.holdsOpened) {
      const { id, exchange, seq, agreement, stage, rules, commitments } = row
      const { expiresAt, caller, call, subject, asks } = row
      const [ruleList, askList] = [JSON.stringify(rules), JSON.stringify(asks)]
      const left = [id, exchange, seq, agreement, stage, ruleList, commitments]
      hold.run(...left, expiresAt, caller, call, subject, askList)
    }
    for (const id of batch.holdsClosed) holdClosed.run(id)
    for (const { seq, agreement, version, text, envelope } of batch.activations) {
      activation.run(seq, agreement, version, text, JSON.stringify(envelope))
    }
  }
}
