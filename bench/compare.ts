/**
 * Two versions of fifty clauses compared, and decisions under fifty and five hundred clauses beside reading a request
 * of 1 KB, in turns.
 *
 * node bench/compare.ts
 */
import { createPublicKey } from 'node:crypto'
import { demoKey, isErrorCode, rawPublicKey } from '../src/base/index.ts'
import { compareAgreements, compileAgreement } from '../src/agreement/index.ts'
import type { Agreement } from '../src/agreement/index.ts'
import { changesOf } from '../src/agreement/comparison/changes.ts'
import { ruleDiagramsOf } from '../src/agreement/comparison/rule-diagrams.ts'
import { confirmComparison, decide, prepare } from '../src/decision/index.ts'
import type { Facts } from '../src/decision/index.ts'
import { randomFrom } from '../src/decision/random.ts'

const sizes = { units: 12, purposes: 20, actions: 6, models: 10, signals: 15, levels: 6 } as const

const line = (name: string, lines: readonly string[]): string => `${name}:\n  ${lines.join('\n  ')}`
const ids = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}-${i}`)

const key = (party: string): string =>
  Buffer.from(rawPublicKey(createPublicKey(demoKey(`bench/${party}`)))).toString('base64')

function schedule(version: number): string {
  const listed = (name: string, count: number): string[] =>
    ids(name, count).map((id) => `${id}: { clause: "1" }`)
  return [
    'servanda: 1',
    'id: bench',
    `version: ${version}`,
    ...(version === 1 ? [] : [`previous: sha256:${'0'.repeat(64)}`]),
    'title: Fifty clauses',
    'term: { from: 2026-03-01T00:00:00Z, until: 2030-01-01T00:00:00Z, clause: "1" }',
    'amounts: { currency: USD, ceiling: 1000, allotted: 900, clause: "1" }',
    line('parties', [
      `agency: { role: agency, clause: "1", signers: { officer: { keys: ["${key('agency')}"] } }, threshold: 1 }`,
      `provider: { role: provider, clause: "1", signers: { officer: { keys: ["${key('provider')}"] } }, threshold: 1 }`,
    ]),
    line(
      'units',
      ids('unit', sizes.units).map((id, i) =>
        i === 0 ? `${id}: { clause: "1" }` : `${id}: { in: unit-${Math.floor((i - 1) / 3)}, clause: "1" }`,
      ),
    ),
    line('purposes', listed('purpose', sizes.purposes)),
    line('providers', listed('provider', 2)),
    line(
      'models',
      ids('model', sizes.models).map((id, i) => `${id}: { provider: provider-${i % 2}, clause: "1" }`),
    ),
    line('routes', [
      'general: { model: model-0, upstream: rehearsal, price: { input: 3, output: 15 }, outputTokensMax: 4096, clause: "1" }',
    ]),
    line('surfaces', listed('surface', 2)),
    line('consumers', listed('consumer', 3)),
    line('actions', listed('action', sizes.actions - 1)),
    line(
      'tools',
      ids('tool', sizes.actions * 2).map(
        (id, i) => `${id}: { action: action-${i % (sizes.actions - 1)}, clause: "1" }`,
      ),
    ),
    line('signals', listed('signal', sizes.signals)),
    line('provenances', listed('origin', 4)),
    line('levels', listed('level', sizes.levels)),
  ].join('\n')
}

/** One clause with one rule, by its number. A third are grants; of the prohibitions a third lets people decide. */
function clause(number: number, random: () => number): string {
  const some = (name: string, from: number, upTo: number): string => {
    const chosen = new Set(
      Array.from({ length: 1 + Math.floor(random() * upTo) }, () => Math.floor(random() * from)),
    )
    return [...chosen].map((i) => `${name}-${i}"`).join(', ')
  }
  const one = (name: string, from: number): string => `${name}-${Math.floor(random() * from)}"`
  const list = (type: string, words: string): string => `[${words.replaceAll(/(?<=^|, )/g, `${type}::"`)}]`
  const action =
    random() < 0.4 ? 'action' : `action in ${list('Action', some('action', sizes.actions - 1, 3))}`
  const purposes = `context.purpose in ${list('Purpose', some('purpose', sizes.purposes, 6))}`
  if (number % 3 === 0) {
    const principal = `principal in Unit::"${one('unit', 4)}`
    return rule(number, `permit (${principal}, action, resource in Provider::"${one('provider', 2)})`, [
      purposes,
    ])
  }
  const conditions = [
    `principal in Unit::"${one('unit', sizes.units)}`,
    `context.chain.contains(Unit::"${one('unit', sizes.units)})`,
    `resource == Model::"${one('model', sizes.models)}`,
    `context.consumer == Consumer::"${one('consumer', 3)}`,
    `context.provenance.contains(Provenance::"${one('origin', 4)})`,
    `context.committed > ${1_000_000 * Math.floor(random() * 800)}`,
    purposes,
  ].filter(() => random() < 0.3)
  const finding = `context.findings.contains(Signal::"${one('signal', sizes.signals)})`
  const lifts =
    number % 3 === 1 ? `\nunless { context.approvals.contains(Level::"${one('level', sizes.levels)}) }` : ''
  return rule(number, `forbid (principal, ${action}, resource)`, [...conditions, finding], lifts)
}

