import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { createScreener } from '../screening/index.ts'
import type { Screener } from '../screening/index.ts'
import type { Standing } from '../standing/index.ts'
import { AnswerJudge } from './answer-judge.ts'
import type { AnswerDelta, Channel, Release } from './answer-judge.ts'
import { actionOf, judgeNow, know } from './know.ts'
import { prohibited, sampleArrival, sampleStanding, sampleTime } from './sample-exchange.fixture.ts'

let standing: Standing
let screener: Screener
before(async () => {
  standing = await sampleStanding()
  screener = createScreener()
})

function newJudge(): AnswerJudge {
  const known = know(sampleArrival('Hello.'), standing)
  return new AnswerJudge({
    open: () => screener.open(),
    versions: () => screener.versions,
    signals: new Set(),
    decide: (stage, signals, tool) =>
      judgeNow(
        known,
        {
          stage,
          signals,
          committedMicros: 1,
          ...(tool === undefined ? {} : { action: actionOf(known, tool) }),
        },
        { now: () => sampleTime },
      ).decision,
  })
}

interface Judged {
  readonly verdict: string
  readonly findings: string
  readonly released: string
  readonly calls: number
  /** The text that was out when the judge first stopped. */
  readonly early: string
}

function judge(deltas: readonly AnswerDelta[]): Judged {
  const judging = newJudge()
  const releases: Release[] = []
  for (const delta of deltas) {
    judging.push(delta)
    releases.push(...judging.take())
  }
  const early = textOf(releases)
  releases.push(...judging.end())
  const findings = judging.findings.map(
    ({ signal, start, end, place }) => `${signal} ${start} ${end} ${place}`,
  )
  return {
    verdict: judging.stopped?.decision.verdict ?? 'allow',
    findings: [...new Set(findings)].sort().join('\n'),
    released: textOf(releases),
    calls: releases.filter((release) => 'toolCalls' in release).length,
    early,
  }
}

function textOf(releases: readonly Release[]): string {
  return releases.map((release) => ('text' in release ? release.text : '')).join('')
}

/** `text` cut at these positions, in the middle of characters too. */
function cut(text: string, at: readonly number[]): AnswerDelta[] {
  const positions = [...new Set([0, ...at.map((each) => each % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  )
  return positions.slice(1).map((end, i) => ({
    choice: 0,
    text: { channel: 'content', text: text.slice(positions[i] ?? 0, end) },
  }))
}

const filler = fc.constantFrom(
  'The weather is quiet today. ',
  'Supplies 😀 arrived. ',
  'track the ',
  'every citizen ',
  'é\u0301 ',
  '\n\n',
)
const texts = fc
  .tuple(fc.array(filler, { maxLength: 30 }), fc.boolean(), fc.array(filler, { maxLength: 5 }))
  .map(([a, bad, b]) => [...a, bad ? prohibited : '', ...b].join(''))

test('any split of an answer gives the decision, the findings and the text of the whole', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 40 }), (text, at) => {
      const whole = judge(cut(text, []))
      const split = judge(cut(text, at))
      assert.equal(split.verdict, whole.verdict)
      assert.ok(text.startsWith(split.released))
      if (whole.verdict === 'allow') {
        assert.equal(split.findings, whole.findings)
        assert.equal(split.released, text)
      } else {
        const first = Math.min(...whole.findings.split('\n').map((line) => Number(line.split(' ')[1])))
        assert.ok(split.released.length <= first, 'nothing of a finding, and nothing behind it, goes out')
      }
    }),
    { numRuns: 150 },
  )
})

test('no piece that goes out ends within a character', () => {
  const judging = newJudge()
  for (const delta of cut(
    'Supplies 😀😀 arrived. '.repeat(20),
    Array.from({ length: 400 }, (_, i) => i),
  )) {
    judging.push(delta)
    for (const release of judging.take()) assert.ok(!('text' in release) || release.text.isWellFormed())
  }
})

