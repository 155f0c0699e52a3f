/** Every check says nothing of an installation that is as it should be, and its one thing of one that is not. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { demoKey, rawPublicKey } from '../../base/index.ts'
import type { OpenHold } from '../../recorder/index.ts'
import type { AgreementInForce, RouteInForce } from '../../standing/index.ts'
import { checks } from './checks.ts'
import type { Severity } from './finding.ts'
import type { Installation } from './installation.ts'
import { sampleGate, sampleInstallation, sampleNow, sampleStanding } from './sample-installation.fixture.ts'

type Found = readonly [check: string, severity: Severity, line: string]

function examine(installation: Installation): readonly Found[] {
  return checks.flatMap(({ id, find }) =>
    find(installation).map(({ severity, message, remedy }): Found => [
      id,
      severity,
      `${message}. Remedy: ${remedy}`,
    ]),
  )
}

test('an agency’s gate as it should be lacks an outside checkpoint only, which no machine can tell of itself', () => {
  const found = examine(sampleInstallation).map(([check, severity]) => [check, severity])
  assert.deepEqual(found, [['outside', 'note']])
})

test('a provider’s gate as it should be lacks an outside checkpoint only', () => {
  const found = examine(sampleGate).map(([check, severity]) => [check, severity])
  assert.deepEqual(found, [['outside', 'note']])
})

const { settings, state, standing, places } = sampleInstallation
const [inForce] = [...standing.agreements.values()] as [AgreementInForce]
const [general] = [...standing.routes.values()] as [RouteInForce]

function withAgreement(changes: Partial<AgreementInForce>): Partial<Installation> {
  return { standing: { ...standing, agreements: new Map([['sample', { ...inForce, ...changes }]]) } }
}

function withRoute(upstream: string): Partial<Installation> {
  const route = { ...general, route: { ...general.route, upstream } }
  return { standing: { ...standing, routes: new Map([['general', route]]) } }
}

/** The agreement names the share of its money from which on the parties are told. */
function withWarning(warningPercent: number): Partial<Installation> {
  const { agreement } = inForce
  const { schedule } = agreement
  assert.ok(schedule.amounts)
  const amounts = { ...schedule.amounts, warningPercent }
  return withAgreement({ agreement: { ...agreement, schedule: { ...schedule, amounts } } })
}

const { term } = inForce.agreement.schedule
const day = 24 * 60 * 60 * 1000
const hold: OpenHold = {
  ...{ id: 'hold_1', exchange: 'ex_1', seq: 5, agreement: 1, stage: 'tool', rules: ['4.2#1'] },
  ...{ caller: 'c', call: 'd', subject: 'e', commitments: 'f', asks: ['two-person'], approvals: [] },
  expiresAt: sampleNow + 60_000,
}
const demoReviewer = {
  ...sampleInstallation.registered[0]!,
  key: Buffer.from(rawPublicKey(createPublicKey(demoKey('sample/ada')))).toString('base64'),
}
const demoEnrolled = { ...sampleStanding.reviewers[0]!, key: demoReviewer.key }
const [, second] = sampleStanding.reviewers

