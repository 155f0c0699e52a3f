/** Past decisions judged again: which counts come out, and that nothing is passed over in silence. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleFacts } from '../decision/sample-facts.ts'
import { requireAgreement, sampleBody, sampleText } from '../agreement/sample-agreement.ts'
import { demoKeyName, signDispute, underDispute } from '../agreement/index.ts'
import type { Dispute } from '../agreement/index.ts'
import { canonicalJson, demoKey, digestOf, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { decide, formatJudgedActs, prepare } from '../decision/index.ts'
import type { Facts, JudgedAct, Prepared } from '../decision/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { committedFields, sealRecord, wrappingKey } from '../records/index.ts'
import type { FieldValues } from '../records/index.ts'
import type { AgreementInForce } from '../standing/index.ts'
import { replay } from './replay.ts'
import type { ReplayDeps } from './replay.ts'
import type { ReplayReport } from './replay-report.ts'

const origin = 'gateway.example/ledger'
const recordKey = wrappingKey(Buffer.alloc(32, 5))
const agreement = requireAgreement(sampleText())
const prepared = prepare(agreement)
const other = prepare(requireAgreement(sampleText({ id: 'other' })))
/** Batches are prohibited, sending needs another level, and what was bought is no longer refused. */
const stricter = requireAgreement(
  sampleText({
    body: `${sampleBody.slice(0, sampleBody.indexOf('### 4.3')).replace('"two-person"', '"official"')}
### 4.4 No work on the wards

\`\`\`cedar
forbid (principal in Unit::"ward", action, resource);
\`\`\`
`,
  }),
)
const inForce: AgreementInForce = {
  ...{ entry: 1, agreement, signed: agreement, prepared, demo: true, stops: [], disputes: [] },
}
const activated = { seq: 1, time: 0, judgedBefore: false, text: agreement.text, envelope: null }
const none: ReadonlySet<string> = new Set()
const facts: Facts = { ...sampleFacts, unit: 'clinic', chain: [] }

interface StepChanges {
  readonly act?: Partial<JudgedAct>
  /** Laid over what the entry says. */
  readonly leaf?: object
  /** Null for a record without facts. */
  readonly content?: null
  /** What it was decided by. */
  readonly by?: Prepared
}

/** Writes entries as a gate would, with their sealed records. */
class Log {
  readonly leaves: Leaf[] = [{ v: 1, kind: 'opened', origin, seq: 0, time: 0 }]
  readonly sealed = new Map<number, Uint8Array>()

  get next(): { readonly v: 1; readonly seq: number; readonly time: number } {
    return { v: 1, seq: this.leaves.length, time: this.leaves.length * 10 }
  }

  add(leaf: Leaf): number {
    this.leaves.push(leaf)
    return leaf.seq
  }

  /** What was decided by these facts. */
  step(
    kind: 'intent' | 'refusal' | 'outcome',
    exchange: string,
    { act = {}, leaf = {}, content, by = prepared }: StepChanges = {},
  ): number {
    const judged: JudgedAct = { facts, findings: none, approvals: none, ...act }
    const { verdict, citations } = decide(by, judged.facts, judged.findings, judged.approvals)
    const fields = Object.fromEntries(committedFields.map((name) => [name, name])) as FieldValues
    const { sealed, commitments } = sealRecord(
      {
        fields: { ...fields, unit: judged.facts.unit },
        content: content === null ? {} : { facts: formatJudgedActs([judged]) },
      },
      { origin, exchange, step: kind },
      recordKey,
    )
    const { seq } = this.next
    this.sealed.set(seq, sealed)
    return this.add({
      ...this.next,
      ...{ kind, exchange, agreement: 1, stage: judged.facts.stage, decision: verdict },
      ...{ rules: citations.map(({ rule }) => rule), commitments, record: digestOf(sealed) },
      ...(kind === 'intent' ? { text: agreement.hash } : {}),
      ...(kind === 'outcome' ? { intent: seq - 1, status: 'completed' } : {}),
      ...leaf,
    } as unknown as Leaf)
  }

