import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'
import type { SarifLog } from './sarif.ts'

const directory = mkdtempSync(join(tmpdir(), 'servanda-check-'))
after(() => rmSync(directory, { recursive: true }))

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(command: typeof check, args: readonly string[]): Promise<Run> {
  let [out, err] = ['', '']
  const code = await command(args, { out: (text) => (out += text), err: (text) => (err += text) })
  return { code, out, err }
}

const good = fileOf('good.md', sampleText())
const bad = fileOf('bad.md', sampleText().replace('Signal::"population-watch"', 'Signal::"population-wach"'))

const vectors = join(import.meta.dirname, '../../vectors/diagnostics')
/** Nothing to say of it at all. */
const flawless = fileOf('flawless.md', readFileSync(join(vectors, '00-good.md')))
const unsignable = fileOf('unsignable.md', readFileSync(join(vectors, '41-all-lawful-purposes.md')))

test('check sums up a good file and exits 0', async () => {
  const { code, out } = await run(check, [flawless])
  assert.equal(code, 0)
  assert.match(
    out,
    /^\S+flawless\.md: good\n {2}records-office version 1, sha256:[0-9a-f]{64}\n {2}24 clauses, 1 permits, 16 forbids, 1 holds\n {2}cedar decides \d+ requests as the compiled rules do\n$/,
  )
})

test('check prints warnings, counts them and exits 0', async () => {
  const { code, out } = await run(check, [good])
  assert.equal(code, 0)
  const warnings = out.match(/^\S+good\.md:\d+:\d+: warning LINT_/gm) ?? []
  assert.ok(warnings.length > 1)
  assert.match(out, new RegExp(`^\\S+good\\.md: good, ${warnings.length} warnings$`, 'm'))
})

test('check prints place, code, clause and help of each mistake and exits 1', async () => {
  const { code, out } = await run(check, [flawless, bad])
  assert.equal(code, 1)
  assert.match(
    out,
    /bad\.md:\d+:\d+: error AGREEMENT_UNKNOWN_WORD clause 4\.1: `Signal::"population-wach"` is not in the schedule\n {2}help: did you mean `population-watch`\?\n\S+bad\.md: 1 error\n$/,
  )
})

test('check exits 1 for a file that compiles and may not be signed', async () => {
  const { code, out } = await run(check, [unsignable])
  assert.equal(code, 1)
  assert.match(out, /unsignable\.md:101:34: error LINT_ALL_LAWFUL clause 3\.1: `all lawful purposes` moves/)
  assert.match(
    out,
    /^\S+unsignable\.md: not to be signed: 1 error, 1 warning\n {2}records-office version 1, /m,
  )
})

test('check writes one JSON object for all files', async () => {
  const { out } = await run(check, ['--json', flawless, bad, unsignable])
  const { good: allGood, files } = JSON.parse(out) as {
    good: boolean
    files: { good: boolean; compiles: boolean; diagnostics: unknown[] }[]
  }
  assert.equal(allGood, false)
  assert.deepEqual(
    files.map((each) => [each.good, each.compiles, each.diagnostics.length]),
    [
      [true, true, 0],
      [false, false, 1],
      [false, true, 2],
    ],
  )
})

test('check writes SARIF into a file beside its text, or as its only output', async () => {
  const path = join(directory, 'found.sarif')
  const beside = await run(check, [bad, '--sarif', path])
  assert.equal(beside.code, 1)
  assert.match(beside.out, /bad\.md: 1 error\n$/)
  const only = await run(check, [bad, '--sarif', '-'])
  assert.equal(only.code, 1)
  assert.equal(only.out, readFileSync(path, 'utf8'))
  const { runs } = JSON.parse(only.out) as SarifLog
  assert.deepEqual(
    runs[0].results.map(({ ruleId, level }) => [ruleId, level]),
    [['AGREEMENT_UNKNOWN_WORD', 'error']],
  )
  assert.equal((await run(check, [bad, '--sarif', '-', '--json'])).code, 2)
})

