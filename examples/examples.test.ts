/** The examples keep what they promise: every file compiles, every case meets its verdict, every command replays. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { compileAgreement, demoKeyName } from '../src/agreement/index.ts'
import type { Agreement, Rule, Test } from '../src/agreement/index.ts'
import { digestOf, demoKey, rawPublicKey } from '../src/base/index.ts'
import { decide, requireAgreesWithOracle } from '../src/decision/index.ts'
import type { Decision, Facts, Stage, Verdict } from '../src/decision/index.ts'
import { assertShown, commandsOf, runAll, startDemo } from '../test/replay.ts'

const here = import.meta.dirname
const agreements = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[^/]+\/v\d+\.md$/.test(file))
  .sort()
const readmes = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('README.md'),
)

interface Expected {
  readonly verdict: Verdict
  readonly clauses: readonly string[]
}

interface Case {
  readonly name: string
  readonly why: 'structure' | 'screening' | 'person'
  readonly request: {
    readonly unit: string
    readonly chain: readonly string[]
    readonly purpose: string
    readonly action: string
    readonly model: string
    readonly surface: string
    readonly consumer: string
    readonly provenance: readonly string[]
    readonly stage: Stage
    readonly time: string
    /** In units of the currency. */
    readonly committed: number
    readonly findings: readonly string[]
    readonly approvals: readonly string[]
  }
  readonly expect: Expected
}

interface PublishedCase extends Case {
  readonly title: string
  readonly department: Expected
}

function load(file: string): Agreement {
  const { agreement, diagnostics } = compileAgreement(readFileSync(join(here, file), 'utf8'))
  assert.ok(agreement, `${file}: ${diagnostics.map(({ line, message }) => `${line}: ${message}`).join('; ')}`)
  return agreement
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(here, file), 'utf8'))
}

function meet(agreement: Agreement, { request }: Case): Expected {
  const { findings, approvals, time, committed, ...rest } = request
  const committedMicros = Math.round(committed * 1e6)
  const facts: Facts = { ...rest, time: Date.parse(time), committedMicros, persons: 1 }
  return expectedOf(decide(agreement, facts, new Set(findings), new Set(approvals)))
}

function expectedOf({ verdict, citations }: Decision): Expected {
  return { verdict, clauses: [...new Set(citations.map(({ clause }) => clause))].sort() }
}

function meetsAll(agreement: Agreement, cases: readonly Case[]): boolean {
  return cases.every((each) => JSON.stringify(meet(agreement, each)) === JSON.stringify(each.expect))
}

test('every example compiles without a diagnostic', () => {
  assert.deepEqual(agreements, [
    'as-published/v1.md',
    'department/v1.md',
    'department/v2.md',
    'ended/v1.md',
    'hospital/v1.md',
  ])
  for (const file of agreements) {
    const { agreement, diagnostics } = compileAgreement(readFileSync(join(here, file), 'utf8'))
    // What was published is full of weak words, and a linter may say so.
    const shown = file.startsWith('as-published')
      ? diagnostics.filter(({ severity }) => severity === 'error')
      : diagnostics
    assert.deepEqual(shown, [], file)
    assert.ok(agreement)
  }
})

test('the compiled rules of every example decide as Cedar does', async (t) => {
  for (const file of agreements) {
    await t.test(file, () => assert.ok(requireAgreesWithOracle(load(file)).requests > 0))
  }
})

test('version 2 of the department names the exact bytes of version 1', () => {
  assert.equal(
    load('department/v2.md').schedule.previous,
    digestOf(readFileSync(join(here, 'department/v1.md'))),
  )
})

test('version 2 of the department names every clause that it changes, and no other', () => {
  const [first, second] = [load('department/v1.md'), load('department/v2.md')]
  const ids = [...new Set([...first.clauses.keys(), ...second.clauses.keys()])]
  const changed = ids.filter((id) => inFull(first, id) !== inFull(second, id))
  const [, named = ''] = /^Version 2 amends (.*)$/m.exec(second.text) ?? []
  assert.deepEqual(
    [...new Set(named.match(/\d+\.\d+/g))].sort(),
    changed.filter((id) => id.includes('.')).sort(),
  )
})

/** A clause with its rules and with what the schedule makes of it. */
function inFull({ clauses, rules, cedar }: Agreement, id: string): string {
  const clause = clauses.get(id)
  const texts = rules.filter((rule) => rule.clause === id).map((rule) => cedar.policies[rule.id])
  return JSON.stringify([clause?.title, clause?.text, texts])
}

test('clause 8.3 of the department holds batches beyond three quarters of what is allotted', () => {
  for (const file of ['department/v1.md', 'department/v2.md']) {
    const { rules, schedule, clauses } = load(file)
    const allottedMicros = schedule.amounts?.allottedMicros ?? 0
    const limits = rules
      .filter((rule) => rule.clause === '8.3')
      .flatMap(({ test }) => comparisonsOf(test))
      .map(({ attribute, comparison, value }) => `${attribute} ${comparison} ${value}`)
    assert.deepEqual(limits, [`committed > ${allottedMicros * 0.75}`], file)
    const [part, whole] = [allottedMicros * 0.75, allottedMicros].map((micros) =>
      (micros / 1e6).toLocaleString('en-US'),
    )
    assert.ok(clauses.get('8.3')?.text.includes(`${part} of the ${whole} dollars`), file)
  }
})

