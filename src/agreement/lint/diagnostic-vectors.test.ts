/** The language-neutral vectors in vectors/diagnostics: each text gives exactly the diagnostics beside it. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { diagnosticMeanings } from '../diagnostic-meanings.ts'
import { checkAgreement } from './check-agreement.ts'

const directory = join(import.meta.dirname, '../../../vectors/diagnostics')
const names = readdirSync(directory)
  .filter((file) => /^\d\d-.*\.md$/.test(file))
  .map((file) => file.slice(0, -'.md'.length))
  .sort()

interface Expected {
  /** Whether the text compiles, so that it can be explained and compared. */
  readonly compiles: boolean
  /** Whether it may be signed and come into force. */
  readonly signable: boolean
  readonly diagnostics: readonly { readonly code: string }[]
}

function found(name: string): Expected {
  const checked = checkAgreement(readFileSync(join(directory, `${name}.md`), 'utf8'))
  const { agreement, isSignable, diagnostics } = checked
  return { compiles: agreement !== null, signable: isSignable, diagnostics }
}

function expected(name: string): Expected {
  return JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as Expected
}

if (process.env['UPDATE_VECTORS'] === '1') {
  for (const name of names) {
    writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(found(name), null, 2)}\n`)
  }
}

for (const name of names) {
  test(`vectors/diagnostics: ${name}`, () => {
    assert.deepEqual(found(name), expected(name))
  })
}

test('thirty broken agreements and more stand in vectors/diagnostics, each with something to say', () => {
  const [good, ...broken] = names
  assert.equal(good, '00-good')
  assert.deepEqual(expected('00-good'), { compiles: true, signable: true, diagnostics: [] })
  assert.ok(broken.length >= 30)
  for (const name of broken) assert.notDeepEqual(expected(name).diagnostics, [], name)
})

test('every code of lint stands in some vector, but that of an agreement too large to look through', () => {
  const said = new Set(names.flatMap((name) => expected(name).diagnostics.map(({ code }) => code)))
  const codes = Object.keys(diagnosticMeanings).filter((code) => code.startsWith('LINT_'))
  assert.deepEqual(
    codes.filter((code) => !said.has(code)),
    ['LINT_UNFINISHED'],
  )
})
