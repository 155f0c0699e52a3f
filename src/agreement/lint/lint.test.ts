/** What lint finds and, above all, what it leaves alone; whole files stand in vectors/diagnostics. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isErrorCode } from '../../base/index.ts'
import { compileAgreement } from '../compile.ts'
import { checkAgreement, requireSignable } from './check-agreement.ts'

const flawless = readFileSync(join(import.meta.dirname, '../../../vectors/diagnostics/00-good.md'), 'utf8')

/** The flawless text with parts put in place of others, each of which stands in it once. */
function changed(changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    assert.equal(text.split(from).length, 2, from)
    return text.replace(from, () => to)
  }, flawless)
}

function codesOf(text: string): string[] {
  const { agreement, diagnostics } = checkAgreement(text)
  assert.ok(agreement, JSON.stringify(diagnostics))
  return diagnostics.map(({ code, message }) => `${code} ${/^`[^`]*`/.exec(message)?.[0] ?? ''}`.trim())
}

const prose = 'Nobody is followed, located or watched.'

const weak: Readonly<Record<string, readonly string[]>> = {
  'It serves all\nlawful\npurposes.': ['LINT_ALL_LAWFUL `all lawful purposes`'],
  'It serves **any** other *lawful* government use.': ['LINT_ALL_LAWFUL `any other lawful government use`'],
  'ALL LAWFUL PURPOSES': ['LINT_ALL_LAWFUL `ALL LAWFUL PURPOSES`'],
  'It serves lawful operational use.': ['LINT_ALL_LAWFUL `lawful operational use`'],
  'Whatever the law permits is permitted.': ['LINT_ALL_LAWFUL `Whatever the law permits`'],
  'Nobody is watched, unless permitted by law.': ['LINT_APPLICABLE_LAW `unless permitted by law`'],
  'Use is in accordance with U.S. Law.': ['LINT_APPLICABLE_LAW `in accordance with U.S. Law`'],
  'No one knowingly or deliberately watches.': ['LINT_INTENT `knowingly`', 'LINT_INTENT `deliberately`'],
  'There is no watch without any constraint.': ['LINT_UNCONSTRAINED `without any constraint`'],
  'If policy requires a human decision, one is taken.': [
    'LINT_CONTROL_CONDITIONAL `If policy requires a human decision`',
  ],
  'People decide to the extent that law asks for human oversight.': [
    'LINT_CONTROL_CONDITIONAL `the extent that law asks for human oversight`',
  ],
  'Lorsque la loi exige un contrôle humain, quelqu’un décide.': [
    'LINT_CONTROL_CONDITIONAL `Lorsque la loi exige un contrôle humain`',
  ],
}

test('lint finds weak phrases over lines, in any case and through emphasis', async (t) => {
  for (const [text, expected] of Object.entries(weak)) {
    await t.test(text, () => assert.deepEqual(codesOf(changed({ [prose]: text })), expected))
  }
})

const harmless = [
  'The purposes are lawful, and all of them are listed.',
  'It serves its lawful purposes as part 3 lists them.',
  // A phrase runs over no end of a sentence and no paragraph.
  'Everybody reads it all. Lawful use is elsewhere.',
  'It lists all\n\nlawful purposes.',
  'The law of armed conflict is taught.',
  'An official whom law or regulation names decides.',
  'It is unconstrainedly phrased.',
  // The schedule settles what these leave open.
  'Private information of U.S. persons and everybody else is kept out of the AI System.',
  'The office could terminate the agreement.',
]

test('lint leaves alone what only resembles a weak phrase, and what the schedule settles', async (t) => {
  for (const text of harmless) {
    await t.test(text, () => assert.deepEqual(codesOf(changed({ [prose]: text })), []))
  }
})

test('lint reads headings, and prose that stands under no clause', () => {
  assert.deepEqual(codesOf(changed({ '### 4.1 No tracking of persons': '### 4.1 No deliberate tracking' })), [
    'LINT_INTENT `deliberate`',
  ])
  const preamble = changed({
    '## 1 Parties and reading': 'It was written deliberately.\n\n## 1 Parties and reading',
  })
  const [found] = checkAgreement(preamble).diagnostics
  assert.equal(found?.code, 'LINT_INTENT')
  assert.equal(found.clause, undefined)
})

const byTracking = 'when { context.findings.contains(Signal::"person-tracking") };'
const byPurchase = 'when { context.provenance.contains(Provenance::"purchased") };'
const whole = 'forbid (principal, action, resource)\n'

/** Puts one prohibition in place of both, and keeps every word of the schedule in use. */
function withOnly(prohibition: string): string {
  const both =
    'when { context.provenance.contains(Provenance::"purchased") && context.findings.contains(Signal::"person-tracking") };'
  return changed({ [`${whole}${byTracking}`]: prohibition, [byPurchase]: both })
}

const overriding = [
  whole + byTracking,
  'forbid (principal in Unit::"records-office", action, resource)\n' + byTracking,
  'forbid (principal, action == Action::"look-up", resource);',
  whole + 'when { context.purpose == Purpose::"letters" };',
  whole + 'when { context.purpose != Purpose::"letters" };',
  whole + 'when { context.findings.contains(Signal::"person-tracking") || context.committed > 5 };',
  whole + 'when { context.provenance.containsAny([Provenance::"own-records"]) };',
]

test('a grant is bounded by a prohibition that one word alone brings about', async (t) => {
  for (const rule of overriding) {
    await t.test(rule, () => assert.ok(!codesOf(withOnly(rule)).includes('LINT_GRANT_UNBOUNDED')))
  }
})

const conditional = [
  whole +
    'when { context.findings.contains(Signal::"person-tracking") && context.stage == Stage::"request" };',
  whole + 'when { context.findings.contains(Signal::"person-tracking") && context.committed > 5 };',
  whole +
    'when { context.findings.contains(Signal::"person-tracking") && context.time < datetime("2029-01-01") };',
  'forbid (principal == Unit::"reading-room", action, resource)\n' + byTracking,
  'forbid (principal == Unit::"reading-room", action, resource);',
  whole + 'when { context.committed > 5 };',
  `${whole}${byTracking.slice(0, -1)}\nunless { context.approvals.contains(Level::"two-archivists") };`,
]

test('a grant is not bounded by one that needs more, only closes a unit, or can be lifted', async (t) => {
  for (const rule of conditional) {
    await t.test(rule, () => assert.ok(codesOf(withOnly(rule)).includes('LINT_GRANT_UNBOUNDED')))
  }
})

const held = 'unless { context.approvals.contains(Level::"two-archivists") };'

test('an act that waits in some cases and is forbidden in the others is no way around people', () => {
  const both = `when { context.purpose == Purpose::"letters" }\n${held}\n\nforbid (principal, action == Action::"send", resource)\nwhen { context.purpose != Purpose::"letters" };`
  assert.deepEqual(codesOf(changed({ [held]: both })), [])
})

test('a unit on whose behalf a grant lets others act is reached', () => {
  const units = '  sealed-vault: { in: records-office'
  const added = { [units]: `  town: { clause: "2.1" }\n${units}` }
  assert.deepEqual(codesOf(changed(added)), ['LINT_UNIT_UNREACHABLE'])
  const permit =
    'permit (principal == Unit::"reading-room", action == Action::"look-up", resource in Provider::"tarn")\nwhen { context.chain.contains(Unit::"town") };'
  const grant = {
    '## 4 Prohibitions': `### 3.2 For the town\n\n\`\`\`cedar\n${permit}\n\`\`\`\n\n## 4 Prohibitions`,
  }
  assert.deepEqual(codesOf(changed({ ...added, ...grant })), [])
})

