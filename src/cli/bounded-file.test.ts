import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isErrorCode } from '../base/index.ts'
import { readBounded } from './bounded-file.ts'

test('readBounded gives a file whole, up to its bound, and refuses what is longer or a directory', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'servanda-bounded-'))
  t.after(() => rmSync(home, { recursive: true }))
  const path = join(home, 'file')
  for (const length of [0, 1, 65_535, 65_536, 200_000]) {
    const bytes = Buffer.alloc(length, 'x')
    writeFileSync(path, bytes)
    assert.deepEqual(readBounded(path, Math.max(length, 1)), bytes)
    if (length > 1) {
      assert.throws(
        () => readBounded(path, length - 1),
        (error) => isErrorCode(error, 'CLI_FILE'),
      )
    }
  }
  assert.throws(
    () => readBounded(join(home, 'absent')),
    (error) => isErrorCode(error, 'ENOENT'),
  )
  assert.throws(() => readBounded(home), {
    code: 'CLI_FILE',
    message: `\`${home}\` is a directory, not a file`,
  })
})

test(
  'readBounded refuses a device without end',
  { skip: !existsSync('/dev/zero') && 'LEFT OUT: no /dev/zero' },
  () => {
    assert.throws(
      () => readBounded('/dev/zero'),
      (error) => isErrorCode(error, 'CLI_FILE'),
    )
  },
)
