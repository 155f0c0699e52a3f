/** Claims about the lines of a schedule that bind: what is read, what is refused, and which rules they make. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileAgreement } from './compile.ts'
import { formatQuorum, parseQuorum } from './quorum.ts'
import { coolingOffDays, coolingOffDaysDefault } from './read-terms.ts'
import { requireAgreement, sampleText } from './sample-agreement.ts'
import type { Agreement } from './agreement.ts'

const withLines = (lines: Readonly<Record<string, string>>): string => sampleText({ lines })
const ruleText = ({ cedar }: Agreement, id: string): string => (cedar.policies[id] ?? '').replace(/\s+/g, ' ')

/** The sample's parties with two signers of the agency and what is said beside them. */
function parties(said: string, ofProvider = ''): string {
  const text = sampleText({ agencyKeys: [keyOf('agency'), keyOf('provider')] })
  const agency = /agency: (.*), threshold: 1 \}/.exec(text)?.[1] ?? ''
  const provider =
    '{ role: provider, clause: "1", signers: { officer: { keys: ["' + other + '"] } }, threshold: 1'
  return `\n  agency: ${agency}, ${said} }\n  provider: ${provider}${ofProvider} }`
}

/** The sample's parties, of which the agency says who signs in these words. */
const ofAgency = (said: string): string =>
  parties('threshold: 1').replace(/(agency: .*?)signers: .* \} \}, threshold/, `$1${said}, threshold`)

const other = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='

function keyOf(role: 'agency' | 'provider'): string {
  return (
    requireAgreement(sampleText()).schedule.parties.find((party) => party.role === role)?.signers[0]
      ?.keys[0] ?? ''
  )
}

test('compileAgreement reads signers, and asks one more of them for what loosens where nothing is said', () => {
  const { schedule } = requireAgreement(withLines({ parties: parties('threshold: 1') }))
  const [agency, provider] = schedule.parties
  assert.ok(agency && provider)
  assert.deepEqual(
    agency.signers.map(({ id }) => id),
    ['officer', 'officer-2'],
  )
  assert.deepEqual([agency.threshold, agency.loosening, agency.control], [1, 2, 'agency'])
  assert.deepEqual([provider.threshold, provider.loosening], [1, 1])
})

test('compileAgreement reads duties, retention, protection, roles, quorums, versions, delegations and integrators', () => {
  const { schedule } = requireAgreement(
    withLines({
      duties:
        '{ suspension: { clause: "8" }, notice: { days: 30, clause: "8" }, cooling-off: { days: 14, clause: "8" } }',
      retention: '{ days: 365, clause: "8" }',
      protected:
        '{ persons: all-natural-persons, data: [private, purchased, public, inferred], clause: "4" }',
      roles: '{ reviewers: { clause: "2" }, counsel: { holders: 1, clause: "2" } }',
      levels:
        '{ two-person: { quorum: two of reviewers of clinic and one of counsel, clause: "2" }, official: { clause: "2" } }',
      versions: '{ large-1: { model: large, name: large/2026-03, clause: "2" } }',
      routes:
        '{ general: { model: large, version: large-1, upstream: rehearsal, price: { input: 3, output: 1 }, outputTokensMax: 10, clause: "2" } }',
      delegations: '{ ward-work: { from: ward, to: contractor, until: 2027-01-01T00:00:00Z, clause: "2" } }',
      integrators: '{ northgate: { unit: contractor, for: [clinic, ward], clause: "2" } }',
      norms: '{ directive: { edition: "2023", date: 2023-01-25, clause: "2" } }',
      amounts: '{ currency: USD, ceiling: 100, allotted: 10.5, warningPercent: 75, clause: "8" }',
    }),
  )
  assert.deepEqual(
    schedule.duties.map(({ id, days }) => [id, days]),
    [
      ['suspension', undefined],
      ['notice', 30],
      ['cooling-off', 14],
    ],
  )
  assert.equal(coolingOffDays(schedule), 14)
  assert.equal(coolingOffDays({ duties: [] }), coolingOffDaysDefault)
  assert.equal(schedule.retention?.days, 365)
  assert.deepEqual(schedule.protected?.data, ['private', 'purchased', 'public', 'inferred'])
  assert.deepEqual(schedule.levels[0]?.quorum, [
    { count: 2, role: 'reviewers', unit: 'clinic' },
    { count: 1, role: 'counsel' },
  ])
  assert.equal(schedule.levels[0].persons, 3)
  assert.equal(schedule.routes[0]?.version, 'large-1')
  assert.equal(schedule.norms[0]?.date, '2023-01-25')
  assert.equal(schedule.amounts?.warningPercent, 75)
})

test('parseQuorum reads what formatQuorum writes, and nothing else', () => {
  const said = 'two of reviewers of unit-a and one of counsel'
  assert.equal(formatQuorum(parseQuorum(said) ?? []), said)
  assert.deepEqual(parseQuorum('3 of counsel'), [{ count: 3, role: 'counsel' }])
  for (const text of [
    '',
    'two',
    'two of',
    'ten of counsel',
    '0 of counsel',
    'two of a of b of c',
    'one of a or one of b',
  ]) {
    assert.equal(parseQuorum(text), null, text)
  }
})

