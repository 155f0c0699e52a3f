import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sampleText } from '../agreement/sample-agreement.ts'
import type { SampleParts } from '../agreement/sample-agreement.ts'
import { demoKey, digestOf, signerFromKey } from '../base/index.ts'
import { gateBeside, requireSameAgency } from './child-gate.ts'
import { initialise, initialiseGate, isInitialised, requireInitialised } from './initialise.ts'
import type { Initialisation } from './initialise.ts'
import { readAgencyLog, readVkey } from './key-files.ts'
import { placesOf } from './places.ts'
import type { Places } from './places.ts'
import { readSettings } from './settings.ts'

function demoPublicKey(name: string): string {
  return Buffer.from(signerFromKey(demoKey(name)).publicKey).toString('base64')
}

/** A place with a blank in its name, as folders of people have. */
function newPlace() {
  const directory = join(mkdtempSync(join(tmpdir(), 'servanda-init-')), 'my folder')
  mkdirSync(directory)
  const settings = readSettings({
    SERVANDA_DATA: join(directory, 'data'),
    SERVANDA_KEYS: join(directory, 'keys'),
    SERVANDA_GUARD: join(directory, 'guard'),
  })
  const callers = join(directory, 'callers.json')
  const caller = { id: 'clerk', title: 'Clerk', agreements: ['sample'], units: ['ward'], chains: [[]] }
  const rest = { purposes: ['care'], surface: 'console', consumer: 'seat', provenances: [[]] }
  writeFileSync(callers, JSON.stringify([{ ...caller, ...rest }]))
  const agreement = (parts: SampleParts = {}, name = 'agreement.md'): string => {
    const path = join(directory, name)
    writeFileSync(path, sampleText(parts))
    return path
  }
  const init = (changes: Partial<Initialisation> = {}) =>
    initialise(settings, { agreements: [agreement()], callers, demo: true, ...changes })
  return { settings, places: placesOf(settings), agreement, init }
}

test('initialise makes a place that can be served, and files that only their owner reads', async () => {
  const { settings, places, init } = newPlace()
  assert.throws(() => requireInitialised(settings), { code: 'INIT_MISSING' })
  const keys = await init()
  assert.deepEqual([...keys.keys()], ['clerk'])
  assert.ok(isInitialised(settings))
  assert.equal(statSync(settings.keys).mode & 0o077, 0)
  assert.doesNotMatch(readFileSync(places.callers, 'utf8'), new RegExp(keys.get('clerk')!))
  assert.deepEqual(readdirSync(places.evidence).sort(), ['checkpoint', 'log.vkey', 'tile'])
})

test('requireInitialised says where the data of the other gate lie', async () => {
  const { settings: agency, places, agreement, init } = newPlace()
  await init()
  const here = `in ${agency.data} lie the data of an agency's gate: run \`servanda serve\`, or name other directories`
  assert.throws(() => requireInitialised({ ...agency, role: 'gate' }), {
    code: 'INIT_MISSING',
    message: here,
  })
  const gate = gateBeside(agency)
  await initialiseGate(gate, { agreements: [agreement()], demo: true, agencyVkey: places.logVkey })
  assert.throws(() => requireInitialised({ ...gate, role: 'agency' }), {
    code: 'INIT_MISSING',
    message: /lie the data of a provider's gate: run `servanda gate`/,
  })
})

test('initialiseGate makes a gate that knows one agency, with no callers and no key for records', async () => {
  const { settings: agency, places: agencyPlaces, agreement, init } = newPlace()
  await init()
  const beside = gateBeside(agency)
  const places = placesOf(beside)
  const given = { agreements: [agreement()], demo: true, agencyVkey: agencyPlaces.logVkey }
  assert.throws(() => requireInitialised(beside), /servanda init --gate/)
  await initialiseGate(beside, given)
  requireInitialised(beside)
  requireSameAgency(beside, agency)
  assert.deepEqual(readAgencyLog(beside).name, readVkey(agencyPlaces.logVkey).name)
  assert.deepEqual(readdirSync(beside.keys), ['log.key'])
  assert.ok(!existsSync(places.callers))
  assert.notEqual(readFileSync(places.logVkey, 'utf8'), readFileSync(places.agencyVkey, 'utf8'))
  await assert.rejects(initialiseGate(beside, given), { code: 'INIT_EXISTS' })
})