function comparisonsOf(test: Test): Extract<Test, { op: 'compare' }>[] {
  if (test.op === 'compare') return [test]
  if (test.op === 'not') return comparisonsOf(test.test)
  return test.op === 'all' || test.op === 'any' ? test.tests.flatMap(comparisonsOf) : []
}

test('every party signs with the demonstration key of its name, and its title says so', () => {
  for (const { schedule } of agreements.map(load)) {
    for (const { id, signers, title } of schedule.parties) {
      for (const [i, signer] of signers.entries()) {
        const name = i === 0 ? demoKeyName(schedule.id, id) : demoKeyName(schedule.id, id, signer.id)
        const key = rawPublicKey(createPublicKey(demoKey(name)))
        assert.deepEqual(signer.keys, [Buffer.from(key).toString('base64')])
      }
      assert.match(title ?? '', /demonstration/)
    }
  }
})

test('every norm of an example is pinned by the digest of the copy beside it', () => {
  for (const file of agreements.filter((each) => !each.startsWith('as-published'))) {
    for (const { id, digest } of load(file).schedule.norms) {
      assert.equal(
        digest,
        digestOf(readFileSync(join(here, dirname(file), 'norms', `${id}.md`))),
        `${file}: ${id}`,
      )
    }
  }
})

test('no two examples share a route, so that all may be in force side by side', () => {
  const latest = agreements.filter((file) => file !== 'department/v1.md').map(load)
  const routes = latest.flatMap(({ schedule }) => schedule.routes.map(({ id }) => id))
  assert.equal(new Set(routes).size, routes.length)
})

test('every clause has a rule or says that it has none', () => {
  for (const file of agreements) {
    const { clauses, rules } = load(file)
    const ruled = new Set(rules.map(({ clause }) => clause))
    for (const [id, { text }] of clauses) {
      if (!id.includes('.') || id.startsWith('system.')) continue
      const says = /This clause has no rule|The rules? (for .+ )?(is|are) generated from/.test(text)
      assert.ok(ruled.has(id) || says, `${file}: clause ${id} has no rule and does not say so`)
      const denies = /This clause has no rule[;.]/.test(text)
      assert.ok(!(ruled.has(id) && denies), `${file}: clause ${id} says that it has no rule, and has one`)
    }
  }
})

const caseFiles = {
  'department/v2.md': 'department/requests/cases.json',
  'hospital/v1.md': 'hospital/requests/cases.json',
  'ended/v1.md': 'ended/requests/cases.json',
}

for (const [file, cases] of Object.entries(caseFiles)) {
  const named = readJson(cases) as readonly Case[]

  test(`every named request meets its verdict under ${file}`, async (t) => {
    const agreement = load(file)
    assert.equal(new Set(named.map(({ name }) => name)).size, named.length)
    for (const each of named) {
      await t.test(each.name, () => assert.deepEqual(meet(agreement, each), each.expect))
    }
  })

  test(`every rule of ${file} is needed by some named request`, async (t) => {
    const agreement = load(file)
    assert.ok(meetsAll(agreement, named))
    for (const rule of agreement.rules.filter((rule) => canActAlone(agreement, rule))) {
      await t.test(rule.id, () => {
        const without = { ...agreement, rules: agreement.rules.filter((each) => each !== rule) }
        assert.ok(!meetsAll(without, named), 'no request notices that the rule is gone')
      })
    }
  })
}

/**
 * What is allotted never passes the ceiling; a list that is empty closes what no grant of the example opens; and a
 * purpose that ends with the term ends with it anyway.
 */
function canActAlone({ schedule }: Agreement, { id }: Rule): boolean {
  const endsLate = schedule.purposes.some(
    (purpose) => id.endsWith(`#purpose-end:${purpose.id}`) && (purpose.until ?? 0) >= schedule.term.until,
  )
  return !endsLate && !id.endsWith('#ceiling') && !id.startsWith('system.unlisted')
}

const publishedCases = readJson('as-published/requests/cases.json') as readonly PublishedCase[]

test('the README of what was published shows what each red-line request meets', () => {
  const published = load('as-published/v1.md')
  const department = load('department/v2.md')
  for (const each of publishedCases) {
    assert.deepEqual(meet(published, each), each.expect, each.name)
    assert.deepEqual(meet(department, each), each.department, each.name)
  }
  const readme = readFileSync(join(here, 'as-published/README.md'), 'utf8')
  const rows = readme.split('\n').filter((line) => line.startsWith('| `'))
  assert.deepEqual(rows, publishedCases.map(row))
})

function row({ name, title, expect, department }: PublishedCase): string {
  return `| \`${name}\` | ${title} | ${inWords(expect)} | ${inWords(department)} |`
}

function inWords({ verdict, clauses }: Expected): string {
  return `${verdict} (${clauses.join(', ')})`
}

test('every command of every README gives the output that is shown', async (t) => {
  const demo = await startDemo(t)
  for (const file of readmes) {
    const commands = commandsOf(readFileSync(join(here, file), 'utf8'))
    const met = await runAll(commands, demo)
    for (const [i, command] of commands.entries()) {
      await t.test(`${file}: ${command.line}`, () => assertShown(command, met[i]))
    }
  }
})