const cases: readonly (readonly [
  what: string,
  changes: Partial<Installation>,
  check: string,
  severity: Severity,
  line: RegExp,
])[] = [
  ['data of the other role', { role: 'gate' }, 'role', 'not-ready', /log in \/srv\/servanda\/data is that of a provider’s gate.*--gate/],
  ['a callers file that is gone', { isComplete: false }, 'role', 'not-ready', /callers\.json is missing/],
  ['demonstration signatures', withAgreement({ demo: true }), 'signatures', 'not-ready', /demonstration keys.* signed `sample`/],
  ['a route to a script', withRoute('rehearsal'), 'rehearsal', 'not-ready', /a script and no model answers on route `general`/],
  ['a term that is over', { now: term.until }, 'term', 'not-ready', /the term of `sample` ended on 2030-01-01/],
  ['a term that ends soon', { now: term.until - 59 * day }, 'term', 'warning', /the term of `sample` ends on 2030-01-01/],
  ['a term that has not begun', { now: term.from - day, state: { ...state, lastTime: 0 } }, 'term', 'warning', /begins on 2026-03-01/],
  ['three quarters spent', { state: { ...state, spent: new Map([['sample', 7_875_000]]) } }, 'money', 'warning', /75 % .* 7\.875 of 10\.5 USD/],
  [
    'three quarters spent and reserved',
    { state: { ...state, intents: [{ exchange: 'x', seq: 9, agreement: 'sample', reservedMicros: 7_000_000 }] } },
    'money', 'warning', /76 % .* 8 of 10\.5 USD/,
  ],
  [
    'the share reached that the agreement itself names',
    { ...withWarning(40), state: { ...state, spent: new Map([['sample', 4_200_000]]) } },
    'money', 'warning', /40 % .* 4\.2 of 10\.5 USD/,
  ],
  ['a stop order', withAgreement({ stops: ['stop_1'] }), 'stops', 'warning', /`sample` \(stop_1\).*`servanda resume`/],
  ['keys of callers in the clear', { hasDemoCallerKeys: true }, 'demo-callers', 'not-ready', /demo-callers\.json holds the keys/],
  [
    'a demonstration reviewer',
    { registered: [demoReviewer, sampleInstallation.registered[1]!], standing: { ...standing, reviewers: [demoEnrolled, second!] } },
    'demo-reviewers', 'not-ready', /anyone can make the key of reviewer `ada`/,
  ],
  [
    'a reviewers file that was changed since the start',
    { registered: sampleInstallation.registered.slice(1) },
    'enrolment', 'warning', /reviewers\.json is not what is enrolled/,
  ],
  ['a hold that expires soon', { state: { ...state, holds: [hold] } }, 'holds', 'warning', /1 of 1 open holds expire within 15 minutes/],
  ['a gate on this machine', { settings: { ...settings, gates: 'http://127.0.0.1:8421' } }, 'parties', 'not-ready', /the gate at http:\/\/127\.0\.0\.1:8421 is on this machine/],
  ['data of the other gate', { otherGate: { data: ['/srv/gate'], keys: [] } }, 'parties', 'not-ready', /\/srv\/gate holds data of the other gate/],
  ['keys of the other gate', { otherGate: { data: [], keys: ['/srv/keys'] } }, 'parties', 'not-ready', /keys of the other gate can be read in \/srv\/keys/],
  ['a gate over http', { settings: { ...settings, gates: { meridian: 'http://gate.example' } } }, 'upstreams', 'not-ready', /gate at http:\/\/gate\.example is called over http/],
  ['credentials beside a gate', { credentials: { value: new Set(['general']) } }, 'credentials', 'not-ready', /credential for route `general` is at hand here/],
  ['credentials that others can read', { credentials: { failure: 'upstreams.json is open to others' } }, 'credentials', 'not-ready', /upstreams\.json is open/],
  ['nobody having tried the models', { reachable: null }, 'reachability', 'note', /was not tried.*--probe/],
  ['a model that can be reached', { reachable: ['https://model.example/v1'] }, 'reachability', 'not-ready', /model of route `general` takes connections/],
  ['listening on a network', { settings: { ...settings, host: '0.0.0.0' } }, 'listening', 'not-ready', /0\.0\.0\.0:8420 without TLS/],
  ['a key open to others', { owned: [{ path: places.logKey, mode: 0o640, isDirectory: false }] }, 'key-modes', 'not-ready', /log\.key is open to others.*chmod 600/],
  ['open keys', { owned: [{ path: settings.keys, mode: 0o755, isDirectory: true }] }, 'key-modes', 'not-ready', /keys is open to others.*chmod 700/],
  ['an open socket', { owned: [{ path: places.control, mode: 0o666, isDirectory: false }] }, 'key-modes', 'not-ready', /control\.sock is open to others/],
  ['a guard that others may change', { owned: [{ path: settings.guard, mode: 0o777, isDirectory: true }] }, 'key-modes', 'not-ready', /others may write in .*guard/],
  ['keys within the guard', { settings: { ...settings, keys: `${settings.guard}/keys` } }, 'key-places', 'not-ready', /share a directory/],
  ['keys beside the data', { settings: { ...settings, keys: '/srv/servanda/keys' } }, 'key-places', 'warning', /keys and data lie side by side in \/srv\/servanda/],
  ['another key beside the evidence', { publishedVkey: 'sample+22222222+AAAA' }, 'log-key', 'not-ready', /log\.vkey is not the key that signs/],
  ['no key beside the evidence', { publishedVkey: null }, 'log-key', 'not-ready', /log\.vkey is not the key that signs/],
  ['a key that cannot be read', { logVkey: { failure: 'log.key cannot be read' } }, 'log-key', 'not-ready', /log\.key cannot be read/],
  ['a clock behind the log', { state: { ...state, lastTime: sampleNow + 1500 } }, 'clock', 'not-ready', /the log is 2 s ahead/],
  ['little room', { freeBytes: 10 ** 9 }, 'disk', 'warning', /953 MiB are free/],
  ['no room', { freeBytes: 10 ** 8 }, 'disk', 'not-ready', /95 MiB are free/],
] // prettier-ignore

