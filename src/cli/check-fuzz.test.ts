/**
 * No text makes a check crash or hang. `FUZZ_RUNS=100000 FUZZ_SEED=1 node --test src/cli/check-fuzz.test.ts` looks
 * further; a text that fails is found again by its seed.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkAgreement, diagnosticMeanings } from '../agreement/index.ts'
import type { CheckedAgreement } from '../agreement/index.ts'
import { mangled } from '../agreement/mangle.fixture.ts'
import { sampleText } from '../agreement/sample-agreement.ts'
import { sarifOf } from './sarif.ts'

const runs = Number(process.env['FUZZ_RUNS'] ?? '1500')
const firstSeed = Number(process.env['FUZZ_SEED'] ?? '1')
const vectors = join(import.meta.dirname, '../../vectors/diagnostics')
const texts = [
  sampleText(),
  ...readdirSync(vectors)
    .filter((file) => /^\d\d-.*\.md$/.test(file))
    .map((file) => readFileSync(join(vectors, file), 'utf8')),
]

/** What holds of every answer, whatever was asked. */
function assertSound(text: string, { agreement, diagnostics, isSignable }: CheckedAgreement): void {
  const lines = text.split('\n')
  for (const { code, severity, line, column, message, help } of diagnostics) {
    assert.ok(Object.hasOwn(diagnosticMeanings, code), code)
    assert.ok(['error', 'warning'].includes(severity))
    assert.ok(Number.isSafeInteger(line) && line >= 1 && line <= lines.length, `${code} at line ${line}`)
    assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `${code} at column ${column}`)
    assert.ok(message !== '' && message.length <= 1_000 && (help?.length ?? 1) <= 1_000 && help !== '')
    if (code.startsWith('LINT_')) assert.ok(agreement !== null)
  }
  const hasMistake = diagnostics.some(
    ({ code, severity }) => severity === 'error' && !code.startsWith('LINT_'),
  )
  assert.equal(agreement === null, hasMistake)
  assert.equal(
    isSignable,
    diagnostics.every(({ severity }) => severity !== 'error'),
  )
  assert.ok(diagnostics.length <= 1_000)
}

test(
  `${runs} mangled agreements are checked without a crash, and every answer is sound`,
  { timeout: 3_600_000 },
  () => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const text = mangled(texts, seed)
      try {
        const checked = checkAgreement(text)
        assertSound(text, checked)
        const log = JSON.stringify(
          sarifOf([{ file: 'mangled.md', diagnostics: checked.diagnostics }], '/checkout'),
        )
        assert.ok(log.isWellFormed())
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
  },
)

test('the same text gets the same answer', () => {
  for (let seed = firstSeed; seed < firstSeed + 40; seed++) {
    const text = mangled(texts, seed)
    assert.deepEqual(checkAgreement(text).diagnostics, checkAgreement(text).diagnostics, `seed ${seed}`)
  }
})

const good = readFileSync(join(vectors, '00-good.md'), 'utf8')
const block = (text: string): string => `${good}\n## 9 More\n\n\`\`\`cedar\n${text}\n\`\`\`\n`
const inSchedule = (line: string): string => good.replace('term: {', () => `${line}\nterm: {`)
const units = (lineOf: (i: number) => string): string =>
  good.replace('  reading-room:', (key) => Array.from({ length: 9_900 }, (_, i) => lineOf(i)).join('') + key)

/** Each close to one of the limits, or far beyond it. */
const giants: Readonly<Record<string, string>> = {
  'one long line of weak words': `${good}\n${'where law any except as '.repeat(38_000)}`,
  'one long line of marks': `${good}\nWord.${'!)'.repeat(400_000)} X`,
  'quotations in quotations': `${good}\n${'> '.repeat(400_000)}`,
  'links in links': `${good}\n${'![](](('.repeat(120_000)}`,
  'a deep number of a clause': `${good}\n## ${'1.'.repeat(400_000)}1 T\n`,
  'headings without end': `${good}${'\n# x'.repeat(200_000)}`,
  'clauses without end':
    good + Array.from({ length: 9_000 }, (_, i) => `\n## 9.${i} T\n\nAny lawful use.\n`).join(''),
  'empty blocks without end': `${good}\n## 9 More\n${'\n```cedar\n```\n'.repeat(50_000)}`,
  'a block of quotation marks': block('"'.repeat(800_000)),
  'brackets in a rule': block(`permit (principal, action, resource) when { ${'('.repeat(100_000)}`),
  'negations in a rule': block(`permit (principal, action, resource) when { ${'!'.repeat(100_000)}true };`),
  'brackets in the schedule': inSchedule(`more: ${'['.repeat(100_000)}`),
  'lists in lists in the schedule': inSchedule(`more:\n${' - '.repeat(100_000)}x`),
  'a number of half a million digits': good.replace('ceiling: 1000', `ceiling: ${'9'.repeat(500_000)}`),
  'units in units without end': units((i) => `  u${i}: { in: u${i + 1}, clause: "2.1" }\n`),
  'units that nobody reaches': units((i) => `  u${i}: { clause: "2.1" }\n`),
  'a file beyond the limit': good + 'x'.repeat(1_100_000),
}

test('a check of what is very large, deep or many ends, and is sound', { timeout: 600_000 }, async (t) => {
  for (const [name, text] of Object.entries(giants)) {
    await t.test(name, () => {
      assertSound(text, checkAgreement(text))
    })
  }
})
