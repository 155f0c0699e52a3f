import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileAgreement } from './compile.ts'
import { sampleText } from './sample-agreement.ts'
import type { SampleParts } from './sample-agreement.ts'

function found(lines: SampleParts['lines'], rule: string): string[] {
  const text = sampleText({ lines: { ...lines }, body: `### 4.2 Tried\n\n\`\`\`cedar\n${rule}\n\`\`\`\n` })
  return compileAgreement(text)
    .diagnostics.filter(({ clause }) => clause === '4.2')
    .map(({ severity, code, message }) => `${severity} ${code}: ${message}`)
}

const purposes =
  '{ care: { until: 2028-01-01T00:00:00Z, clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }'
const after = 'context.time >= datetime("2028-06-01")'

test('a rule may speak of a time after the end of another purpose', () => {
  const rule = `forbid (principal, action, resource) when { context.purpose == Purpose::"admin" && ${after} };`
  assert.deepEqual(found({ purposes }, rule), [])
})

test('a rule behind the end of its own purpose is an error that names the line', () => {
  const rule = `forbid (principal, action, resource) when { context.purpose == Purpose::"care" && ${after} };`
  assert.deepEqual(found({ purposes }, rule), [
    'error AGREEMENT_RULE_IMPOSSIBLE: whatever meets this rule is already forbidden by `2#purpose-end:care`',
  ])
})

test('a rule behind a delegation or an integrator is a warning, for such a line may be taken out again', () => {
  const delegations = '{ wards: { from: ward, to: clinic, clause: "2" } }'
  const delegated =
    'forbid (principal in Unit::"contractor", action, resource) when { context.chain.contains(Unit::"ward") };'
  const integrators = '{ helpers: { unit: contractor, for: [clinic], clause: "2" } }'
  const integrated =
    'forbid (principal, action, resource) when { context.chain.contains(Unit::"contractor") && !context.chain.contains(Unit::"clinic") };'
  const warning =
    'warning AGREEMENT_RULE_IMPOSSIBLE: whatever meets this rule is already forbidden by a delegation or an integrator'
  assert.deepEqual(found({ delegations }, delegated), [warning])
  assert.deepEqual(found({ integrators }, integrated), [warning])
  assert.deepEqual(found({}, delegated), [])
})

test('an agreement whose schedule makes too many rules is an error, and none of them is read', () => {
  const ends = Array.from({ length: 3_000 }, (_, i) => `p${i}: { until: 2028-01-01T00:00:00Z, clause: "2" }`)
  const { agreement, diagnostics } = compileAgreement(
    sampleText({ lines: { purposes: `{ ${ends.join(', ')} }` } }),
  )
  assert.equal(agreement, null)
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['AGREEMENT_LIMIT'],
  )
})

test('many rules that nothing can be shown of take no longer than their budget, and are errors', () => {
  const ways = Array.from({ length: 16 }, (_, i) => `(context.committed != ${i} || context.persons != ${i})`)
  const never =
    '(principal in Unit::"ward" && !context.chain.contains(Unit::"ward") || principal in Unit::"clinic" && !context.chain.contains(Unit::"clinic"))'
  const rule = `forbid (principal, action, resource) when { ${ways.join(' && ')} && ${never} };`
  const errors = found({}, Array<string>(150).fill(rule).join('\n'))
  assert.equal(errors.length, 150)
  for (const error of errors) assert.match(error, /^error AGREEMENT_RULE_(?:UNPROVED|IMPOSSIBLE): /)
})
