/**
 * The rehearsal as a test: every call in process, with detectors and without, and with each rule taken away in turn.
 * What `servanda rehearse` plays against a gateway is played here through the same exchange.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Agreement, Rule } from '../src/agreement/index.ts'
import { isObject } from '../src/base/index.ts'
import type { Json } from '../src/base/index.ts'
import { isAsExpected } from '../src/cli/rehearse.ts'
import type { Met } from '../src/cli/rehearse.ts'
import { agreementOf, allCalls, noDetectors, openStage, play, withRules } from './play.fixture.ts'
import type { MomentCall } from './play.fixture.ts'

const stage = await openStage()
after(() => stage.screener[Symbol.asyncDispose]())
const calls = allCalls()
const byName = new Map(calls.map((call) => [call.name, call]))
const stopped = calls.filter(({ expect }) => expect.verdict !== 'allow')

/** The situations that the agreements are about, each with calls by name. */
const situations: Readonly<Record<string, readonly string[]>> = {
  'health care for service members, at once': ['dental-letter', 'tool-search'],
  'acquisition data, at once': ['own-records', 'broker-twin', 'integrator-for-buyers'],
  'cyber-defence, at once': ['patch-order', 'patch-read'],
  'logistics, at once': ['spare-parts', 'pallets', 'estimate-gloves'],
  'administration, at once': ['minutes', 'draft-notice'],
  'a whole population watched': ['population-asked', 'street-pictures', 'night-pictures', 'visitor-faces'],
  'persons scored': ['worth-asked', 'form-score', 'social-asked', 'chart-scored'],
  'a system that chooses and engages targets': ['engagement-asked', 'device-move', 'spare-parts-machine'],
  'an excluded intelligence unit': ['signals-translation'],
  'a contractor acting on its behalf': ['integrator-for-intelligence'],
  'a term that has ended': ['after-the-end', 'before-the-term'],
  'a model that is not listed': ['dental-letter-other-route', 'foreign-route'],
  'a surface that is not listed': ['spare-parts-tablet'],
  'a tool call of consequence, held': ['order-gloves', 'send-notice', 'patch-now', 'leave-decision'],
}

test('the rehearsal has at least 80 calls at a gateway, each under a name of its own', () => {
  assert.ok(calls.filter(({ moment }) => moment === undefined).length >= 80)
  assert.equal(byName.size, calls.length)
})

test('every situation has its calls, allowed, denied or held as it should be', () => {
  for (const [situation, names] of Object.entries(situations)) {
    const verdict = situation.endsWith('at once') ? 'allow' : situation.endsWith('held') ? 'hold' : 'deny'
    for (const name of names) assert.equal(byName.get(name)?.expect.verdict, verdict, `${situation}: ${name}`)
  }
})

test('every stopped call has an allowed twin that shares its key words', () => {
  for (const { name, twin, body } of stopped) {
    const other = byName.get(twin ?? '')
    assert.equal(other?.expect.verdict, 'allow', name)
    const theirs = new Set(keyWordsOf(other.body))
    const shared = keyWordsOf(body).filter((word) => theirs.has(word))
    assert.ok(shared.length >= 2, `${name} shares only \`${shared.join(' ')}\` with ${twin ?? ''}`)
  }
})

/** Words of four letters or more in what is said to the model, and in what it is told to say. */
function keyWordsOf(body: MomentCall['body']): string[] {
  const words = new Set<string>()
  for (const text of textsOf(body['messages'] as Json | undefined)) {
    for (const [word] of text.toLowerCase().matchAll(/\p{L}{4,}/gu)) words.add(word)
  }
  return [...words]
}

function textsOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return value.split('\n').flatMap(unscripted)
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsOf)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'role' || key === 'type' ? [] : textsOf(each),
  )
}

function unscripted(line: string): string[] {
  const [, script] = /^rehearsal: (.*)$/.exec(line) ?? []
  return script === undefined ? [line] : textsOf(JSON.parse(script) as Json)
}

async function meets(t: TestContext, call: MomentCall, met: Met): Promise<void> {
  await t.test(call.name, () => {
    const { status, verdict, clauses, rules } = met
    const shown = {
      status,
      verdict,
      ...(call.expect.clauses && { clauses }),
      ...(call.expect.rules && { rules }),
    }
    assert.ok(isAsExpected(met, call.expect), `met ${JSON.stringify(shown)}`)
  })
}

test('every call meets what it expects', async (t) => {
  for (const call of calls) await meets(t, call, await play(call, stage))
})

