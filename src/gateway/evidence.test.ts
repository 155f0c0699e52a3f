import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRecord, wrappingKey } from '../records/index.ts'
import { createScreener } from '../screening/index.ts'
import type { PlacedFinding } from '../screening/index.ts'
import { intentEvidence, outcomeEvidence, refusalEvidence } from './evidence.ts'
import { judgeNow, know } from './know.ts'
import {
  prohibited,
  sampleArrival,
  sampleCaller,
  sampleStanding,
  sampleTime,
} from './sample-exchange.fixture.ts'

const key = wrappingKey(Buffer.alloc(32, 7))

test('a leaf names rules and versions, and holds nobody and no word of the exchange in clear', async () => {
  const standing = await sampleStanding()
  const known = know(sampleArrival(prohibited), standing)
  const screening = await createScreener().screen(known.chat.parts)
  const signals = new Set(screening.findings.map(({ signal }) => signal))
  const { decision } = judgeNow(
    known,
    { stage: 'request', signals, committedMicros: 5 },
    { now: () => sampleTime },
  )
  const evidence = {
    stage: 'request',
    decision,
    ...screening,
    micros: 5,
    sent: Buffer.from('sent'),
    content: { request: known.chat.tree },
  } as const
  const steps = [
    intentEvidence(known, evidence, key),
    refusalEvidence(known, evidence, key, 'hold_1'),
    outcomeEvidence(known, evidence, key, { intent: 1, status: 'stopped' }),
  ]
  const { id, unit, purpose, surface, consumer } = sampleCaller
  for (const { leaf, sealed } of steps) {
    const text = JSON.stringify(leaf)
    for (const word of [
      id,
      unit,
      purpose,
      surface,
      consumer,
      'citizen',
      'population-watch',
      'general',
      'large',
    ]) {
      assert.ok(!text.includes(`"${word}`) && !text.includes(`${word}"`), word)
      assert.ok(!Buffer.from(sealed).includes(word), word)
    }
    const place = { origin: 'example.org/log', exchange: 'ex_sample', step: leaf.kind } as const
    const opened = openRecord(sealed, place, key, leaf.commitments)
    assert.equal(opened.fields.caller, id)
    assert.match(opened.fields.findings, /population-watch/)
  }
  assert.deepEqual(steps[1]?.leaf.rules, ['4.1#1'])
  const [intent] = steps
  assert.equal(intent?.leaf.kind === 'intent' && intent.leaf.text, known.inForce?.agreement.hash)
})

test('a record lists the first findings of each signal by each detector and counts the rest, once', async () => {
  const known = know(sampleArrival('Hello.'), await sampleStanding())
  const finding = (signal: string, start: number): PlacedFinding => ({
    ...{ signal, score: 0.5, view: 'normalised', start, end: start + 1 },
    ...{ detector: 'patterns@1', place: 'messages[0].content' },
  })
  const many = Array.from({ length: 5000 }, (_, i) => finding('population-watch', i))
  const { decision } = judgeNow(
    known,
    { stage: 'request', signals: new Set(), committedMicros: 5 },
    { now: () => sampleTime },
  )
  const { leaf, sealed } = intentEvidence(
    known,
    {
      ...{ stage: 'request', decision, findings: [...many, finding('force-advice', 7)], detectors: [] },
      ...{ micros: 5, content: { request: known.chat.tree } },
    },
    key,
  )
  const place = { origin: 'example.org/log', exchange: 'ex_sample', step: 'intent' } as const
  const opened = openRecord(sealed, place, key, leaf.commitments)
  const listed = JSON.parse(opened.fields.findings) as readonly object[]
  assert.deepEqual(listed.slice(0, 64), many.slice(0, 64))
  assert.deepEqual(listed.slice(64), [
    finding('force-advice', 7),
    { signal: 'population-watch', detector: 'patterns@1', more: 4936 },
  ])
  assert.ok(sealed.length < 20_000)
})