test('initialiseGate refuses a key that is none, and makes nothing', async () => {
  const { settings: agency, agreement } = newPlace()
  const beside = gateBeside(agency)
  const path = agreement()
  const given = { agreements: [path], demo: true, agencyVkey: path }
  await assert.rejects(initialiseGate(beside, given), { code: 'KEY_FILE_UNREADABLE' })
  assert.ok(!existsSync(beside.data))
})

test('requireSameAgency refuses a gate of another agency', async () => {
  const [one, other] = [newPlace(), newPlace()]
  await Promise.all([one.init(), other.init()])
  const beside = gateBeside(one.settings)
  const given = { agreements: [one.agreement()], demo: true, agencyVkey: other.places.logVkey }
  await initialiseGate(beside, given)
  assert.throws(() => requireSameAgency(beside, one.settings), { code: 'INIT_EXISTS' })
})

test('initialise changes nothing where something is', async () => {
  const { places, init } = newPlace()
  await init()
  const before = readFileSync(places.logKey)
  await assert.rejects(init(), { code: 'INIT_EXISTS' })
  assert.deepEqual(readFileSync(places.logKey), before)
})

test('initialise begins anew where another was interrupted, and until then nothing is served', async () => {
  const { settings, places, init } = newPlace()
  mkdirSync(settings.data)
  mkdirSync(settings.keys)
  writeFileSync(join(settings.data, 'initialising'), '')
  writeFileSync(places.logKey, 'half a k')
  writeFileSync(places.database, 'half a database')
  writeFileSync(places.callers, '{}')
  assert.throws(() => requireInitialised(settings), { code: 'INIT_MISSING', message: /interrupted/ })
  await init()
  assert.ok(isInitialised(settings))
  assert.ok(!existsSync(join(settings.data, 'initialising')))
})

test('initialise begins anew where another came to its last file and not to its end', async () => {
  const { settings, init } = newPlace()
  await init()
  writeFileSync(join(settings.data, 'initialising'), '2\n')
  assert.throws(() => requireInitialised(settings), { code: 'INIT_MISSING', message: /interrupted/ })
  await init()
  assert.ok(isInitialised(settings))
})

test('initialise erases nothing that was in use, though a marker stands beside it', async () => {
  const { settings, places, agreement, init } = newPlace()
  await init()
  const gate = gateBeside(settings)
  const given = { agreements: [agreement()], demo: true, agencyVkey: places.logVkey }
  await initialiseGate(gate, given)
  const kinds: readonly [typeof settings, () => Promise<unknown>][] = [
    [settings, init],
    [gate, () => initialiseGate(gate, given)],
  ]
  for (const [each, begin] of kinds) {
    const { logKey, database } = placesOf(each)
    // Put there by hand, and left by an initialisation that wrote less than the log has now.
    for (const marked of ['', '1\n', '999999999\n']) {
      writeFileSync(join(each.data, 'initialising'), marked)
      const before = [readFileSync(logKey), readFileSync(database)]
      const refusal = {
        code: 'INIT_EXISTS',
        message: /last-signed covers 2 entries; .*Remove .*initialising/,
      }
      assert.throws(() => requireInitialised(each), refusal)
      await assert.rejects(begin(), refusal)
      assert.deepEqual([readFileSync(logKey), readFileSync(database)], before)
    }
    rmSync(join(each.data, 'initialising'))
    requireInitialised(each)
  }
})