  async replay(
    under = agreement,
    changes: Partial<ReplayDeps> = {},
    [since, until] = [0, 1e9],
  ): Promise<ReplayReport> {
    const { leaves, sealed } = this
    const deps: ReplayDeps = {
      standing: {
        origin,
        agreements: new Map([['sample', inForce]]),
        read: new Map([
          [1, { ...inForce, activated }],
          [9, { ...inForce, agreement: other.agreement, activated }],
        ]),
      },
      disputes: [],
      published: () =>
        Promise.resolve({
          size: leaves.length,
          lastTime: leaves.at(-1)?.time ?? 0,
          async *since(time: number) {
            const later = leaves.filter((leaf) => leaf.time >= time)
            for (let at = 0; at < later.length; at += 5) yield await Promise.resolve(later.slice(at, at + 5))
          },
        }),
      sealed: (seq) => Promise.resolve(sealed.get(seq) ?? null),
      recordKey,
      signal: new AbortController().signal,
      ...changes,
    }
    return replay({ agreement: under, since, until }, deps)
  }
}

const onWard: Partial<JudgedAct> = { facts: { ...facts, unit: 'ward' } }
const sending: Partial<JudgedAct> = { facts: { ...facts, stage: 'tool', action: 'send' }, tool: 'post' }
const bought: Partial<JudgedAct> = { facts: { ...facts, provenance: ['purchased'] } }

/** Two calls of the clinic, one of a ward, one with bought data that is refused, and one that waits. */
function someDays(): Log {
  const log = new Log()
  log.step('intent', 'ex_1')
  log.step('outcome', 'ex_1', { act: { facts: { ...facts, stage: 'answer' } } })
  log.step('intent', 'ex_2', { act: onWard })
  log.step('outcome', 'ex_2', { act: { facts: { ...facts, unit: 'ward', stage: 'answer' } } })
  log.step('refusal', 'ex_3', { act: bought })
  log.step('intent', 'ex_4')
  log.step('outcome', 'ex_4', { act: sending, leaf: { status: 'stopped', hold: 'hold_1', expires: 5e9 } })
  return log
}

test('under the same text nothing changes, and every decision is given again', async () => {
  const report = await someDays().replay()
  assert.deepEqual(report.judged, {
    ...{ total: 7, same: 7, sameByOthers: 0, nowAllowed: 0, nowHeld: 0, nowDenied: 0 },
    unreproducible: 0,
  })
  assert.deepEqual([report.decisions, report.changes, report.unreproducible], [7, [], []])
  assert.deepEqual(report.before, [{ entry: 1, version: 1, hash: agreement.hash }])
  assert.deepEqual(report.covered, { size: 8, time: 70 })
})

test('under another text the changes are counted by clauses and units, and what would not have been is set apart', async () => {
  const report = await someDays().replay(stricter)
  assert.deepEqual(report.judged, {
    ...{ total: 6, same: 3, sameByOthers: 0, nowAllowed: 1, nowHeld: 1, nowDenied: 1 },
    unreproducible: 0,
  })
  assert.equal(report.notJudged['not-reached'], 1, 'the end of the call of the ward')
  assert.deepEqual(
    report.changes.map(({ from, to, count, units, places }) => [from, to, count, units, places]),
    [
      [
        { verdict: 'allow', clauses: ['3'] },
        { verdict: 'deny', clauses: ['4.4'] },
        1,
        { ward: 1 },
        [{ entry: 3, exchange: 'ex_2' }],
      ],
      [
        { verdict: 'deny', clauses: ['4.3'] },
        { verdict: 'allow', clauses: ['3'] },
        1,
        { clinic: 1 },
        [{ entry: 5, exchange: 'ex_3' }],
      ],
      [
        { verdict: 'hold', clauses: ['4.2'] },
        { verdict: 'hold', clauses: ['4.2'] },
        1,
        { clinic: 1 },
        [{ entry: 7, exchange: 'ex_4' }],
      ],
    ],
  )
  assert.deepEqual(report.units, [
    { unit: 'clinic', total: 5, same: 3, nowAllowed: 1, nowHeld: 1, nowDenied: 0 },
    { unit: 'ward', total: 1, same: 0, nowAllowed: 0, nowHeld: 0, nowDenied: 1 },
  ])
})

test('only the period counts, its end not included', async () => {
  const log = someDays()
  assert.equal((await log.replay(agreement, {}, [30, 60])).decisions, 3)
  assert.equal((await log.replay(agreement, {}, [71, 1e9])).decisions, 0)
})