test('with all detectors off, what the structure stops is stopped, and what people decide waits', async (t) => {
  const off = { ...stage, screener: noDetectors }
  for (const call of calls) {
    if (call.because !== 'screening') await meets(t, call, await play(call, off))
  }
})

test('with all detectors off, what is labelled screening passes: the label says what stops it', async (t) => {
  const off = { ...stage, screener: noDetectors }
  const allowed = { status: 200, verdict: 'allow' } as const
  for (const call of stopped) {
    if (call.because === 'screening') await meets(t, { ...call, expect: allowed }, await play(call, off))
  }
})

const redLines = {
  department: ['4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7', '4.8', '6.1'],
  hospital: ['4.1', '4.2', '4.3', '4.4'],
} as const

test('every red line is stopped by structure alone in some case', () => {
  for (const [id, lines] of Object.entries(redLines)) {
    const about = stopped.filter(({ agreement, because }) => agreement === id && because === 'structure')
    assert.deepEqual(
      [...new Set(about.map(({ redLine }) => redLine).filter((line) => line !== undefined))].sort(),
      lines,
      id,
    )
  }
})

test('the README of the rehearsal lists these cases, and no other', () => {
  const readme = readFileSync(join(import.meta.dirname, 'rehearsal/README.md'), 'utf8')
  const rows = readme.split('\n').filter((line) => /^\| \w+ \d/.test(line))
  const cases = stopped.filter(({ redLine }) => redLine !== undefined)
  const met = (call: MomentCall): string => call.expect.clauses?.join(', ') ?? 'not taken'
  assert.deepEqual(
    rows.sort(),
    cases
      .map(
        (call) =>
          `| ${call.agreement} ${call.redLine ?? ''} | \`${call.name}\` | ${call.title} | ${met(call)} |`,
      )
      .sort(),
  )
})

const department = agreementOf(stage, 'department')

/** The calls of the department by every rule that their entries cite. */
async function callsByRule(): Promise<ReadonlyMap<string, readonly MomentCall[]>> {
  const found = new Map<string, MomentCall[]>()
  for (const call of calls.filter(({ agreement }) => agreement === 'department')) {
    const { cited } = await play(call, stage)
    for (const rule of cited) found.set(rule, [...(found.get(rule) ?? []), call])
  }
  return found
}

/** The calls that meet something else than they expect when a rule is gone. */
async function notice(rule: Rule, candidates: readonly MomentCall[]): Promise<string[]> {
  const rules = department.rules.filter((each) => each !== rule)
  const without = withRules(stage, 'department', rules)
  const names: string[] = []
  for (const call of new Set(candidates)) {
    if (!isAsExpected(await play(call, without), call.expect)) names.push(call.name)
  }
  return names
}

const registered = JSON.parse(
  readFileSync(join(import.meta.dirname, 'demo-callers.json'), 'utf8'),
) as readonly {
  readonly purposes: readonly string[]
}[]

/** The end of a purpose for which the demonstration registers nobody comes to no call. */
function isMet({ id }: Rule): boolean {
  const [, ended] = /#purpose-end:(.+)$/.exec(id) ?? []
  return ended === undefined || registered.some(({ purposes }) => purposes.includes(ended))
}

// A rule that no entry of a call cites did not decide it, so nothing changes for that call without it.
for (const effect of ['forbid', 'permit'] as const) {
  test(`removing any single ${effect} of the department turns a named call red`, async (t) => {
    const cited = await callsByRule()
    const held = stopped.filter(
      ({ agreement, because }) => agreement === 'department' && because === 'person',
    )
    for (const rule of department.rules.filter((each) => each.effect === effect && isMet(each))) {
      await t.test(rule.id, async (inner) => {
        // What is held cites what holds it, and rests on its grant all the same.
        const resting = effect === 'permit' ? held : []
        const names = await notice(rule, [...(cited.get(rule.id) ?? []), ...resting])
        inner.diagnostic(`${rule.id}: ${names.join(', ')}`)
        assert.ok(names.length > 0, `no call notices that ${rule.id} is gone`)
      })
    }
  })
}

test('every clause of the department has a rule, or says in its prose that it has none', () => {
  for (const [id, { text }] of department.clauses) {
    if (!id.includes('.') || id.startsWith('system.')) continue
    assert.notEqual(hasRule(department, id), /This clause has no rule\b/.test(text), id)
  }
})

function hasRule({ rules }: Agreement, id: string): boolean {
  return rules.some(({ clause }) => clause === id)
}
