import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, utf8 } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { formatLeaf, parseLeaf, writeLeaf } from './index.ts'
import type { Leaf } from './leaf.ts'
import { sampleLeaf } from './sample-log.ts'
import { agencyStory, amendmentStory, gateStory } from './sample-stories.ts'

const samples = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 34].map(sampleLeaf),
  ...agencyStory,
  ...amendmentStory,
  ...gateStory,
]
const one = (kind: Leaf['kind']) => samples.find((leaf) => leaf.kind === kind)!

test('formatLeaf and parseLeaf are inverse for every kind', () => {
  for (const leaf of samples) assert.deepEqual(parseLeaf(formatLeaf(leaf)), leaf)
  assert.equal(new Set(samples.map(({ kind }) => kind)).size, 16)
})

test('writeLeaf gives the bytes of formatLeaf and the leaf that parseLeaf reads in them', () => {
  for (const leaf of samples) {
    const written = writeLeaf(leaf)
    assert.deepEqual(written.bytes, formatLeaf(leaf))
    assert.deepEqual(written.leaf, parseLeaf(written.bytes))
  }
})

test('formatLeaf refuses an entry that no bundle can hold', () => {
  const activation = one('activation')
  assert.throws(() => formatLeaf({ ...activation, envelope: 'x'.repeat(65_536) } as Leaf), {
    code: 'LEDGER_LEAF_TOO_LARGE',
  })
})

test('parseLeaf refuses any other bytes for the same value', () => {
  const text = Buffer.from(formatLeaf(one('gap'))).toString()
  const others = [
    ` ${text}`,
    `${text}\n`,
    text.replace(':', ': '),
    text.replace('"refusals":3', '"refusals":3.0'),
    text.replace('"refusals":3', '"refusals":3e0'),
    text.replace('"kind"', '"\\u006bind"'),
    text.replace('{', '{"kind":"gap",'),
    `${text.slice(0, -1)},"v":1}`,
    `\ufeff${text}`,
    text.slice(0, -1),
    '',
    'null',
    '[]',
    '7',
    '['.repeat(60_000),
  ]
  for (const other of others)
    assert.throws(() => parseLeaf(utf8(other)), { code: 'LEDGER_LEAF' }, other.slice(0, 60))
  assert.throws(() => parseLeaf(Uint8Array.of(0x22, 0xff, 0x22)), { code: 'LEDGER_LEAF' })
})

function spoiledReviewer(change: Readonly<Record<string, Json | undefined>>): Json {
  const good = { key: 'k', person: 'p', agreement: 'a', levels: [], roles: [], callers: [] }
  const spoilt: Record<string, Json | undefined> = { ...good, ...change }
  const members = Object.entries(spoilt).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return Object.fromEntries(members) as Json
}

