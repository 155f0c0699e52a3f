import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { CallersFileError, hashApiKey, issueKeys, newApiKey, parseCallers } from './index.ts'

const hash = hashApiKey('sv_x')
const clerk = {
  id: 'clerk',
  title: 'A clerk',
  keyHash: hash,
  agreements: ['department'],
  units: ['office'],
  purposes: ['letters'],
  surface: 'console',
  consumer: 'seat',
  provenances: ['own'],
}

function fileWith(...callers: readonly unknown[]): string {
  return JSON.stringify({ callers })
}

test('parseCallers fills in what may be left out', () => {
  assert.deepEqual(parseCallers(fileWith(clerk), 'callers.json'), [
    { ...clerk, chains: [[]], provenances: [['own']] },
  ])
})

test('parseCallers reads words of provenance as sets of one', () => {
  for (const [written, sets] of [
    [
      ['own', 'bought'],
      [['own'], ['bought']],
    ],
    [[], [[]]],
    [
      [['own', 'bought'], ['own']],
      [['own', 'bought'], ['own']],
    ],
    [[[]], [[]]],
  ]) {
    assert.deepEqual(parseCallers(fileWith({ ...clerk, provenances: written }), 'f')[0]?.provenances, sets)
  }
})

const without = (left: string): object =>
  Object.fromEntries(Object.entries(clerk).filter(([member]) => member !== left))
const draft = without('keyHash')
const other = { ...clerk, id: 'other', keyHash: hashApiKey('sv_y') }
const wrong: readonly (readonly [name: string, text: string, path: string, code?: string])[] = [
  ['text that is not JSON', '{', ''],
  ['a member named twice', '{"callers":[],"callers":[]}', ''],
  ['a list at the top', '[]', ''],
  ['nothing', 'null', ''],
  ['no callers', '{}', 'callers'],
  ['an unknown member at the top', '{"callers":[],"more":1}', 'more'],
  ['callers that are no list', '{"callers":{}}', 'callers'],
  ['a caller that is no object', fileWith(1), 'callers[0]'],
  ['a missing id', fileWith(clerk, without('id')), 'callers[1].id'],
  ['a caller of which no origin is stated', fileWith(without('provenances')), 'callers[0].provenances'],
  ['an origin that is null', fileWith({ ...clerk, provenances: null }), 'callers[0].provenances'],
  ['an unknown member', fileWith({ ...clerk, admin: true }), 'callers[0].admin'],
  ['a member named like the prototype', `{"callers":[{"__proto__":{}}]}`, 'callers[0].__proto__'],
  ['an id in capitals', fileWith({ ...clerk, id: 'Clerk' }), 'callers[0].id'],
  ['a number as unit', fileWith({ ...clerk, units: ['office', 2] }), 'callers[0].units[1]'],
  ['a unit of another form', fileWith({ ...clerk, units: ['a,b'] }), 'callers[0].units[0]'],
  ['no units', fileWith({ ...clerk, units: [] }), 'callers[0].units'],
  ['a unit twice', fileWith({ ...clerk, units: ['a', 'a'] }), 'callers[0].units'],
  ['the reserved word', fileWith({ ...clerk, purposes: ['unlisted'] }), 'callers[0].purposes[0]'],
  ['too many purposes', fileWith({ ...clerk, purposes: Array(257).fill('a') }), 'callers[0].purposes'],
  ['an empty title', fileWith({ ...clerk, title: ' ' }), 'callers[0].title'],
  ['a long title', fileWith({ ...clerk, title: 'x'.repeat(201) }), 'callers[0].title'],
  ['a key in the clear', fileWith({ ...clerk, keyHash: newApiKey() }), 'callers[0].keyHash'],
  ['a digest in capitals', fileWith({ ...clerk, keyHash: hash.toUpperCase() }), 'callers[0].keyHash'],
  ['chains without a chain', fileWith({ ...clerk, chains: [] }), 'callers[0].chains'],
  ['a chain that is a word', fileWith({ ...clerk, chains: ['a'] }), 'callers[0].chains[0]'],
  ['a word in no chain', fileWith({ ...clerk, chains: [['a', 'B']] }), 'callers[0].chains[0][1]'],
  ['words beside sets', fileWith({ ...clerk, provenances: ['a', ['b']] }), 'callers[0].provenances[0]'],
  ['agreements that limit nothing', fileWith({ ...clerk, agreements: [] }), 'callers[0].agreements'],
  ['a surface that is null', fileWith({ ...clerk, surface: null }), 'callers[0].surface'],
  ['an id twice', fileWith(clerk, { ...other, id: 'clerk' }), 'callers[1].id', 'CALLERS_FILE_DUPLICATE'],
  [
    'a key twice',
    fileWith(clerk, { ...other, keyHash: hash }),
    'callers[1].keyHash',
    'CALLERS_FILE_DUPLICATE',
  ],
]

for (const [name, text, path, code = 'CALLERS_FILE_INVALID'] of wrong) {
  test(`parseCallers refuses ${name}`, () => {
    assert.throws(
      () => parseCallers(text, 'callers.json'),
      (error: unknown) => {
        assert.ok(error instanceof CallersFileError)
        assert.deepEqual([error.code, error.file, error.path], [code, 'callers.json', path])
        assert.ok(error.message.startsWith('callers.json: '))
        assert.ok(!error.message.includes(hash))
        return true
      },
    )
  })
}

test('parseCallers throws nothing but its own error', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (top, caller) => {
      for (const text of [top, `{"callers":${top}}`, `{"callers":[${caller}]}`]) {
        try {
          parseCallers(text, 'f')
        } catch (error) {
          assert.ok(error instanceof CallersFileError)
        }
      }
    }),
  )
})

test('issueKeys makes a file that parseCallers reads and whose hashes are of the keys', () => {
  const drafts = JSON.stringify([draft, { ...draft, id: 'other', chains: [['a', 'b']] }])
  const { callersFile, keys } = issueKeys(drafts, 'drafts.json')
  const callers = parseCallers(callersFile, 'callers.json')
  assert.deepEqual([...keys.keys()], ['clerk', 'other'])
  for (const caller of callers) assert.equal(caller.keyHash, hashApiKey(keys.get(caller.id)!))
  assert.ok([...keys.values()].every((key) => !callersFile.includes(key)))
})

test('issueKeys refuses a list that has keys already, and the same id twice', () => {
  assert.throws(() => issueKeys(JSON.stringify([clerk]), 'f'), {
    code: 'CALLERS_FILE_INVALID',
    path: '[0].keyHash',
  })
  assert.throws(() => issueKeys(JSON.stringify([draft, draft]), 'f'), { code: 'CALLERS_FILE_DUPLICATE' })
})

test('issueKeys accepts the callers of the examples', () => {
  const path = new URL('../../examples/demo-callers.json', import.meta.url)
  const { keys } = issueKeys(readFileSync(path), 'demo-callers.json')
  assert.ok(keys.size > 0)
})
