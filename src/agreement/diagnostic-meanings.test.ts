import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { diagnosticMeanings } from './diagnostic-meanings.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')

test('docs/errors.md says of every diagnostic what tools are told of it', () => {
  const rows = page.split('\n').filter((line) => /^\| `(?:AGREEMENT|LINT)_/.test(line))
  const said = Object.entries(diagnosticMeanings).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | agreement | ${meaning} | ${remedy} |`,
  )
  // Of these codes one is that of an exception.
  const diagnostics = rows.filter((row) => !row.startsWith('| `AGREEMENT_UNSIGNABLE`'))
  assert.deepEqual(diagnostics.toSorted(), said.toSorted())
})