test('check exits 2 on wrong usage and on what it cannot read', async () => {
  const latin1 = fileOf('latin1.md', Buffer.from([0x2d, 0xe9]))
  for (const args of [[], ['--unknown', good], [join(directory, 'absent.md')], [latin1]]) {
    const { code, err } = await run(check, args)
    assert.equal(code, 2)
    assert.match(err, /^servanda: CLI_/)
  }
})

const request = {
  unit: 'ward',
  action: 'generate',
  model: 'large',
  purpose: 'care',
  surface: 'console',
  consumer: 'seat',
  time: '2027-01-01T00:00:00Z',
  committed: 0.5,
}

function requestFile(changes: object): string {
  return fileOf('request.json', JSON.stringify({ ...request, ...changes }))
}

test('explain prints the verdict, its clauses and what was missing', async () => {
  const held = await run(explain, [good, '--request', requestFile({ action: 'send' })])
  const first =
    'hold\nasks for: two-person\n\n4.2 Sending waits (4.2#1)\n\nallowed once approved by two-person\n'
  assert.deepEqual([held.code, held.out.slice(0, first.length)], [0, first])
  const denied = await run(explain, [good, '--request', requestFile({ purpose: 'policing' })])
  assert.match(denied.out, /^deny\n\nsystem\.no-grant /)
  assert.match(denied.out, /3 Grants \(3#1\)\n {4}the purpose must be care or admin; it is policing\n/)
  assert.match(
    denied.out,
    /no approval lifts this\n\nlighter, with one other fact:\n {2}with the purpose care or admin: allow by 3\n/,
  )
})

test('explain prints what each condition saw, of the rules that spoke or of all', async () => {
  const file = requestFile({ action: 'send', stage: 'tool', purpose: 'policing' })
  const { out } = await run(explain, [good, '--tree', '--request', file])
  assert.match(out, /what each rule saw:\n {2}4\.2 Sending waits \(4\.2#1\) holds for two-person: it applies/)
  assert.match(out, /\n {4}yes the action is send; it is send\n/)
  assert.ok(!out.includes('it does not apply'))
  const all = await run(explain, [good, '--all', '--request', file])
  assert.match(all.out, /3 Grants \(3#1\) permits: it does not apply\n {4}no {2}all of:\n/)
  assert.match(all.out, /\n {6}no {2}the purpose is care or admin; it is policing\n/)
})

test('explain adds the findings of the text to those given', async () => {
  const own = sampleText({
    lines: {
      signals:
        '{ population-watch: { phrases: ["the whole town"], clause: "4.1" }, force-advice: { clause: "4.1" } }',
    },
  })
  const file = fileOf('own.md', own)
  const { code, out } = await run(explain, [
    file,
    '--json',
    '--request',
    requestFile({ text: 'Watch the whole town.' }),
  ])
  assert.equal(code, 0)
  const { decision } = JSON.parse(out) as { decision: { citations: { rule: string }[] } }
  assert.deepEqual(decision.citations, [{ clause: '4.1', rule: '4.1#1' }])
})

test('explain exits 1 for a bad agreement and 2 for a bad request', async () => {
  assert.equal((await run(explain, [bad, '--request', requestFile({})])).code, 1)
  const changes = [
    { purpse: 'care' },
    { time: 'soon' },
    { committed: 0.0000001 },
    { stage: 'later' },
    { chain: 'ward' },
    { unit: 1 },
  ]
  for (const change of changes) {
    const { code, err } = await run(explain, [good, '--request', requestFile(change)])
    assert.equal(code, 2)
    assert.match(err, /EXPLAIN_REQUEST/)
  }
  assert.equal((await run(explain, [good])).code, 2)
  assert.equal(
    (await run(explain, [good, '--request', fileOf('twice.json', '{"unit":"a","unit":"b"}')])).code,
    2,
  )
})

test('check says which signal no detector finds, before anyone signs', async () => {
  const file = fileOf('unheard.md', sampleText().replaceAll('force-advice', 'force-hint'))
  const { code, out } = await run(check, [file])
  assert.equal(code, 0)
  assert.match(out, /warning: no detector of this gateway finds `force-hint`/)
  assert.doesNotMatch(out, /finds `population-watch`/)
})