test('what no rule decided is counted apart, and what belongs to another agreement is none of it', async () => {
  const log = new Log()
  log.step('refusal', 'ex_1', { leaf: { decision: 'deny', rules: ['system.order#always'] } })
  log.step('refusal', 'ex_2', { act: sending, leaf: { hold: 'hold_1' } })
  log.step('intent', 'ex_3')
  log.add({ ...log.next, kind: 'outcome', status: 'interrupted', exchange: 'ex_3', intent: 3 })
  log.step('intent', 'ex_4', { leaf: { agreement: 9 } })
  log.add({ ...log.next, kind: 'outcome', status: 'interrupted', exchange: 'ex_4', intent: 5 })
  log.add({ ...log.next, kind: 'gap', refusals: 3 })
  const report = await log.replay()
  assert.deepEqual(report.notJudged, { 'by-system': 1, repeats: 1, interrupted: 1, 'not-reached': 0 })
  assert.deepEqual([report.decisions, report.judged.total, report.judged.same], [4, 1, 1])
})

test('what does not open, or holds no facts, is counted with its reason', async () => {
  const log = new Log()
  const gone = log.step('intent', 'ex_1')
  log.sealed.delete(gone)
  const altered = log.step('intent', 'ex_2')
  log.sealed.set(altered, Buffer.concat([log.sealed.get(altered)!, Buffer.from('x')]))
  log.step('intent', 'ex_3', { content: null })
  log.step('intent', 'ex_4', { leaf: { agreement: 77 } })
  const exchanged = log.step('intent', 'ex_5')
  const leaf = log.leaves[exchanged]
  assert.ok(leaf?.kind === 'intent')
  log.leaves[exchanged] = { ...leaf, exchange: 'ex_6' }
  const report = await log.replay()
  assert.deepEqual(report.unreadable, { gone: 1, altered: 2, 'other-key': 0, 'no-facts': 1, 'no-version': 1 })
  assert.deepEqual([report.decisions, report.judged.total], [5, 0])
  const otherKey = wrappingKey(Buffer.alloc(32, 6))
  assert.equal((await someDays().replay(agreement, { recordKey: otherKey })).unreadable['other-key'], 7)
})

test('a decision that its own version does not give again is named, and nothing is said of it', async () => {
  const log = someDays()
  const entry = log.step('refusal', 'ex_9', { leaf: { decision: 'deny', rules: ['4.1#1'] } })
  const report = await log.replay(stricter)
  assert.equal(report.judged.unreproducible, 1)
  assert.deepEqual(report.unreproducible, [{ entry, exchange: 'ex_9' }])
  assert.equal(
    report.changes.flatMap(({ places }) => places).some((place) => place.entry === entry),
    false,
  )
})

test('what was decided under a dispute is given again under it, and the new version acts under what it leaves open', async () => {
  const dispute: Dispute = {
    v: 1,
    ...{ id: 'dispute_1', agreement: 'sample', text: agreement.hash, clause: '4.2', reading: '' },
    ...{ reason: digestOf('reason'), issued: '2026-03-02T09:00:00.000Z' },
  }
  const signer = signerFromKey(demoKey(demoKeyName('sample', 'provider')))
  const envelope = (await signDispute(dispute, [signer])) as unknown as Json
  const acting = underDispute(agreement, [dispute])
  const log = new Log()
  log.step('refusal', 'ex_1', { act: sending, leaf: { hold: 'hold_1', expires: 5e9 } })
  log.step('refusal', 'ex_2', { act: sending, by: prepare(acting) })
  const disputes = [{ seq: 2, agreement: 1, envelope }]
  const without = await log.replay()
  assert.equal(without.judged.unreproducible, 1)
  const standing = {
    origin,
    read: new Map([[1, { ...inForce, activated }]]),
    agreements: new Map([['sample', { ...inForce, disputes: [{ entry: 2, dispute, parties: ['agency'] }] }]]),
  }
  const { judged } = await log.replay(agreement, { disputes, standing })
  assert.deepEqual([judged.unreproducible, judged.same, judged.nowDenied], [0, 1, 1])
  const settled = (await log.replay(stricter, { disputes, standing })).judged
  assert.deepEqual([settled.unreproducible, settled.nowHeld], [0, 2])
})

test('a replay names no word of what was recorded but units, entries and exchanges', async () => {
  const text = canonicalJson((await someDays().replay(stricter)) as never)
  for (const word of ['purchased', 'console', 'caller', 'large']) assert.ok(!text.includes(word), word)
})

test('a replay under an agreement that is not in force here is refused, and ends when nobody waits for it', async () => {
  const log = someDays()
  await assert.rejects(log.replay(other.agreement), { code: 'CONTROL_NOT_FOUND' })
  await assert.rejects(log.replay(agreement, { signal: AbortSignal.abort() }), { code: 'CONTROL_REQUEST' })
})
