/** A file that people write: every mistake in it is told with the path to it, by the error of its reader. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parsePlace,
  requireItems,
  requireMembers,
  requireTitle,
  requireWord,
  requireWords,
} from './json-place.ts'
import type { JsonPlace } from './json-place.ts'

class SampleMistake extends Error {
  readonly path: string

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }
}

const place = (text: string): JsonPlace => parsePlace(text, (...of) => new SampleMistake(...of))

test('a place reads members, items, words and titles', () => {
  const member = requireMembers(
    place('{"list":[{"id":"a-1"}],"title":"A title"}'),
    ['list', 'title'],
    ['more'],
  )
  const [item] = requireItems(member('list'), 1)
  assert.equal(item?.path, 'list[0]')
  assert.equal(requireWord(requireMembers(item, ['id'])('id')), 'a-1')
  assert.equal(requireTitle(member('title')), 'A title')
  assert.deepEqual([member('more').path, member('more').value], ['more', undefined])
  assert.deepEqual(requireWords(place('["a","b"]'), 1), ['a', 'b'])
})

test('requireWords reads each word as it is told to', () => {
  const upper = (item: JsonPlace): string => requireWord(item).toUpperCase()
  assert.deepEqual(requireWords(place('["a"]'), 1, upper), ['A'])
})

const mistakes: readonly (readonly [string, path: string, read: () => unknown])[] = [
  ['text that is no strict JSON', '', () => place('{"a":1,"a":1}')],
  ['a list where an object is needed', '', () => requireMembers(place('[]'), [])],
  ['an unknown member', 'b', () => requireMembers(place('{"b":1}'), [], ['a'])],
  ['a member that is missing', 'a', () => requireMembers(place('{}'), ['a'])],
  ['a member that only every object has', 'toString', () => requireMembers(place('{}'), ['toString'])],
  ['an object where a list is needed', '', () => requireItems(place('{}'), 1)],
  ['too many items', '', () => requireItems(place('[1,2]'), 1)],
  ['a word in capitals', '[1]', () => requireWords(place('["a","B"]'), 0)],
  ['a word of 64 characters', '', () => requireWord(place(JSON.stringify('a'.repeat(64))))],
  ['no word', '', () => requireWords(place('[]'), 1)],
  ['a word twice', '', () => requireWords(place('["a","a"]'), 0)],
  ['a title of blanks', '', () => requireTitle(place('" "'))],
  ['a title of 201 characters', '', () => requireTitle(place(JSON.stringify('a'.repeat(201))))],
]

for (const [what, path, read] of mistakes) {
  test(`a place refuses ${what}, and says where`, () => {
    assert.throws(read, (error) => error instanceof SampleMistake && error.path === path)
  })
}
