/** The style that matters and that no other tool holds. Each rule names every place that breaks it. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const paths = globSync(['{src,test,bench,examples}/**/*.ts', '*.{ts,js,cjs}'], { cwd: root }).sort()
const files = paths.map((path) => {
  const text = readFileSync(root + path, 'utf8')
  return { path, text, code: codeOf(path, text) }
})

interface Rule {
  readonly name: string
  /** Found in the code itself, comments and texts left out, unless `everywhere`. */
  readonly pattern: RegExp
  readonly applies: (path: string) => boolean
  readonly everywhere?: boolean
}

const isTest = (path: string): boolean => path.startsWith('test/') || path.endsWith('.test.ts')
const isConfiguration = (path: string): boolean => !path.includes('/')
const always = (): boolean => true

const rules: readonly Rule[] = [
  {
    name: 'only the command line, tests and benchmarks write to the console',
    pattern: /\bconsole\./,
    applies: (path) => path.startsWith('src/') && !path.startsWith('src/cli/') && !isTest(path),
  },
  {
    name: 'only main ends the process',
    pattern: /\bprocess\.(exit|abort|reallyExit)\b/,
    applies: (path) => path !== 'src/main.ts',
  },
  {
    name: 'no work is left as a note',
    // Written so that this line is not a find itself.
    pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/,
    applies: always,
    everywhere: true,
  },
  {
    name: 'no default exports',
    pattern: /\bexport default\b|\bas default\b/,
    applies: (path) => !isConfiguration(path),
  },
  { name: 'no enums', pattern: /\benum [A-Z]/, applies: always },
  { name: 'no `any`', pattern: /(?:[:<|&,]|\bas) *any\b(?! *[:(])/, applies: always },
  {
    name: 'no test runs alone',
    pattern: /\b(test|it|describe|suite)\.only\(|\bonly: true\b/,
    applies: isTest,
  },
  {
    name: 'no test is left out without a reason',
    pattern: /\b(test|it|describe|suite)\.(skip|todo)\(|\b(skip|todo): true\b|\.(skip|todo)\(\)/,
    applies: isTest,
  },
  {
    name: 'no pattern is compiled at run time',
    pattern: /\bRegExp\(/,
    applies: (path) => path.startsWith('src/') && !isTest(path),
  },
  {
    name: 'no error is ignored by a comment',
    pattern: /@ts-(ignore|nocheck)|@ts-expect-error\s*$|eslint-disable(?!.* -- \S)/m,
    applies: always,
    everywhere: true,
  },
]

for (const { name, pattern, applies, everywhere } of rules) {
  test(name, () => {
    const broken = files
      .filter(({ path }) => applies(path))
      .flatMap((file) => breaches(file, pattern, everywhere))
    assert.deepEqual(broken, [])
  })
}

function breaches(
  { path, text, code }: (typeof files)[number],
  pattern: RegExp,
  everywhere = false,
): string[] {
  const lines = (everywhere ? text : code).split('\n')
  return lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
}

/** The text with comments, strings and patterns blanked, line for line. */
function codeOf(path: string, text: string): string {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const blanks: [number, number][] = []
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.pos) ?? []) blanks.push([range.pos, range.end])
    for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) blanks.push([range.pos, range.end])
    if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node) || ts.isRegularExpressionLiteral(node)) {
      blanks.push([node.getStart(source), node.end])
    }
    node.getChildren(source).forEach(visit)
  }
  visit(source)
  const characters = text.split('')
  for (const [start, end] of blanks) {
    for (let at = start; at < end; at++) if (characters[at] !== '\n') characters[at] = ' '
  }
  return characters.join('')
}

test('the tidy rules find what they are for', () => {
  // Put together here, because these two are looked for in strings too.
  const todo = ['TO', 'DO'].join('')
  const disable = ['eslint', 'disable'].join('-')
  const samples = [
    'console.log(1)',
    'process.exit(1)',
    `// ${todo}: later`,
    'export default 1',
    'const enum Colour {}',
    'const a: any = 1',
    'test.only("x")',
    'test.skip("x")',
    'new RegExp(x)',
    `// ${disable}-next-line no-console`,
  ]
  assert.equal(samples.length, rules.length)
  for (const [index, sample] of samples.entries()) {
    const { pattern, everywhere, name } = rules[index]!
    assert.equal(breaches(sampleFile(sample), pattern, everywhere).length, 1, name)
    if (!everywhere) assert.deepEqual(breaches(sampleFile(`// ${sample}\n'${sample}'`), pattern), [], name)
  }
})

function sampleFile(text: string): (typeof files)[number] {
  return { path: 'a.ts', text, code: codeOf('a.ts', text) }
}

test('every room has a door', () => {
  const rooms = new Set(paths.flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []))
  rooms.delete('cli')
  const closed = [...rooms].filter((room) => !paths.includes(`src/${room}/index.ts`))
  assert.deepEqual(closed, [])
})

test('file and folder names are in kebab-case', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/
  const named = paths.filter((path) => path.includes('/'))
  const odd = named.filter((path) =>
    path
      .replace(/(\.test|\.fixture)?\.ts$/, '')
      .split('/')
      .some((part) => !kebab.test(part)),
  )
  assert.deepEqual(odd, [])
})

test('no file starts without saying what it is for', () => {
  // Each of these is one list, named after the signal that it belongs to.
  const isList = (path: string): boolean => path.startsWith('src/screening/patterns/')
  const silent = files.filter(
    ({ path, text }) =>
      path.startsWith('src/') && !isTest(path) && !isList(path) && !/^(#!.*\n)?\/(\*\*|\/)\s/.test(text),
  )
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  )
})