test('a purpose that no grant opens needs neither owner nor end', () => {
  assert.deepEqual(codesOf(changed({ 'purposes:\n': 'purposes:\n  policing: { clause: "2.2" }\n' })), [])
})

test('lint of an agreement with very many units and grants ends within its bound, and says so', () => {
  const units = Array.from({ length: 3_000 }, (_, i) => `  u${i}: { clause: "2.1" }\n`).join('')
  const permit = (i: number): string =>
    `permit (principal == Unit::"u${i}", action, resource in Provider::"tarn") when { context.committed > ${i} || context.purpose == Purpose::"letters" };`
  const rules = Array.from({ length: 600 }, (_, i) => permit(i)).join('\n')
  const { agreement, diagnostics } = checkAgreement(
    changed({
      '  reading-room: {': `${units}  reading-room: {`,
      '## 4 Prohibitions': `### 3.2 More\n\n\`\`\`cedar\n${rules}\n\`\`\`\n\n## 4 Prohibitions`,
    }),
  )
  assert.ok(agreement)
  assert.ok(diagnostics.some(({ code }) => code === 'LINT_UNFINISHED'))
})

test('an error of lint leaves the agreement, and takes its signability', () => {
  const text = changed({ [prose]: 'Where law requires human control, people decide.' })
  const { agreement, isSignable } = checkAgreement(text)
  assert.ok(agreement)
  assert.equal(isSignable, false)
  assert.deepEqual(compileAgreement(text).agreement, agreement)
  assert.deepEqual(compileAgreement(text).diagnostics, [])
})

test('requireSignable returns what may be signed, and names the first error of what may not', () => {
  assert.equal(requireSignable(flawless).schedule.id, 'records-office')
  const texts = {
    [changed({ [prose]: 'Where law requires human control, people decide.' })]:
      /116:1, LINT_CONTROL_CONDITIONAL: /,
    [changed({ 'days: 365': 'days: 7' })]: /8:20, AGREEMENT_RETENTION: /,
    '': /1:1, AGREEMENT_FRONT_MATTER: /,
  }
  for (const [text, message] of Object.entries(texts)) {
    assert.throws(
      () => requireSignable(text),
      (error) => isErrorCode(error, 'AGREEMENT_UNSIGNABLE') && message.test((error as Error).message),
    )
  }
})
