import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkAgreement } from '../agreement/index.ts'
import { sarifOf } from './sarif.ts'
import type { SarifFile, SarifLog } from './sarif.ts'

const vectors = join(import.meta.dirname, '../../vectors/diagnostics')
const files: readonly SarifFile[] = readdirSync(vectors)
  .filter((file) => /^\d\d-.*\.md$/.test(file))
  .map((file) => ({
    file: `vectors/diagnostics/${file}`,
    diagnostics: checkAgreement(readFileSync(join(vectors, file), 'utf8')).diagnostics,
  }))

/**
 * What SARIF 2.1.0 demands of the parts that are used here (sections 3.13, 3.14, 3.18, 3.27, 3.28, 3.29, 3.30, 3.49),
 * and no member beside them.
 */
function assertSarif(log: SarifLog): void {
  const { $schema, version, runs, ...more } = log
  assert.match($schema, /^https:\/\/.*sarif.*2\.1\.0.*json$/)
  assert.equal(version, '2.1.0')
  assert.deepEqual(more, {})
  for (const run of runs) {
    assert.deepEqual(Object.keys(run).sort(), ['columnKind', 'results', 'tool'])
    assert.equal(run.columnKind, 'utf16CodeUnits')
    const { name, version: toolVersion, rules } = run.tool.driver
    assert.ok(name !== '' && toolVersion !== '')
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length)
    for (const { shortDescription, help } of rules)
      assert.ok(shortDescription.text !== '' && help.text !== '')
    for (const result of run.results) assertResult(result as unknown as Json, rules)
  }
}

type Json = Readonly<Record<string, unknown>>

function assertResult(result: Json, rules: readonly { readonly id: string }[]): void {
  assert.deepEqual(Object.keys(result).sort(), ['level', 'locations', 'message', 'ruleId', 'ruleIndex'])
  assert.equal(rules[result['ruleIndex'] as number]?.id, result['ruleId'])
  assert.ok(['none', 'note', 'warning', 'error'].includes(result['level'] as string))
  assert.ok((result['message'] as { text: string }).text !== '')
  const locations = result['locations'] as { physicalLocation: { artifactLocation: Json; region?: Json } }[]
  assert.equal(locations.length, 1)
  for (const { physicalLocation } of locations) {
    const { artifactLocation, region } = physicalLocation
    assert.ok(URL.canParse(artifactLocation['uri'] as string, 'file:///checkout/'))
    if (region === undefined) continue
    assert.deepEqual(Object.keys(region).sort(), ['startColumn', 'startLine'])
    for (const value of Object.values(region))
      assert.ok(Number.isSafeInteger(value) && (value as number) >= 1)
  }
}

test('sarifOf writes a result for each diagnostic of every vector, in the form of SARIF 2.1.0', () => {
  const log = JSON.parse(JSON.stringify(sarifOf(files, '/checkout'))) as SarifLog
  assertSarif(log)
  const [{ results, tool }] = log.runs
  const diagnostics = files.flatMap((each) => each.diagnostics)
  assert.deepEqual(
    results.map(({ ruleId, level }) => [ruleId, level]),
    diagnostics.map(({ code, severity }) => [code, severity]),
  )
  assert.deepEqual(
    tool.driver.rules.map(({ id }) => id),
    [...new Set(diagnostics.map(({ code }) => code))].sort(),
  )
})

test('sarifOf places a diagnostic by line, column and clause, with its help', () => {
  const log = sarifOf(
    [
      {
        file: 'agreements/two words.md',
        diagnostics: [
          {
            code: 'LINT_INTENT',
            severity: 'warning',
            line: 12,
            column: 3,
            clause: '4.2',
            message: '`deliberate` is said',
            help: 'say what happens',
          },
        ],
      },
    ],
    '/checkout',
  )
  assert.deepEqual(log.runs[0].results, [
    {
      ruleId: 'LINT_INTENT',
      ruleIndex: 0,
      level: 'warning',
      message: { text: '`deliberate` is said\nhelp: say what happens' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'agreements/two%20words.md' },
            region: { startLine: 12, startColumn: 3 },
          },
          logicalLocations: [{ name: '4.2', kind: 'clause' }],
        },
      ],
    },
  ])
})

test('sarifOf gives a file outside the directory its whole address, and a mismatch no place in the file', () => {
  const log = sarifOf([{ file: '/elsewhere/a.md', diagnostics: [], mismatch: 'they differ' }], '/checkout')
  assertSarif(log)
  assert.deepEqual(log.runs[0].results, [
    {
      ruleId: 'DECISION_ORACLE_MISMATCH',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'they differ' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///elsewhere/a.md' } } }],
    },
  ])
})
