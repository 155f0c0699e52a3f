/** docs/threat-model.md and docs/limits.md say nothing that no test shows, and leave out nothing that certificates say. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { certificateLimits } from '../src/certificate/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/threat-model.md`, 'utf8')

interface Row {
  readonly tries: string
  readonly outcome: string
  readonly tests: string
}

const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim())
  const [, tries = '', outcome = '', tests = ''] = cells
  const isRow = line.startsWith('|') && tries !== 'tries' && !tries.startsWith('---')
  return isRow ? [{ tries, outcome, tests }] : []
})

/** `file`: “title”, as the page names a test. */
const reference = /`([^`]+\.test\.ts)`: “([^”]+)”/g

const referred = rows.flatMap(({ tests }) =>
  [...tests.matchAll(reference)].map(([, file = '', title = '']) => ({ file, title })),
)

/** Titles of the tests in a file; a part that is put into a title stands elsewhere in that file. */
function hasTest(file: string, title: string): boolean {
  const text = readFileSync(root + file, 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /(^|\.)(test|it)$/.test(node.expression.getText(source))) {
      const [first] = node.arguments
      found ||= first !== undefined && isTitle(first, title, text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isTitle(written: ts.Expression, title: string, text: string): boolean {
  if (ts.isStringLiteralLike(written)) return written.text === title
  if (!ts.isTemplateExpression(written)) return false
  const parts = [written.head.text, ...written.templateSpans.map(({ literal }) => literal.text)]
  const pattern = parts.map((part) => part.replaceAll(/[\^$.*+?()[\]{}|\\]/g, '\\$&')).join('(.+)')
  const [, ...put] = new RegExp(`^${pattern}$`).exec(title) ?? []
  return put.length > 0 && put.every((one) => text.includes(`'${one}'`) || text.includes(`"${one}"`))
}

test('the threat model has a table for every adversary', () => {
  const sections = page.split(/^## /m).slice(1)
  const lacking = sections.filter((section) => !section.includes('| tries | what comes of it | test |'))
  assert.deepEqual(lacking, [])
  assert.ok(sections.length >= 9)
  assert.ok(rows.length > 60)
})

test('every row of the threat model names a test, or says that it is out of reach', () => {
  const bare = rows.filter(
    ({ outcome, tests }) =>
      [...tests.matchAll(reference)].length === 0 && !outcome.startsWith('out of reach'),
  )
  assert.deepEqual(
    bare.map(({ tries }) => tries),
    [],
  )
})

test('every row of the threat model says what comes of it in its words', () => {
  const vague = rows.filter(({ outcome }) => !/prevented|detected|out of reach|not an attack/i.test(outcome))
  assert.deepEqual(
    vague.map(({ tries }) => tries),
    [],
  )
})

test('every test that the threat model names is there', () => {
  const missing = referred.filter(({ file, title }) => {
    return !existsSync(root + file) || !hasTest(file, title)
  })
  assert.deepEqual(missing, [])
})

test('a test is found by its whole title, and by what is put into one', () => {
  const own = 'test/threat-model.test.ts'
  assert.ok(hasTest(own, 'every test that the threat model names is there'))
  assert.ok(!hasTest(own, 'every test that the threat model names'))
  assert.ok(hasTest(own, 'docs/limits.md says all that every certificate says of its limits'))
  assert.ok(!hasTest(own, 'docs/evidence.md says all that every certificate says of its limits'))
})

/** Sentences as a reader sees them, however their lines are broken or set in bold. */
function plain(text: string): string {
  return text.replaceAll('**', '').replaceAll(/\s+/g, ' ')
}

for (const file of ['docs/limits.md', 'README.md']) {
  test(`${file} says all that every certificate says of its limits`, () => {
    const text = plain(readFileSync(root + file, 'utf8'))
    const lacking = certificateLimits.filter((sentence) => !text.includes(plain(sentence)))
    assert.deepEqual(lacking, [])
  })
}

test('every package is pinned by its digest, and none runs a script when it is installed', () => {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, { integrity?: string; hasInstallScript?: boolean }>
  }
  const installed = Object.entries(packages).filter(([path]) => path !== '')
  assert.ok(installed.length > 50)
  const loose = installed.filter(
    ([, { integrity = '', hasInstallScript }]) =>
      !integrity.startsWith('sha512-') || hasInstallScript === true,
  )
  assert.deepEqual(
    loose.map(([path]) => path),
    [],
  )
})
