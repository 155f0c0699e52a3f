import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'

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

test('check sums up a good file and exits 0', async () => {
  const { code, out } = await run(check, [good])
  assert.equal(code, 0)
  assert.match(
    out,
    /good\.md: good\n {2}sample version 1, sha256:[0-9a-f]{64}\n {2}\d+ clauses, 2 permits, 16 forbids, 2 holds\n/,
  )
  assert.match(out, /cedar decides \d+ requests as the compiled rules do/)
})

test('check prints place, code, clause and help of each mistake and exits 1', async () => {
  const { code, out } = await run(check, [good, bad])
  assert.equal(code, 1)
  assert.match(
    out,
    /bad\.md:\d+:\d+: error AGREEMENT_UNKNOWN_WORD clause 4\.1: `Signal::"population-wach"` is not in the schedule\n {2}help: did you mean `population-watch`\?\n/,
  )
})

test('check writes one JSON object for all files', async () => {
  const { out } = await run(check, ['--json', good, bad])
  const { good: allGood, files } = JSON.parse(out) as {
    good: boolean
    files: { good: boolean; diagnostics: unknown[] }[]
  }
  assert.equal(allGood, false)
  assert.deepEqual(
    files.map((each) => [each.good, each.diagnostics.length]),
    [
      [true, 0],
      [false, 1],
    ],
  )
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
  assert.deepEqual([held.code, held.out], [0, 'hold\nasks for: two-person\n\n4.2 Sending waits (4.2#1)\n'])
  const denied = await run(explain, [good, '--request', requestFile({ purpose: 'policing' })])
  assert.match(denied.out, /^deny\n\nsystem\.no-grant /)
  assert.match(denied.out, /3 Grants \(3#1\)\n {4}the purpose must be care or admin; it is policing\n/)
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
