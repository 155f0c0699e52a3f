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
