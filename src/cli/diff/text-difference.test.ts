import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passagesOf, unifiedPatch } from './text-difference.ts'
import type { Cell, TextOfFile } from './text-difference.ts'

function textOf(text: string): TextOfFile {
  return { file: 'file.md', text }
}

/** `3 one [two]`: the line's number, and in brackets what the other side does not have. */
function shown(cell: Cell | null): string {
  if (cell === null) return ''
  return `${cell.line} ${cell.pieces.map(({ text, same }) => (same ? text : `[${text}]`)).join('')}`
}

function rowsOf(old: string, young: string): unknown {
  const passages = passagesOf(textOf(old), textOf(young))
  return passages?.map((rows) => rows.map(({ before, after }) => [shown(before), shown(after)]))
}

test('passagesOf sets lines beside each other and marks the words that differ', () => {
  assert.deepEqual(rowsOf('a\nthe old word\nb\n', 'a\nthe new word\nb\n'), [
    [
      ['1 a', '1 a'],
      ['2 the [old] word', '2 the [new] word'],
      ['3 b', '3 b'],
    ],
  ])
})

test('passagesOf leaves a side empty where the other has more lines, and counts on', () => {
  assert.deepEqual(rowsOf('a\nb\n', 'a\nx\ny\nb\n'), [
    [
      ['1 a', '1 a'],
      ['', '2 [x]'],
      ['', '3 [y]'],
      ['2 b', '4 b'],
    ],
  ])
  assert.deepEqual(rowsOf('a\nx\nb', 'a\nb'), [
    [
      ['1 a', '1 a'],
      ['2 [x]', ''],
      ['3 b', '2 b'],
    ],
  ])
})

test('passagesOf parts what lies far from each other', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`)
  const changed = lines.with(2, 'two').with(17, 'seventeen')
  assert.equal(passagesOf(textOf(lines.join('\n')), textOf(changed.join('\n')))?.length, 2)
})

test('two texts with too little in common are not set side by side', () => {
  const numbered = (word: string): TextOfFile =>
    textOf(Array.from({ length: 6_000 }, (_, i) => `${word} ${i}`).join('\n'))
  assert.equal(passagesOf(numbered('a'), numbered('b')), null)
  assert.equal(unifiedPatch(numbered('a'), numbered('b')), null)
})

test('unifiedPatch is empty for one text, and else a patch with the names of the files', () => {
  assert.equal(unifiedPatch(textOf('a\n'), textOf('a\n')), '')
  assert.equal(
    unifiedPatch({ file: 'old.md', text: 'a\n' }, { file: 'new.md', text: 'b\n' }),
    '--- old.md\n+++ new.md\n@@ -1,1 +1,1 @@\n-a\n+b\n',
  )
})
