import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeDurably } from './durable-file.ts'

test('writeDurably replaces a file whole, over what a crash left, and writes through no link', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-durable-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const [path, other] = [join(directory, 'file'), join(directory, 'other')]
  writeFileSync(other, 'other')
  symlinkSync(other, path)
  writeFileSync(`${path}.tmp`, 'half of what was to be writ')
  writeDurably(path, 'whole', 0o600)
  assert.equal(readFileSync(path, 'utf8'), 'whole')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  writeDurably(path, 'again')
  assert.equal(readFileSync(path, 'utf8'), 'again')
  assert.equal(readFileSync(other, 'utf8'), 'other')
  assert.deepEqual(readdirSync(directory).sort(), ['file', 'other'])
})

test('writeDurably leaves the old file where the new one cannot be written', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-durable-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'file')
  writeDurably(path, 'old')
  assert.throws(() => writeDurably(join(path, 'inside'), 'new'), { code: 'ENOTDIR' })
  assert.equal(readFileSync(path, 'utf8'), 'old')
})
