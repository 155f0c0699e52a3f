import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createKeys, readLogSigner, readRecordKey, readUpstreamCredentials } from './key-files.ts'
import { placesOf } from './places.ts'

const readers = {
  logKey: readLogSigner,
  recordKey: readRecordKey,
  upstreamCredentials: readUpstreamCredentials,
} as const

test('a private key that others may read or write is refused, with the command that mends it', (t) => {
  const keys = mkdtempSync(join(tmpdir(), 'servanda-keys-'))
  t.after(() => rmSync(keys, { recursive: true }))
  const places = placesOf({ data: '/nowhere', guard: '/nowhere', keys })
  createKeys(places, 'agency')
  writeFileSync(places.upstreamCredentials, '{"general":"secret"}', { mode: 0o600 })
  for (const name of ['logKey', 'recordKey', 'upstreamCredentials'] as const) {
    const read = (): unknown => readers[name](places)
    read()
    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o601]) {
      chmodSync(places[name], mode)
      assert.throws(read, { code: 'KEY_FILE_UNREADABLE', message: /is open to others: run `chmod 600 '/ })
    }
    chmodSync(places[name], 0o400)
    read()
  }
})
