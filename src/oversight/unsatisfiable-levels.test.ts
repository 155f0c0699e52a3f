import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { unsatisfiableLevels, unsatisfiableText } from './index.ts'

/** One rule asks two levels together, and one level is asked by none. */
const agreement = requireAgreement(
  sampleText({
    body: `
### 4.2 Purchased data

Waits for two persons and for counsel.

\`\`\`cedar
forbid (principal, action, resource)
when { context.provenance.contains(Provenance::"purchased") }
unless { context.approvals.contains(Level::"two-person") && context.approvals.contains(Level::"legal") };
\`\`\`
`,
    lines: {
      roles: '{ counsel: { clause: "2" }, reviewers: { clause: "2" } }',
      levels:
        '{ two-person: { persons: 2, clause: "2" }, legal: { quorum: "one of counsel and one of reviewers of ward", clause: "2" }, official: { clause: "2" } }',
    },
  }),
)
const one = (person: string, changes: object = {}) => ({
  ...{ agreement: 'sample', person, roles: [] as string[], levels: ['two-person', 'legal', 'official'] },
  ...changes,
})
const counsel = one('ada', { roles: ['counsel', 'reviewers'] })
const ofWard = one('ben', { roles: ['reviewers'], unit: 'ward' })

test('unsatisfiableLevels names each level that a rule asks and nobody could approve, and who is missing', () => {
  const found = unsatisfiableLevels(agreement, [])
  assert.deepEqual(
    found.map(({ level, rules, missing }) => [level, rules, missing]),
    [
      ['two-person', ['4.2#1'], '2 persons'],
      ['legal', ['4.2#1'], 'one of counsel and one of reviewers of ward'],
    ],
  )
  assert.deepEqual(unsatisfiableLevels(agreement, [counsel, ofWard]), [])
})

test('unsatisfiableLevels judges each of the levels that a rule asks together', () => {
  const found = unsatisfiableLevels(agreement, [counsel, one('ben', { roles: ['reviewers'] })])
  assert.deepEqual(found.map(unsatisfiableText), [
    'level `legal` of `sample` asks one of counsel and one of reviewers of ward, and the reviewers lack one of reviewers of ward: what it holds cannot be approved',
  ])
})

test('unsatisfiableLevels counts no second key of a person, no other agreement and no other level', () => {
  const others = [
    { ...ofWard, person: 'ada' },
    { ...ofWard, agreement: 'other' },
    { ...ofWard, levels: ['official'] },
  ]
  for (const second of others) {
    const found = unsatisfiableLevels(agreement, [counsel, second])
    assert.deepEqual(
      found.map(({ level }) => level),
      ['two-person', 'legal'],
    )
  }
})