function rule(number: number, head: string, conditions: readonly string[], lifts = ''): string {
  return `### 2.${number + 1} Clause\n\n\`\`\`cedar\n${head}\nwhen { ${conditions.join(' && ')} }${lifts};\n\`\`\`\n`
}

function agreementOf(version: number, clauses: readonly string[]): Agreement {
  const text = `---\n${schedule(version)}\n---\n\n# Fifty clauses\n\n## 1 Schedule\n\n## 2 Rules\n\n${clauses.join('\n')}`
  const { agreement, diagnostics } = compileAgreement(text)
  if (!agreement) throw new Error(JSON.stringify(diagnostics.slice(0, 3), null, 2))
  return agreement
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

const random = randomFrom(7)
const drawn = (count: number): string[] => Array.from({ length: count }, (_, i) => clause(i, random))
const clauses = drawn(50)
const before = agreementOf(1, clauses)
const rounds = 5
for (const changed of [1, 5, 15, 25]) {
  const after = agreementOf(
    2,
    clauses.map((old, i) => (i % Math.ceil(50 / changed) === 0 ? clause(i, random) : old)),
  )
  console.log(`${changed} of 50 clauses changed: ${compared(before, after)}`)
}

function compared(older: Agreement, newer: Agreement): string {
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    if (!isWithinBound(older, newer)) return `beyond the bound, after ${since(start)} ms`
    took.push(performance.now() - start)
  }
  const rules = ruleDiagramsOf(older, newer, Infinity)
  changesOf(rules)
  const comparison = compareAgreements(older, newer)
  const start = performance.now()
  const { situations } = confirmComparison(older, newer, comparison, { perBox: 0 })
  return (
    `${median(took).toFixed(0)} ms for ${comparison.regions.length} regions, ${rules.diagrams.nodes} nodes; ` +
    `${situations} situations confirmed in ${since(start)} ms`
  )
}

function isWithinBound(older: Agreement, newer: Agreement): boolean {
  try {
    compareAgreements(older, newer)
    return true
  } catch (error) {
    if (isErrorCode(error, 'COMPARISON_LIMIT')) return false
    throw error
  }
}

function since(start: number): string {
  return (performance.now() - start).toFixed(0)
}

const facts: Facts = {
  stage: 'request',
  unit: 'unit-5',
  chain: ['unit-5'],
  action: 'generate',
  model: 'model-0',
  purpose: 'purpose-3',
  surface: 'surface-0',
  consumer: 'consumer-0',
  provenance: ['origin-0'],
  time: Date.parse('2026-11-20T12:00:00Z'),
  committedMicros: 1_000,
  persons: 1,
}
const request = JSON.stringify({
  messages: [{ role: 'user', content: 'word '.repeat(190) }],
  model: 'general',
})
const calls = 2_000
function microseconds(work: () => unknown): number {
  const start = performance.now()
  for (let i = 0; i < calls; i++) work()
  return ((performance.now() - start) * 1_000) / calls
}

for (const count of [50, 500]) {
  const prepared = prepare(agreementOf(1, drawn(count)))
  const [deciding, reading]: [number[], number[]] = [[], []]
  for (let round = 0; round < 60; round++) {
    deciding.push(microseconds(() => decide(prepared, facts, new Set(['signal-3']), new Set())))
    reading.push(microseconds(() => JSON.parse(request) as unknown))
  }
  const [one, other] = [median(deciding), median(reading)]
  console.log(
    `${count} clauses: ${one.toFixed(2)} µs a decision, ${(one / other).toFixed(1)} × JSON.parse of 1 KB`,
  )
}
