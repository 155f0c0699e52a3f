/**
 * What one decision costs under the department's agreement, beside reading a request of 1 KB, in turns.
 *
 * node bench/decision.ts
 */
import { readFileSync } from 'node:fs'
import { compileAgreement } from '../src/agreement/index.ts'
import { decide, prepare } from '../src/decision/index.ts'
import type { Facts } from '../src/decision/index.ts'

const file = new URL('../examples/department/v2.md', import.meta.url)
const { agreement } = compileAgreement(readFileSync(file, 'utf8'))
if (!agreement) throw new Error('the example does not compile')
const prepared = prepare(agreement)
const facts: Facts = {
  stage: 'request',
  unit: 'medical-command',
  chain: ['medical-command'],
  action: 'generate',
  model: 'meridian-large',
  purpose: 'health-care',
  surface: 'enclave-console',
  consumer: 'seat',
  provenance: ['own-records'],
  time: Date.parse('2026-11-20T12:00:00Z'),
  committedMicros: 1_000,
  persons: 1,
}
const request = JSON.stringify({
  model: 'general',
  messages: [{ role: 'user', content: 'word '.repeat(190) }],
})

const rounds = 30
const calls = 20_000
function microseconds(work: () => unknown): number {
  const start = performance.now()
  for (let i = 0; i < calls; i++) work()
  return ((performance.now() - start) * 1000) / calls
}
const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

const [deciding, reading]: [number[], number[]] = [[], []]
for (let round = 0; round < rounds; round++) {
  deciding.push(microseconds(() => decide(prepared, facts, new Set(), new Set())))
  reading.push(microseconds(() => JSON.parse(request) as unknown))
}
const [one, other] = [median(deciding), median(reading)]
console.log(
  `${agreement.rules.length} rules: ${one.toFixed(2)} µs a decision, ${(one / other).toFixed(1)} × JSON.parse of 1 KB`,
)
