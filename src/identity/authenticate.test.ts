import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identityOf } from './authenticate.ts'
import { authenticator, hashApiKey, newApiKey } from './index.ts'
import type { CallerIdentity, RegisteredCaller, Selection } from './index.ts'

const key = newApiKey()
const clerk: RegisteredCaller = {
  id: 'clerk',
  title: 'A clerk',
  keyHash: hashApiKey(key),
  agreements: ['department'],
  units: ['office'],
  chains: [['integrator', 'office']],
  purposes: ['letters'],
  surface: 'console',
  consumer: 'seat',
  provenances: [['own']],
}
const desk: RegisteredCaller = {
  ...clerk,
  id: 'desk',
  keyHash: hashApiKey(newApiKey()),
  units: ['office', 'branch'],
  chains: [['integrator', 'office'], ['integrator']],
  purposes: ['letters', 'translation'],
  provenances: [['own'], ['own', 'bought'], ['own', 'found', 'bought']],
}
const authenticate = authenticator([clerk, desk])

test('authenticate knows the caller by the key', () => {
  for (const header of [`Bearer ${key}`, `bearer ${key}`, `Bearer  ${key}`]) {
    assert.deepEqual(authenticate(header, {}), {
      ok: true,
      caller: {
        id: 'clerk',
        agreements: ['department'],
        unit: 'office',
        chain: ['integrator', 'office'],
        purpose: 'letters',
        surface: 'console',
        consumer: 'seat',
        provenance: ['own'],
      },
    })
  }
})

test('authenticate refuses everything else in the same way', () => {
  const headers = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    key,
    `Basic ${key}`,
    `Bearer ${key} `,
    ` Bearer ${key}`,
    `Bearer ${key}, Bearer ${key}`,
    `Bearer ${key}x`,
    `Bearer ${key.slice(0, -1)}`,
    `Bearer ${newApiKey()}`,
    `Bearer ${clerk.keyHash}`,
    `Bearer SV_${key.slice(3)}`,
    `Bearer sv_${'x'.repeat(100_000)}`,
  ]
  for (const header of headers)
    assert.deepEqual(authenticate(header, {}), { ok: false, code: 'UNAUTHENTICATED' })
})

