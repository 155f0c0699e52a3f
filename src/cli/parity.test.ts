/** Claims about parity: the same terms are found the same, and any difference is told, with a request that shows it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { compareProviders } from '../agreement/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { decide, requestOf } from '../decision/index.ts'
import { runCommand } from './people.fixture.ts'
import { parity } from './parity.ts'

let home: string
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'servanda-parity-'))
})
after(() => rm(home, { recursive: true }))

/** The sample with two providers under the same words, and what is written beside them. */
function twoProviders(rules = ''): string {
  return sampleText({
    lines: {
      models: '{ large: { provider: meridian, clause: "2" }, north: { provider: borealis, clause: "2" } }',
      routes: `
  general: { model: large, upstream: rehearsal, price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }
  northern: { model: north, upstream: rehearsal, price: { input: 2, output: 1 }, outputTokensMax: 2048, clause: "2" }`,
      exclusions: '{ intelligence-unit: { unit: intelligence, unlockVia: amendment, clause: "6" } }',
    },
    body: `### 4.2 More\n\n\`\`\`cedar\nforbid (principal, action == Action::"send", resource)\nunless { context.approvals.contains(Level::"two-person") };\n\nforbid (principal, action == Action::"look-up", resource)\nwhen { context.consumer == Consumer::"batch" }\nunless { context.approvals.contains(Level::"official") };\n${rules}\`\`\`\n\n`,
  })
    .replace('action, resource in Provider::"meridian")', 'action, resource)')
    .replace('resource == Model::"small")', 'resource)')
}

async function run(text: string, other = text): Promise<Awaited<ReturnType<typeof runCommand>>> {
  const files = [join(home, 'a.md'), other === text ? join(home, 'a.md') : join(home, 'b.md')]
  await writeFile(files[0] ?? '', text)
  if (other !== text) await writeFile(files[1] ?? '', other)
  return runCommand(parity, [...files, '--provider-a', 'meridian', '--provider-b', 'borealis', '--json'])
}

interface Answer {
  readonly same: boolean
  readonly alone: readonly string[]
  readonly terms: readonly { readonly line: string }[]
  readonly differences: readonly { readonly differences: readonly { readonly heading: string }[] }[]
}

test('parity finds two providers under the same words the same', async () => {
  const { code, out } = await run(twoProviders())
  const answer = JSON.parse(out) as Answer
  assert.deepEqual([code, answer.same, answer.alone, answer.differences], [0, true, [], []])
})

test('parity tells a model that no route leads to, and that a tool may be shown under one agreement alone', async () => {
  const text = twoProviders()
  const unreached = JSON.parse((await run(text.replace(/\n {2}northern:.*/, ''))).out) as Answer
  assert.deepEqual([unreached.same, unreached.alone], [false, ['large', 'north']])
  assert.match(unreached.differences[0]?.differences[0]?.heading ?? '', /^2 .* now denies as not listed/)

  const idle = text.replace(
    'permit (principal in',
    'forbid (principal, action == Action::"look-up", resource);\n\npermit (principal in',
  )
  const offered = idle.replace('tools: {', 'tools: { find_person: { action: look-up, clause: "2" },')
  const { same, terms } = JSON.parse((await run(idle, offered)).out) as Answer
  assert.deepEqual([same, terms.map(({ line }) => line)], [false, ['tools/find_person']])
})

const unequal: readonly [what: string, rules: string][] = [
  ['a forbid for one provider', 'forbid (principal, action, resource in Provider::"borealis") when { context.purpose == Purpose::"care" };\n'],
  ['a hold for one model', 'forbid (principal, action, resource == Model::"large")\nunless { context.approvals.contains(Level::"official") };\n'],
  ['a grant for one model', 'permit (principal, action == Action::"generate", resource == Model::"north") when { context.purpose == Purpose::"policing" };\n'],
] // prettier-ignore

for (const [what, rules] of unequal) {
  test(`parity tells ${what}`, async () => {
    const { code, out } = await run(twoProviders(rules))
    const answer = JSON.parse(out) as Answer
    assert.deepEqual([code, answer.same, answer.alone], [1, false, ['large', 'north']])
    assert.match(answer.differences[0]?.differences[0]?.heading ?? '', /^4\.2/)
  })

  test(`every difference by ${what} is one in the decisions, and there is none elsewhere`, () => {
    const agreement = requireAgreement(twoProviders(rules))
    const { pairs } = compareProviders(
      { agreement, provider: 'meridian' },
      { agreement, provider: 'borealis' },
    )
    const [pair] = pairs
    assert.ok(pair)
    const verdictFor = (model: string, situation: Parameters<typeof requestOf>[1]): string => {
      const { facts, findings, approvals } = requestOf(agreement, { ...situation, model })
      const { verdict, asks } = decide(agreement, facts, findings, approvals)
      return [verdict, ...asks].join(' ')
    }
    for (const { witness } of pair.comparison.regions) {
      assert.notEqual(verdictFor('large', witness), verdictFor('north', witness))
    }
    const { schedule } = agreement
    for (const { id: unit } of schedule.units) {
      for (const { id: purpose } of schedule.purposes) {
        for (const { id: consumer } of schedule.consumers) {
          const situation = {
            stage: 'request',
            act: { call: 'model' },
            unit,
            chain: [],
            model: null,
            purpose,
            surface: 'console',
            consumer,
            provenance: [],
            findings: [],
            time: Date.parse('2027-01-01T00:00:00Z'),
            committed: 0,
            persons: 0,
          } as const
          const differs = verdictFor('large', situation) !== verdictFor('north', situation)
          assert.equal(
            pair.comparison.regions.some((region) => region.contains(situation)),
            differs,
          )
        }
      }
    }
  })
}

test('parity tells terms of the schedules that differ between two agreements, and no names', async () => {
  const other = twoProviders().replace('allotted: 10.5', 'allotted: 20').replace('id: sample', 'id: other')
  const { code, out } = await run(twoProviders(), other)
  const answer = JSON.parse(out) as Answer
  assert.equal(code, 1)
  assert.deepEqual([...new Set(answer.terms.map(({ line }) => line))], ['amounts'])
})

test('parity asks which provider is meant, and for two of them', async () => {
  const file = join(home, 'two.md')
  await writeFile(file, twoProviders())
  const unnamed = await runCommand(parity, [file, file])
  assert.equal(unnamed.code, 2)
  assert.match(unnamed.err, /--provider-a is one of meridian, borealis/)
  const one = await runCommand(parity, [file, file, '--provider-a', 'meridian', '--provider-b', 'meridian'])
  assert.equal(one.code, 2)
})