for (const [what, changes, check, severity, line] of cases) {
  test(`${check} is ${severity} for ${what}`, () => {
    const found = examine({ ...sampleInstallation, ...changes }).filter(([id]) => id === check)
    assert.deepEqual(
      found.map(([, is]) => is),
      [severity],
    )
    assert.match(found[0]![2], line)
  })
}

test('gates and credentials are told of where no provider’s gate is configured', () => {
  const direct = { ...sampleInstallation, settings: { ...settings, gates: null } }
  assert.deepEqual(
    examine(direct).map(([check, severity]) => [check, severity]),
    [
      ['gates', 'not-ready'],
      ['credentials', 'note'],
      ['outside', 'note'],
    ],
  )
  const openly = { ...direct, ...withRoute('http://model.example/v1') }
  assert.match(
    examine(openly).find(([check]) => check === 'upstreams')![2],
    /`general` leads to a model over http/,
  )
  const other = { ...sampleInstallation, settings: { ...settings, gates: { other: 'https://gate.example' } } }
  assert.ok(examine(other).some(([check]) => check === 'gates'))
})

test('money is warned of at the share that the agreement names, and at no other', () => {
  const spent = { state: { ...state, spent: new Map([['sample', 8_000_000]]) } }
  const found = examine({ ...sampleInstallation, ...withWarning(80), ...spent })
  assert.ok(found.every(([check]) => check !== 'money'))
})

test('enrolment sees roles and units of the file that are not those of the ledger', () => {
  const [first, ...rest] = sampleInstallation.registered
  for (const change of [{ roles: ['counsel'] }, { unit: 'ward' }]) {
    const found = examine({ ...sampleInstallation, registered: [{ ...first!, ...change }, ...rest] })
    assert.ok(found.some(([check]) => check === 'enrolment'))
  }
})

test('quorum counts distinct persons of what is enrolled, and not keys', () => {
  const [ada, ben] = sampleStanding.reviewers as [typeof demoEnrolled, typeof demoEnrolled]
  const of = (reviewers: readonly (typeof ada)[]): number =>
    examine({ ...sampleInstallation, standing: { ...standing, reviewers } }).filter(([id]) => id === 'quorum')
      .length
  assert.equal(of([ada, ben]), 0)
  assert.equal(of([ada]), 1)
  assert.equal(of([ada, { ...ben, person: ada.person }]), 1)
  assert.equal(of([ada, { ...ben, agreement: 'other' }]), 1)
  assert.equal(of([]), 2)
})

test('a provider’s gate needs the key of the agency’s log, and not its own in its place', () => {
  const said = (agencyVkey: string | null): string | undefined =>
    examine({ ...sampleGate, agencyVkey }).find(([check]) => check === 'agency-log')?.[2]
  assert.match(said(null) ?? '', /agency\.vkey is missing/)
  assert.match(said(sampleGate.publishedVkey) ?? '', /this gate’s own log/)
})

test('a provider’s gate is told of credentials that it lacks and of models over http', () => {
  const found = examine({
    ...sampleGate,
    credentials: { value: new Set() },
    ...withRoute('http://model.example/v1'),
  })
  assert.match(
    found.find(([check]) => check === 'credentials')?.[2] ?? '',
    /no credential for route `general`/,
  )
  assert.ok(found.some(([check]) => check === 'upstreams'))
})

test('every check has a name of its own', () => {
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length)
})
