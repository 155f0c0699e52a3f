/** What is kept back is the end and nothing else, and no byte is lost or moved. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { holdEndMark, holdLastPiece } from './end-mark.ts'
import type { Holdback } from './end-mark.ts'

function run(holdback: Holdback, pieces: readonly string[]) {
  const out = pieces.map((piece) => Buffer.from(holdback.take(Buffer.from(piece))).toString())
  return { out: out.join(''), rest: Buffer.from(holdback.rest).toString() }
}

/** The text in pieces, cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...[...places].sort((a, b) => a - b), text.length]
  return at.slice(1).map((end, i) => text.slice(at[i], end))
}

const stream = 'data: {"d":"data: [DONE]"}\n\ndata: da\n\nddata: \n\ndata: [DONE]\n\n'

test('holdEndMark keeps the end mark, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (places) => {
      const { out, rest } = run(holdEndMark(), cut(stream, places))
      assert.equal(rest, 'data: [DONE]\n\n')
      assert.equal(out + rest, stream)
    }),
  )
})

test('holdEndMark lets an event go at once that does not look like the end', () => {
  const holdback = holdEndMark()
  for (const event of ['data: {"a":1}\n\n', ': a comment\n\n', 'data: []\n\n', '\n']) {
    assert.equal(Buffer.from(holdback.take(Buffer.from(event))).toString(), event)
  }
})

test('holdEndMark keeps no more than a mark and its line ends', () => {
  for (const tail of ['data: [DONE] ', 'data: [DONE]\n\ndata: 1', `data: [DONE]${'\n'.repeat(9)}`]) {
    const { out, rest } = run(holdEndMark(), [tail])
    assert.deepEqual([out, rest], [tail, ''])
  }
  for (const tail of ['d', 'data', 'data: [DON', 'data: [DONE]', 'data: [DONE]\r\n\r\n']) {
    const { out, rest } = run(holdEndMark(), [`x\n${tail}`])
    assert.deepEqual([out, rest], ['x\n', tail])
  }
})

test('both lose and move nothing, whatever the pieces are', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('data: [DONE]', 'data', '\n', ': [DONE]\n\n', 'd'))
  fc.assert(
    fc.property(fc.array(piece), fc.constantFrom(holdEndMark, holdLastPiece), (pieces, hold) => {
      const { out, rest } = run(hold(), pieces)
      assert.equal(out + rest, pieces.map((one) => Buffer.from(one).toString()).join(''))
    }),
  )
})
