/** The examples keep what they promise: every file compiles, every case meets its verdict, every command replays. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { compileAgreement } from '../src/agreement/index.ts'
import type { Agreement, Rule } from '../src/agreement/index.ts'
import { digestOf, demoKey, rawPublicKey } from '../src/base/index.ts'
import { decide, requireAgreesWithOracle } from '../src/decision/index.ts'
import type { Decision, Facts, Stage, Verdict } from '../src/decision/index.ts'

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
  const facts: Facts = { ...rest, time: Date.parse(time), committedMicros: Math.round(committed * 1e6) }
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

test('every party signs with the demonstration key of its name, and its title says so', () => {
  for (const { schedule } of agreements.map(load)) {
    for (const { id, keys, title } of schedule.parties) {
      const key = rawPublicKey(createPublicKey(demoKey(`${schedule.id}/${id}`)))
      assert.deepEqual(keys, [Buffer.from(key).toString('base64')])
      assert.match(title ?? '', /demonstration/)
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
      const denies = text.includes('This clause has no rule;')
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
    for (const rule of agreement.rules.filter(canActAlone)) {
      await t.test(rule.id, () => {
        const without = { ...agreement, rules: agreement.rules.filter((each) => each !== rule) }
        assert.ok(!meetsAll(without, named), 'no request notices that the rule is gone')
      })
    }
  })
}

/** What is allotted never passes the ceiling; a list that is empty closes what no grant of the example opens. */
function canActAlone({ id }: Rule): boolean {
  return !id.endsWith('#ceiling') && !id.startsWith('system.unlisted')
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

interface Command {
  readonly line: string
  readonly output: string
  readonly exitCode: number
}

/** The commands of the `console` blocks; `# exit code 1` after the output says that a command does not succeed. */
function commandsOf(readme: string): readonly Command[] {
  return [...readme.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const [line = '', ...rest] = part.split('\n')
        const code = rest.findIndex((each) => each.startsWith('# exit code '))
        const exitCode = code === -1 ? 0 : Number(rest[code]?.slice('# exit code '.length))
        return {
          line,
          exitCode,
          output: rest
            .filter((_, index) => index !== code)
            .join('\n')
            .trimEnd(),
        }
      }),
  )
}

const root = join(here, '..')
const main = join(root, 'src/main.ts')
const program = 'npm run -s servanda -- '
const commandMs = 60_000

/** What a reader starts by `npm start`, on a port and in a directory of its own. */
async function startDemo(t: TestContext): Promise<NodeJS.ProcessEnv> {
  const directory = mkdtempSync(join(tmpdir(), 'servanda-examples-'))
  const env = {
    ...process.env,
    SERVANDA_DATA: join(directory, 'data'),
    SERVANDA_KEYS: join(directory, 'keys'),
    SERVANDA_GUARD: join(directory, 'guard'),
    SERVANDA_PORT: '0',
  }
  const gateway = spawn(process.execPath, [main, 'serve', '--demo', '--json'], { cwd: root, env })
  const ended = once(gateway, 'exit')
  t.after(async () => {
    gateway.kill()
    await ended
    rmSync(directory, { recursive: true })
  })
  const failed = ended.then(() => assert.fail('the gateway ended before it was ready'))
  const [ready] = (await Promise.race([once(gateway.stdout, 'data'), failed])) as [Buffer]
  const { port } = JSON.parse(ready.toString()) as { port: number }
  return { ...env, SERVANDA_PORT: String(port) }
}

function run(line: string, env: NodeJS.ProcessEnv): Promise<{ output: string; exitCode: number }> {
  assert.ok(line.startsWith(program), `\`${line}\` is not a command that can be replayed`)
  const args = [main, ...line.slice(program.length).split(' ')]
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { cwd: root, env, timeout: commandMs },
      (_error, stdout, stderr) => {
        resolve({ output: (stdout + stderr).trimEnd(), exitCode: child.exitCode ?? -1 })
      },
    )
  })
}

/** How many requests the check against Cedar makes up is its own affair. */
function withoutCounts(output: string): string {
  return output.replace(/cedar decides \d+ requests/g, 'cedar decides … requests')
}

test('every command of every README gives the output that is shown', async (t) => {
  const env = await startDemo(t)
  for (const file of readmes) {
    for (const { line, output, exitCode } of commandsOf(readFileSync(join(here, file), 'utf8'))) {
      await t.test(`${file}: ${line}`, async () => {
        const met = await run(line, env)
        assert.deepEqual(
          { ...met, output: withoutCounts(met.output) },
          { output: withoutCounts(output), exitCode },
        )
      })
    }
  }
})