test('initialise takes any one sign of use for enough', async () => {
  const signs: readonly [string, (places: Places) => readonly string[], RegExp][] = [
    ['the guard alone', ({ callers, evidence }) => [callers, evidence], /last-signed covers 2/],
    ['the evidence alone', ({ callers, guard }) => [callers, guard], /checkpoint covers 2/],
    ['the callers alone', ({ evidence, guard }) => [evidence, guard], /callers\.json is complete/],
  ]
  for (const [what, lost, message] of signs) {
    const { settings, places, init } = newPlace()
    await init()
    for (const path of lost(places)) rmSync(path, { recursive: true })
    writeFileSync(join(settings.data, 'initialising'), '')
    await assert.rejects(init(), { code: 'INIT_EXISTS', message }, what)
  }
  const { settings, places, init } = newPlace()
  await init()
  writeFileSync(join(settings.data, 'initialising'), '2\n')
  writeFileSync(join(places.guard, 'last-signed'), 'half a note')
  await assert.rejects(init(), { code: 'INIT_EXISTS', message: /last-signed cannot be read/ })
})

test('initialise refuses what cannot be in force, and writes nothing', async () => {
  const { settings, agreement, init } = newPlace()
  const known = 'population-watch: { clause: "4.1" }, force-advice: { clause: "4.1" }'
  const unseen = `{ ${known}, strange: { clause: "4.1" } }`
  const other = {
    id: 'other',
    agencyKeys: [demoPublicKey('other/agency')],
    providerKeys: [demoPublicKey('other/provider')],
  }
  const refusals: readonly [string, Partial<Initialisation>, RegExp][] = [
    ['a mistake', { agreements: [agreement({ id: 'Bad' }, 'bad.md')] }, /bad\.md:\d+:\d+: AGREEMENT_ID/],
    ['no signature', { demo: false, agreements: [agreement()] }, /not signed: .*signatures\.json is missing/],
    [
      'version 2 alone',
      { agreements: [agreement({ version: 2, previous: `sha256:${'0'.repeat(64)}` }, 'v2.md')] },
      /before/,
    ],
    [
      'a route that two agreements claim',
      { agreements: [agreement(), agreement(other, 'other.md')] },
      /route `\S+` is claimed by/,
    ],
    [
      'a signal that nothing finds',
      { agreements: [agreement({ lines: { signals: unseen } }, 'unseen.md')] },
      /no detector finds `strange`/,
    ],
  ]
  for (const [what, changes, message] of refusals) {
    await assert.rejects(init(changes), { code: 'INIT_AGREEMENT', message }, what)
    assert.ok(!existsSync(settings.data), what)
  }
})

test('initialise puts all versions into force in their order, one that loosens too: nothing was judged before', async () => {
  const { agreement, init, places } = newPlace()
  const officer = (name: string): string => `{ keys: ["${demoPublicKey(name)}"] }`
  const signers = (party: string): string =>
    `{ officer: ${officer(`sample/${party}`)}, counsel: ${officer(`sample/${party}/counsel`)} }`
  const parties = ['agency', 'provider']
    .map((party) => `  ${party}: { role: ${party}, clause: "1", signers: ${signers(party)}, threshold: 1 }`)
    .join('\n')
  const lines = { parties: `\n${parties}` }
  const first = agreement({ lines }, 'v1.md')
  const previous = digestOf(readFileSync(first))
  const amounts = '{ currency: USD, ceiling: 200, allotted: 20, clause: "8" }'
  const second = agreement({ version: 2, previous, lines: { ...lines, amounts } }, 'v2.md')
  await init({ agreements: [first, second] })
  using database = new DatabaseSync(places.database, { readOnly: true })
  const rows = database.prepare('SELECT version, envelope FROM activations ORDER BY seq').all()
  assert.deepEqual(
    rows.map(({ version, envelope }) => [
      version,
      (JSON.parse(String(envelope)) as { signatures: unknown[] }).signatures.length,
    ]),
    [
      [1, 4],
      [2, 4],
    ],
  )
})
