/** docs/errors.md and the code name the same errors, both ways; docs/agreement-file.md the signals of the product. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { builtInSignals } from '../src/screening/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/errors.md`, 'utf8')

interface Row {
  readonly code: string
  readonly room: string
  readonly meaning: string
  readonly remedy: string
}

/** Rows of the tables: code, room, meaning, what to do. */
const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim())
  const code = /^`([A-Za-z_]+)`$/.exec(cells[1] ?? '')?.[1]
  return code === undefined
    ? []
    : [{ code, room: cells[2] ?? '', meaning: cells[3] ?? '', remedy: cells[4] ?? '' }]
})

const paths = globSync('src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'))

interface Found {
  readonly room: string
  readonly code: string
  /** A member of a `…ErrorCode` or `…DiagnosticCode`, or thrown by name. */
  readonly as: 'declared' | 'thrown'
}

const found: readonly Found[] = paths.flatMap((path) => {
  const room = path.split('/')[1] ?? ''
  const source = ts.createSourceFile(path, readFileSync(root + path, 'utf8'), ts.ScriptTarget.Latest, true)
  return codesIn(source, source).map((code) => ({ room, ...code }))
})

/** `room code`; a code that is thrown outside the room that declares it belongs to that room. */
const declared = new Set(found.filter(({ as }) => as === 'declared').map(({ code }) => code))
const inCode = new Set(
  found
    .filter(({ as, code }) => as === 'declared' || !declared.has(code))
    .map(({ room, code }) => `${room} ${code}`),
)

function codesIn(node: ts.Node, source: ts.SourceFile): Omit<Found, 'room'>[] {
  if (ts.isTypeAliasDeclaration(node) && /(Error|Diagnostic)Code$/.test(node.name.text)) {
    return literalsIn(node.type).map((code) => ({ code, as: 'declared' }))
  }
  const codes: Omit<Found, 'room'>[] = []
  if (ts.isNewExpression(node) && node.expression.getText(source).endsWith('Error')) {
    const first = node.arguments?.[0]
    if (first && ts.isStringLiteral(first) && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(first.text)) {
      codes.push({ code: first.text, as: 'thrown' })
    }
  }
  ts.forEachChild(node, (child) => {
    codes.push(...codesIn(child, source))
  })
  return codes
}

function literalsIn(node: ts.Node): string[] {
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) return [node.literal.text]
  const texts: string[] = []
  ts.forEachChild(node, (child) => {
    texts.push(...literalsIn(child))
  })
  return texts
}

test('the search finds error codes', () => {
  assert.ok(inCode.has('base CANONICAL_JSON'))
  assert.ok(inCode.has('upstream UPSTREAM_TIMEOUT'))
  assert.ok(inCode.size > 40)
})

test('every error code of the code stands in docs/errors.md, under its room', () => {
  const known = new Set(rows.map(({ room, code }) => `${room} ${code}`))
  assert.deepEqual([...inCode].filter((code) => !known.has(code)).sort(), [])
})

test('every error code of docs/errors.md is in the code', () => {
  const dead = rows.filter(({ room, code }) => !inCode.has(`${room} ${code}`))
  assert.deepEqual(
    dead.map(({ room, code }) => `${room} ${code}`),
    [],
  )
})

test('every error code has a meaning and a remedy, and stands there once', () => {
  assert.deepEqual(
    rows.filter(({ meaning, remedy }) => meaning === '' || remedy === ''),
    [],
  )
  assert.equal(new Set(rows.map(({ room, code }) => `${room} ${code}`)).size, rows.length)
})

test('every runtime dependency has its line of reason in the decisions, and no other has', () => {
  const decision = readFileSync(`${root}docs/decisions/0002-dependencies.md`, 'utf8')
  const explained = [...decision.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1])
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { dependencies: object }
  assert.deepEqual(explained.sort(), Object.keys(dependencies).sort())
})

test('docs/agreement-file.md names every signal that the product detects by itself', () => {
  const format = readFileSync(`${root}docs/agreement-file.md`, 'utf8')
  const named = /detects by itself: (.*)\.\n/.exec(format)?.[1] ?? ''
  assert.deepEqual(
    [...named.matchAll(/`([^`]+)`/g)].map(([, signal]) => signal),
    builtInSignals,
  )
})