/** Changes that make a good leaf a bad one; `undefined` leaves the member out. */
const spoiled: readonly (readonly [Leaf['kind'], Readonly<Record<string, Json | undefined>>])[] = [
  ['opened', { v: 2 }],
  ['opened', { kind: 'unknown' }],
  ['opened', { kind: 'toString' }],
  ['opened', { kind: undefined }],
  ['opened', { seq: -1 }],
  ['opened', { seq: 1.5 }],
  ['opened', { seq: '0' }],
  ['opened', { time: 2 ** 53 }],
  ['opened', { time: undefined }],
  ['opened', { origin: 'a b' }],
  ['opened', { origin: '' }],
  ['opened', { more: true }],
  ['opened', { ['__proto__']: 1 }],
  ['activation', { version: 0 }],
  ['activation', { agreement: 7 }],
  ['activation', { hash: 'sha256:00' }],
  ['activation', { envelope: undefined }],
  ['activation', { demo: false }],
  ['activation', { supersedes: '1' }],
  ['activation', { announced: -1 }],
  ['announced', { agreement: 'department' }],
  ['announced', { version: 0 }],
  ['announced', { hash: undefined }],
  ['announced', { envelope: undefined }],
  ['announced', { demo: false }],
  ['announced', { supersedes: 1 }],
  ['dispute', { id: undefined }],
  ['dispute', { id: '' }],
  ['dispute', { id: 'a b' }],
  ['dispute', { id: 'd'.repeat(65) }],
  ['dispute', { agreement: 'department' }],
  ['dispute', { clause: '' }],
  ['dispute', { envelope: undefined }],
  ['dispute', { lifts: [] }],
  ['intent', { decision: 'deny' }],
  ['intent', { stage: 'later' }],
  ['intent', { rules: '4.2#1' }],
  ['intent', { rules: [1] }],
  ['intent', { commitments: 'AB' }],
  ['intent', { record: undefined }],
  ['intent', { upstream: 'dream' }],
  ['intent', { provider: '' }],
  ['intent', { hold: '' }],
  ['intent', { call: 'c' }],
  ['intent', { text: undefined }],
  ['intent', { text: 'department' }],
  ['intent', { expires: 1 }],
  ['refusal', { expires: '1' }],
  ['outcome', { expires: -1 }],
  ['refusal', { decision: 'allow' }],
  ['refusal', { hold: 4 }],
  ['outcome', { status: 'fine' }],
  ['outcome', { intent: undefined }],
  ['outcome', { status: 'interrupted' }],
  ['hold-expired', { hold: undefined }],
  ['gap', { refusals: -1 }],
  ['opened', { role: 'agency' }],
  ['hold-decided', { verdict: 'abstain' }],
  ['hold-decided', { hold: undefined }],
  ['hold-decided', { envelope: undefined }],
  ['hold-decided', { record: 'sha256:00' }],
  ['reviewers', { reviewers: {} }],
  ['reviewers', { reviewers: [null] }],
  ...(
    [
      { callers: undefined },
      { key: '' },
      { levels: [''] },
      { name: 'n' },
      { roles: 'counsel' },
      { unit: '' },
      { unit: ['ward'] },
    ] as const
  ).map((change) => ['reviewers', { reviewers: [spoiledReviewer(change)] }] as const),
  ['order', { order: 'suspend' }],
  ['order', { id: '' }],
  ['order', { lifts: 'stop_1' }],
  ['order', { agreement: 'department' }],
  ['served', { receipt: '' }],
  ['served', { upstream: undefined }],
  ['served-end', { status: 'completed' }],
  ['served-end', { served: -1 }],
  ['turned-away', { reason: 'tired' }],
  ['turned-away', { count: 0 }],
  ['turned-away', { intents: Array.from({ length: 17 }, (_, i) => i) }],
  ['certificate', { certificate: 'conduct' }],
  ['certificate', { to: undefined }],
]

test('parseLeaf refuses members that are missing, wrong or not of the kind', () => {
  for (const [kind, change] of spoiled) {
    const value = Object.defineProperties(
      { ...one(kind) },
      Object.getOwnPropertyDescriptors(change),
    ) as unknown as Json
    assert.throws(
      () => parseLeaf(utf8(canonicalJson(value))),
      { code: 'LEDGER_LEAF' },
      `${kind} ${JSON.stringify(change)}`,
    )
    assert.throws(() => writeLeaf(value as unknown as Leaf), { code: 'LEDGER_LEAF' })
  }
})

test('writeLeaf refuses what no JSON says', () => {
  const rules = ['4.2#1']
  rules.length = 2
  for (const change of [
    { rules },
    { exchange: '\ud800' },
    { seq: NaN },
    { provider: () => 'p' },
    { time: 1n },
  ]) {
    assert.throws(() => writeLeaf({ ...one('intent'), ...change } as unknown as Leaf))
  }
})

test('an interrupted outcome carries no judgement', () => {
  const interrupted = samples.find((leaf) => leaf.kind === 'outcome' && leaf.status === 'interrupted')
  assert.ok(interrupted)
  const judged = { ...interrupted, decision: 'allow' }
  assert.throws(() => parseLeaf(utf8(canonicalJson(judged))), { code: 'LEDGER_LEAF' })
})
