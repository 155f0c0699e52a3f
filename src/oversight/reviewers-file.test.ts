import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pseudonym, wrappingKey } from '../records/index.ts'
import { sampleReviewer } from './sample-hold.fixture.ts'
import { ReviewersFileError, enrolled, parseReviewers } from './index.ts'

const newKey = (): string => sampleReviewer('x').enrolled.key
const ada = {
  id: 'ada-official',
  title: 'Official',
  person: 'ada',
  key: newKey(),
  agreement: 'sample',
  levels: ['official'],
}
const ben = {
  ...ada,
  id: 'ben',
  person: 'ben',
  key: newKey(),
  roles: ['counsel'],
  unit: 'legal-office',
  callers: ['clerk'],
}
const fileWith = (...reviewers: readonly unknown[]): string => JSON.stringify(reviewers)

test('parseReviewers fills in what may be left out', () => {
  assert.deepEqual(parseReviewers(fileWith(ada, ben), 'f'), [{ ...ada, roles: [], callers: [] }, ben])
  assert.deepEqual(parseReviewers(fileWith(), 'f'), [])
})

test('parseReviewers lets a person have several keys, and one key for several agreements', () => {
  const more = [
    { ...ada, id: 'ada-second-key', key: newKey() },
    { ...ada, id: 'ada-other', agreement: 'other' },
  ]
  assert.equal(parseReviewers(fileWith(ada, ...more), 'f').length, 3)
})

const without = (left: string): object =>
  Object.fromEntries(Object.entries(ada).filter(([member]) => member !== left))
const wrong: readonly (readonly [what: string, text: string, path: string, code?: string])[] = [
  ['text that is not JSON', '{', ''],
  ['a member named twice', '[{"id":"a","id":"a"}]', ''],
  ['an object at the top', '{}', ''],
  ['nothing', 'null', ''],
  ['a reviewer that is no object', fileWith(1), '[0]'],
  ['an unknown member', fileWith({ ...ada, level: 'official' }), '[0].level'],
  ...['id', 'title', 'person', 'key', 'agreement', 'levels'].map(
    (member) => [`no ${member}`, fileWith(ben, without(member)), `[1].${member}`] as const,
  ),
  ['a title of blanks', fileWith({ ...ada, title: ' ' }), '[0].title'],
  ['a person that is no word', fileWith({ ...ada, person: 'Ada' }), '[0].person'],
  ['no level', fileWith({ ...ada, levels: [] }), '[0].levels'],
  ['one level twice', fileWith({ ...ada, levels: ['a', 'a'] }), '[0].levels'],
  ['a role that is no word', fileWith({ ...ada, roles: ['Counsel'] }), '[0].roles[0]'],
  ['one role twice', fileWith({ ...ada, roles: ['a', 'a'] }), '[0].roles'],
  ['roles that are no list', fileWith({ ...ada, roles: 'counsel' }), '[0].roles'],
  ['a unit that is no word', fileWith({ ...ada, unit: null }), '[0].unit'],
  ['two units', fileWith({ ...ada, unit: ['a', 'b'] }), '[0].unit'],
  ['a caller that is no word', fileWith({ ...ada, callers: [1] }), '[0].callers[0]'],
  ['a key of 31 bytes', fileWith({ ...ada, key: Buffer.alloc(31).toString('base64') }), '[0].key'],
  ['a key in hex', fileWith({ ...ada, key: '0'.repeat(64) }), '[0].key'],
  ['a key for which anyone can sign', fileWith({ ...ada, key: Buffer.alloc(32).toString('base64') }), '[0].key'],
  ['a key that is no point of the curve', fileWith({ ...ada, key: Buffer.alloc(32, 2).toString('base64') }), '[0].key'],
  ['more than 100', fileWith(...Array.from({ length: 101 }, () => ada)), ''],
  ['one id twice', fileWith(ada, { ...ben, id: ada.id }), '[1].id', 'REVIEWERS_FILE_DUPLICATE'],
  ['one key of two persons', fileWith(ada, { ...ben, key: ada.key, agreement: 'other' }), '[1].key', 'REVIEWERS_FILE_DUPLICATE'],
  ['one key twice for one agreement', fileWith(ada, { ...ada, id: 'again' }), '[1].key', 'REVIEWERS_FILE_DUPLICATE'],
] // prettier-ignore

for (const [what, text, path, code = 'REVIEWERS_FILE_INVALID'] of wrong) {
  test(`parseReviewers refuses ${what}, and says where`, () => {
    assert.throws(
      () => parseReviewers(text, 'reviewers.json'),
      (error) => error instanceof ReviewersFileError && error.code === code && error.path === path,
    )
  })
}

test('parseReviewers throws its own error on whatever it is given, but for an empty list', () => {
  const read = (source: string | Uint8Array): unknown => {
    try {
      return parseReviewers(source, 'f')
    } catch (error) {
      return error
    }
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (source) => {
      const result = read(source)
      if (!(result instanceof ReviewersFileError)) assert.deepEqual(result, [])
    }),
  )
})

test('enrolled names nobody, and one person alike under all keys', () => {
  const key = wrappingKey(Buffer.alloc(32, 1))
  const second = { ...ada, id: 'ada-second', key: newKey() }
  const list = enrolled(parseReviewers(fileWith(ada, second, ben), 'f'), (kind, id) =>
    pseudonym(key, kind, id),
  )
  assert.equal(list[0]?.person, list[1]?.person)
  assert.notEqual(list[0]?.person, list[2]?.person)
  assert.deepEqual(list[2]?.callers, [pseudonym(key, 'caller', 'clerk')])
  assert.deepEqual(
    list.map(({ roles, unit }) => [roles, unit]),
    [
      [undefined, undefined],
      [undefined, undefined],
      [['counsel'], 'legal-office'],
    ],
  )
  const words = JSON.stringify(list.map(({ person, callers }) => [person, callers]))
  assert.doesNotMatch(words, /ada|ben|clerk/)
})