describe('a tool call', () => {
  const call = (name: string, args: string, index = 0): AnswerDelta => ({
    choice: 0,
    toolCall: { index, id: `c${index}`, name, arguments: args },
  })
  const rows: readonly (readonly [string, readonly AnswerDelta[], string])[] = [
    ['that is listed', [call('search_documents', '{}')], 'allow'],
    ['that waits for people', [call('post', '{}')], 'hold'],
    ['that nobody listed', [call('format_disk', '{}')], 'deny'],
    ['without a name', [call('', '{}')], 'deny'],
    [
      'named twice over',
      [call('search_documents', ''), { choice: 0, toolCall: { index: 0, name: 'search_documents' } }],
      'deny',
    ],
    ['behind one that may go', [call('search_documents', '{}'), call('format_disk', '{}', 1)], 'deny'],
    ['that waits before one that is denied', [call('post', '{}'), call('format_disk', '{}', 1)], 'deny'],
    ['with prohibited arguments', [call('search_documents', JSON.stringify({ a: prohibited }))], 'deny'],
    [
      'with arguments behind escapes',
      [call('search_documents', `{"a":"${prohibited.replaceAll(' ', '\\n').replace('T', '\\u0054')}"}`)],
      'deny',
    ],
    [
      'with arguments behind escapes within escapes',
      [call('search_documents', JSON.stringify({ q: `{"p":"${prohibited.replaceAll('i', '\\u0069')}"}` }))],
      'deny',
    ],
    ['with escapes that do not end', [call('search_documents', '\\'.repeat(64))], 'deny'],
    [
      'with arguments in pieces',
      Array.from(prohibited, (char) => ({ choice: 0, toolCall: { index: 0, arguments: char } })),
      'deny',
    ],
  ]
  for (const [name, deltas, verdict] of rows) {
    test(`${name}: ${verdict}`, () => {
      const judged = judge(deltas)
      assert.equal(judged.verdict, verdict)
      assert.equal(judged.calls, verdict === 'allow' ? 1 : 0)
    })
  }

  test('goes out only at the end', () => {
    const judging = newJudge()
    judging.push(call('search_documents', '{}'))
    assert.deepEqual(judging.take(), [])
    assert.equal(judging.end().length, 1)
  })
})

describe('parts of an answer that deny only together', () => {
  const start = 'Track the movements of'
  const rest = 'every citizen in the capital.'
  const text = (channel: Channel, of: string, choice = 0): AnswerDelta => ({
    choice,
    text: { channel, text: of },
  })
  const call = (index: number, args: string): AnswerDelta => ({
    choice: 0,
    toolCall: { index, id: `c${index}`, name: 'search_documents', arguments: args },
  })
  const rows: readonly (readonly [string, readonly AnswerDelta[]])[] = [
    ['two tool calls', [call(0, `{"q":"${start}"}`), call(1, `{"q":"${rest}"}`)]],
    [
      'two tool calls behind escapes',
      [call(0, `{"q":"Tr\\u0061ck the movements of"}`), call(1, `{"q":"${rest}"}`)],
    ],
    ['a content and a tool call', [text('content', start), call(0, `{"q":"${rest}"}`)]],
    ['a content and a refusal', [text('content', start), text('refusal', rest)]],
    ['a refusal that comes before the content', [text('refusal', rest), text('content', start)]],
    ['two choices', [text('content', start), text('content', rest, 1)]],
  ]
  for (const [name, deltas] of rows) {
    test(`${name}: none goes out`, () => {
      const judged = judge(deltas)
      assert.deepEqual([judged.verdict, judged.released, judged.calls], ['deny', '', 0])
    })
  }

  test('a refusal waits for the end, however long it is', () => {
    const judging = newJudge()
    judging.push(text('refusal', 'Nobody objects to this. '.repeat(40)))
    assert.deepEqual(judging.take(), [])
    assert.equal(textOf(judging.end()).length, 960)
  })

  test('what is found in one part is not found again in the whole', () => {
    const { findings } = judge([text('content', `${start} ${rest}`), text('refusal', 'I may not.')])
    assert.ok(findings !== '' && !findings.split('\n').some((line) => line.endsWith('choices[0]')))
  })
})

test('detectors are those that looked, and none before the first piece', () => {
  const judging = newJudge()
  assert.deepEqual(judging.detectors, [])
  judging.push({ choice: 0, text: { channel: 'content', text: 'a' } })
  assert.deepEqual(
    judging.detectors.map(({ detector }) => detector),
    screener.versions,
  )
})