test('newApiKey has 256 random bits, and its hash is SHA-256', () => {
  assert.match(newApiKey(), /^sv_[A-Za-z0-9_-]{43}$/)
  assert.notEqual(newApiKey(), newApiKey())
  assert.equal(hashApiKey('abc'), 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

const alone: RegisteredCaller = { ...desk, chains: [[], ['integrator']], provenances: [[]] }
const options: RegisteredCaller = { ...desk, provenances: [['own'], ['bought']] }
const selections: readonly (readonly [string, RegisteredCaller, Selection, Partial<CallerIdentity>])[] = [
  ['the only unit needs no selection', clerk, {}, { unit: 'office' }],
  ['the only unit may be selected', clerk, { unit: 'office' }, { unit: 'office' }],
  ['a unit that is not registered', clerk, { unit: 'branch' }, { unit: 'unlisted' }],
  ['an empty unit', clerk, { unit: '' }, { unit: 'unlisted' }],
  ['a unit in capitals', clerk, { unit: 'Office' }, { unit: 'unlisted' }],
  ['two units at once', desk, { unit: 'office, branch' }, { unit: 'unlisted' }],
  ['several units and none selected', desk, {}, { unit: 'unlisted' }],
  ['one of several units', desk, { unit: 'branch' }, { unit: 'branch' }],
  ['several purposes and none selected', desk, {}, { purpose: 'unlisted' }],
  ['one of several purposes', desk, { purpose: 'translation' }, { purpose: 'translation' }],
  ['a purpose from the prototype', desk, { purpose: 'constructor' }, { purpose: 'unlisted' }],
  ['the only chain', clerk, {}, { chain: ['integrator', 'office'] }],
  ['an empty chain that is not registered', clerk, { onBehalfOf: '' }, { chain: ['unlisted'] }],
  ['part of a chain', clerk, { onBehalfOf: 'office' }, { chain: ['unlisted'] }],
  ['a chain in another order', clerk, { onBehalfOf: 'office,integrator' }, { chain: ['unlisted'] }],
  ['several chains and none selected', desk, {}, { chain: ['unlisted'] }],
  [
    'one of several chains',
    desk,
    { onBehalfOf: ' integrator , office ' },
    { chain: ['integrator', 'office'] },
  ],
  ['a registered empty chain is the default', alone, {}, { chain: [] }],
  ['a registered empty chain may be selected', alone, { onBehalfOf: '' }, { chain: [] }],
  ['another chain than the empty one', alone, { onBehalfOf: 'integrator' }, { chain: ['integrator'] }],
  ['what is always present stays', clerk, { provenance: '' }, { provenance: ['own'] }],
  ['a declaration adds', desk, { provenance: 'bought' }, { provenance: ['bought', 'own'] }],
  ['half a set beside a whole one', desk, { provenance: 'found' }, { provenance: ['found', 'own'] }],
  [
    'a declaration that is not registered',
    desk,
    { provenance: 'rumour' },
    { provenance: ['own', 'unlisted'] },
  ],
  [
    'a known and an unknown origin',
    desk,
    { provenance: 'bought,,' },
    { provenance: ['bought', 'own', 'unlisted'] },
  ],
  ['several origins and none declared', options, {}, { provenance: ['unlisted'] }],
  ['one of several origins', options, { provenance: 'bought' }, { provenance: ['bought'] }],
  ['two of several origins', options, { provenance: 'own, bought' }, { provenance: ['bought', 'own'] }],
  ['no origin at all', alone, {}, { provenance: [] }],
]

for (const [name, caller, selection, expected] of selections) {
  test(`identityOf: ${name}`, () => {
    const identity = identityOf(caller, selection)
    assert.deepEqual({ ...identity, ...expected }, identity)
  })
}

const word = fc.constantFrom('a', 'b', 'c', 'd')
const words = fc.uniqueArray(word, { maxLength: 4 })
const sets = fc.array(words, { minLength: 1, maxLength: 4 })
const registered: fc.Arbitrary<RegisteredCaller> = fc
  .record({ units: fc.uniqueArray(word, { minLength: 1 }), chains: sets, purposes: words, provenances: sets })
  .map((lists) => ({ ...clerk, ...lists }))
const header = fc.option(
  fc.oneof(
    fc.string(),
    words.map((list) => list.join(',')),
    fc.constantFrom('unlisted', '__proto__', 'a,a', ',', 'a, e'),
  ),
  { nil: undefined },
)
const selection = fc.record({ unit: header, purpose: header, onBehalfOf: header, provenance: header })

test('no header yields a word that is neither registered nor `unlisted`', () => {
  fc.assert(
    fc.property(registered, selection, (caller, selected) => {
      const identity = identityOf(caller, selected)
      assert.ok([...caller.units, 'unlisted'].includes(identity.unit))
      assert.ok([...caller.purposes, 'unlisted'].includes(identity.purpose))
      assert.ok([...caller.chains, ['unlisted']].some((chain) => String(chain) === String(identity.chain)))
      const origins = new Set([...caller.provenances.flat(), 'unlisted'])
      assert.ok(identity.provenance.every((origin) => origins.has(origin)))
      assert.equal(identity.surface, caller.surface)
      assert.equal(identity.consumer, caller.consumer)
    }),
    { numRuns: 2000 },
  )
})

test('no header takes away what is always present, and each identity is a registered one or has `unlisted`', () => {
  fc.assert(
    fc.property(registered, selection, (caller, selected) => {
      const { chain, provenance } = identityOf(caller, selected)
      const always = caller.provenances[0]!.filter((origin) =>
        caller.provenances.every((set) => set.includes(origin)),
      )
      assert.ok(always.every((origin) => provenance.includes(origin)))
      const whole = caller.provenances.some((set) => set.every((origin) => provenance.includes(origin)))
      assert.ok(whole || provenance.includes('unlisted'))
      if (caller.chains.every((known) => known.length > 0)) assert.ok(chain.length > 0)
    }),
    { numRuns: 2000 },
  )
})
