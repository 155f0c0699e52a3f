/** Which file is meant by a path. */
import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findAgreementFile } from './agreement-file.ts'

const home = mkdtempSync(join(tmpdir(), 'servanda-file-'))
after(() => rmSync(home, { recursive: true }))
for (const name of ['v1.md', 'v2.md', 'v10.md', 'v10.md.signatures.json', 'README.md', 'vx.md']) {
  writeFileSync(join(home, name), '')
}
mkdirSync(join(home, 'empty'))

const paths: readonly [given: string, meant: string][] = [
  ['v1.md', 'v1.md'],
  ['v2', 'v2.md'],
  ['.', 'v10.md'],
  ['', 'v10.md'],
  ['README', 'README.md'],
  ['empty', 'empty'],
  ['v3', 'v3'],
]

for (const [given, meant] of paths) {
  test(`findAgreementFile takes \`${given}\` for \`${meant}\``, () => {
    assert.equal(findAgreementFile(join(home, given)), join(home, meant))
  })
}