const refused: readonly [what: string, lines: Readonly<Record<string, string>>, code: string, message: RegExp][] = [
  ['fewer signatures for what loosens', { parties: parties('threshold: 2, loosening: 1') }, 'AGREEMENT_THRESHOLD', /fewer/],
  ['more signatures than signers', { parties: parties('threshold: 1, loosening: 3') }, 'AGREEMENT_THRESHOLD', /3 signatures/],
  ['a party that lists nobody', { parties: ofAgency('signers: {}') }, 'AGREEMENT_THRESHOLD', /of 0 signers/],
  ['a threshold of nobody', { parties: parties('threshold: 0') }, 'AGREEMENT_NUMBER', /threshold/],
  ['one control over two parties', { parties: parties('threshold: 1', ', control: agency') }, 'AGREEMENT_PARTIES', /same control/],
  ['a key of two signers', { parties: parties('threshold: 1').replace(other, keyOf('agency')) }, 'AGREEMENT_KEY', /a key of/],
  ['a short retention', { retention: '{ days: 179, clause: "8" }' }, 'AGREEMENT_RETENTION', /179 days/],
  ['a duty that is none', { duties: '{ suspend: { clause: "8" } }' }, 'AGREEMENT_UNKNOWN_KEY', /no duty/],
  ['a period without days', { duties: '{ notice: { clause: "8" } }' }, 'AGREEMENT_MISSING_KEY', /days/],
  ['a duty under no clause', { duties: '{ suspension: { clause: "9" } }' }, 'AGREEMENT_CLAUSE_UNKNOWN', /9/],
  ['a quorum that is none', { levels: '{ two-person: { quorum: some of them, clause: "2" }, official: { clause: "2" } }' }, 'AGREEMENT_QUORUM', /not a quorum/],
  ['a quorum of an unknown role', { levels: '{ two-person: { quorum: one of counsel, clause: "2" }, official: { clause: "2" } }' }, 'AGREEMENT_REFERENCE', /counsel/],
  ['a quorum that counts otherwise', { roles: '{ counsel: { clause: "2" } }', levels: '{ two-person: { persons: 1, quorum: two of counsel, clause: "2" }, official: { clause: "2" } }' }, 'AGREEMENT_QUORUM', /2 persons/],
  ['a route without the version it needs', { versions: '{ large-1: { model: large, clause: "2" } }' }, 'AGREEMENT_REFERENCE', /names no version/],
  ['a delegation to an unknown unit', { delegations: '{ one: { from: ward, to: nobody, clause: "2" } }' }, 'AGREEMENT_REFERENCE', /nobody/],
  ['persons counted over a fortnight', { purposes: '{ care: { persons: { max: 5, days: 14 }, clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }' }, 'AGREEMENT_NUMBER', /14 days/],
  ['a day that is none', { norms: '{ directive: { edition: "1", date: 2023-02-30, clause: "2" } }' }, 'AGREEMENT_TIME', /not a day/],
  ['a hidden character, written with an escape', { title: '"a\\u202eb"' }, 'AGREEMENT_CHARACTER', /U\+202E/],
  ['a warning of everything', { amounts: '{ currency: USD, ceiling: 1, allotted: 1, warningPercent: 100, clause: "8" }' }, 'AGREEMENT_NUMBER', /1 to 99/],
] // prettier-ignore

for (const [what, lines, code, message] of refused) {
  test(`compileAgreement refuses ${what}`, () => {
    const { agreement, diagnostics } = compileAgreement(withLines(lines))
    assert.equal(agreement, null)
    const found = diagnostics.find((each) => each.code === code)
    assert.match(found?.message ?? '', message, JSON.stringify(diagnostics))
  })
}

test('purposes, delegations and integrators make forbids under the clauses of their lines', () => {
  const agreement = requireAgreement(
    withLines({
      purposes:
        '{ care: { until: 2027-01-01T00:00:00Z, persons: { max: 20, days: 30 }, clause: "2" }, admin: { clause: "2" }, policing: { clause: "2" } }',
      delegations: `
  a: { from: ward, to: contractor, clause: "2" }
  b: { from: ward, to: intelligence, until: 2027-01-01T00:00:00Z, clause: "2" }`,
      integrators: '{ northgate: { unit: contractor, for: [clinic], clause: "6" } }',
    }),
  )
  const purpose = 'context.purpose == Purpose::"care"'
  assert.match(
    ruleText(agreement, '2#purpose-end:care'),
    new RegExp(`${purpose} && context.time >= datetime\\("2027-01-01T00:00:00.000Z"\\)`),
  )
  assert.match(ruleText(agreement, '2#persons:care'), new RegExp(`${purpose} && context.persons > 20`))
  assert.ok(ruleText(agreement, '2#delegation:ward').includes('!(principal in Unit::"contractor")'))
  assert.ok(
    ruleText(agreement, '2#delegation:ward').includes('principal in Unit::"intelligence" && context.time <'),
  )
  assert.ok(ruleText(agreement, '6#integrator:northgate').includes('!context.chain.contains(Unit::"clinic")'))
})

test('compileAgreement asks a party that lists bare keys for signers, and counts nobody', () => {
  const { diagnostics } = compileAgreement(withLines({ parties: ofAgency(`keys: ["${other}"]`) }))
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['AGREEMENT_MISSING_KEY', 'AGREEMENT_UNKNOWN_KEY'],
  )
  assert.match(diagnostics[0]?.help ?? '', /`signers: \{/)
})
