/** Holds over a real recorder and a clock of the test's own: what is approved runs once, in time, and nothing else. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonicalJson, demoKey, digestOf, signerFromKey } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { EnrolledReviewer } from '../ledger/index.ts'
import { signDecision } from '../oversight/index.ts'
import { MemoryRows, MemoryStore } from '../recorder/memory-store.ts'
import { openRecorder } from '../recorder/open-recorder.ts'
import { temporaryDirectory } from '../recorder/temporary-directory.ts'
import type { OpenHold, Recorder } from '../recorder/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { Sequencer } from '../recorder/sequencer.ts'
import { pseudonym } from '../records/index.ts'
import { buildStanding } from '../standing/index.ts'
import { requireAgreement, sampleText } from '../agreement/sample-agreement.ts'
import { demoKeyName, signOrder } from '../agreement/index.ts'
import { runExchange } from './exchange.ts'
import {
  FakeReply,
  envelopeOf,
  sampleArrival,
  sampleCaller,
  sampleTime,
  scene,
  wholeAnswer,
} from './sample-exchange.fixture.ts'
import type { Scene, Script } from './sample-exchange.fixture.ts'

const body = `### 4.2 Sending waits

\`\`\`cedar
forbid (principal, action == Action::"send", resource)
unless { context.approvals.contains(Level::"two-person") };
\`\`\`

### 4.3 Some data waits

\`\`\`cedar
forbid (principal, action, resource)
when { context.provenance.contains(Provenance::"purchased") }
unless { context.approvals.contains(Level::"official") };
\`\`\`
`
const watched = 'Advice on whom to strike first tomorrow: the bridge.'
const textOf = (of: string): string =>
  sampleText({
    body: of,
    lines: { levels: '{ two-person: { persons: 2, clause: "2" }, official: { clause: "2" } }' },
  })
const post = { id: 'call_1', type: 'function', function: { name: 'post', arguments: '{"to":"Ü"}' } }
const callsPost: Script = () => wholeAnswer({ content: null, tool_calls: [post] }, 'tool_calls')
const origin = 'example.org/log'
const people = ['ada', 'ben'].map((id) => ({ id, signer: signerFromKey(demoKey(id)) }))
const reviewers: readonly EnrolledReviewer[] = people.map(({ id, signer }) => ({
  key: Buffer.from(signer.publicKey).toString('base64'),
  person: id,
  agreement: 'sample',
  levels: ['official', 'two-person'],
  roles: [],
  callers: [],
}))

interface Waiting extends AsyncDisposable {
  readonly on: Scene
  readonly sequencer: Sequencer
  time: number
  /** Runs the call and gives what its caller sees. */
  ask(content?: string, redeems?: string, provenance?: readonly string[]): Promise<FakeReply>
  hold(): OpenHold
  approve(...who: readonly number[]): Promise<void>
}

async function waiting(script: Script = callsPost, other: { readonly body?: string } = {}): Promise<Waiting> {
  const text = textOf(other.body ?? body)
  const directory = await temporaryDirectory()
  let time = sampleTime
  const clock = { now: () => time }
  const { sequencer } = await openRecorder({
    ...{ store: new MemoryStore(new MemoryRows()), clock, signer: people[0]!.signer, origin },
    ...{ directory: `${directory.path}/evidence`, guardDirectory: `${directory.path}/guard` },
  })
  const agreement = requireAgreement(text)
  const envelope = await envelopeOf(agreement)
  const leaf = { agreement: 'sample', version: 1, hash: agreement.hash, envelope }
  const activation = { text, judgedUnder: -1, notBefore: 0, leaf: { kind: 'activation', ...leaf } } as const
  await sequencer.record({ op: 'activate', activation }, 1)
  await sequencer.record({ op: 'note', leaf: { kind: 'reviewers', reviewers } }, 1)
  const on = scene(buildStanding(sequencer.standing(), time), script)
  const lease = {
    require: () => buildStanding(sequencer.standing(), time, on.standing ?? undefined),
    renew: () => Promise.resolve(),
  }
  const deps = { ...on.deps, clock, lease, recorder: recorderOf(sequencer) }
  return {
    on: { ...on, deps },
    sequencer,
    get time() {
      return time
    },
    set time(now) {
      time = now
    },
    async ask(content = 'Please send the note.', redeems, provenance) {
      const reply = new FakeReply([])
      const arrival = {
        ...sampleArrival(content),
        ...(provenance ? { caller: { ...sampleCaller, provenance } } : {}),
        exchange: `ex_${digestOf(`${Math.random()}`).slice(7, 29)}`,
        ...(redeems === undefined ? {} : { redeems }),
      }
      await runExchange(arrival, deps, reply)
      return reply
    },
    hold() {
      const [hold] = sequencer.holds()
      assert.ok(hold)
      return hold
    },
    async approve(...who) {
      for (const i of who) await decide(sequencer, i)
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

async function decide(sequencer: Sequencer, who: number): Promise<void> {
  const [hold] = sequencer.holds()
  assert.ok(hold)
  const { id, exchange, subject, asks } = hold
  const statement = {
    ...{ v: 1 as const, hold: id, exchange, origin, subject, verdict: 'approve' as const },
    ...{ levels: asks, reason: digestOf('because'), decided: new Date(sampleTime).toISOString() },
  }
  const envelope = (await signDecision(statement, people[who]!.signer)) as unknown as Json
  const sealed = Buffer.from('a reason')
  const leaf = {
    ...{ kind: 'hold-decided' as const, exchange, hold: id, verdict: 'approve' as const, envelope },
    ...{ commitments: '0'.repeat(64), record: digestOf(sealed) },
  }
  await sequencer.record({ op: 'decideHold', decision: { leaf, sealed } }, 1)
}

function recorderOf(
  sequencer: Sequencer,
): Pick<Recorder, 'reserve' | 'release' | 'admit' | 'refuse' | 'settle' | 'sealed'> {
  return {
    reserve: (agreement, micros, call) => Promise.resolve(sequencer.reserve(agreement, micros, 1, call)),
    release: (id) => sequencer.release(id),
    admit: (admission) => sequencer.record({ op: 'admit', admission }, 1),
    refuse: (refusal) => sequencer.record({ op: 'refuse', refusal }, 1),
    settle: (settlement) => sequencer.record({ op: 'settle', settlement }, 1),
    sealed: (seq) => sequencer.sealed(seq),
  }
}

const clausesOf = ({ body: answer }: FakeReply): readonly string[] =>
  (answer as unknown as { error: { servanda: { clauses: { id: string }[] } } }).error.servanda.clauses.map(
    ({ id }) => id,
  )

describe('a hold', () => {
  test('is redeemed once, with what was shown, and without a model', async () => {
    await using stage = await waiting()
    assert.equal((await stage.ask()).status, 423)
    const { id } = stage.hold()
    assert.equal((await stage.ask()).status, 423)
    await stage.approve(0)
    assert.equal((await stage.ask(undefined, id)).status, 423)
    await stage.approve(1)
    const given = await stage.ask(undefined, id)
    assert.equal(given.status, 200, given.text)
    assert.ok(given.text.includes(JSON.stringify(post.function.arguments)))
    assert.equal(stage.on.sent.length, 1, 'the model was called for the first call alone')
    const again = await stage.ask(undefined, id)
    assert.deepEqual([again.status, clausesOf(again)], [403, ['system.holds']])
  })

  test('is not redeemed after its time', async () => {
    await using stage = await waiting()
    await stage.ask()
    const { id, expiresAt } = stage.hold()
    await stage.approve(0, 1)
    stage.time = expiresAt
    const late = await stage.ask(undefined, id)
    assert.deepEqual([late.status, clausesOf(late)], [403, ['system.holds']])
  })

  test('is not redeemed after an order, even when that was lifted', async () => {
    await using stage = await waiting()
    await stage.ask()
    const { id } = stage.hold()
    await stage.approve(0, 1)
    await order(stage.sequencer, { id: 'order_1', order: 'stop', lifts: [] }, ['agency'])
    const stopped = await stage.ask(undefined, id)
    assert.deepEqual([stopped.status, clausesOf(stopped)], [403, ['system.order']])
    await order(stage.sequencer, { id: 'order_2', order: 'resume', lifts: ['order_1'] }, [
      'agency',
      'provider',
    ])
    const resumed = await stage.ask(undefined, id)
    assert.deepEqual([resumed.status, clausesOf(resumed)], [403, ['system.holds']])
  })

  test('is not redeemed when its sealed record is gone or altered', async () => {
    await using stage = await waiting()
    await stage.ask()
    const { id } = stage.hold()
    await stage.approve(0, 1)
    const { recorder } = stage.on.deps
    for (const sealed of [null, Buffer.from('SVR1 nothing')]) {
      const deps = { ...stage.on.deps, recorder: { ...recorder, sealed: () => Promise.resolve(sealed) } }
      const reply = new FakeReply([])
      await runExchange({ ...sampleArrival('Please send the note.'), redeems: id }, deps, reply)
      assert.deepEqual([reply.status, clausesOf(reply)], [403, ['system.holds']])
    }
    assert.equal((await stage.ask(undefined, id)).status, 200)
  })

  test('is not redeemed by approvals of people who are enrolled no more', async () => {
    await using stage = await waiting()
    await stage.ask()
    const { id } = stage.hold()
    await stage.approve(0, 1)
    const [ada] = reviewers
    await stage.sequencer.record({ op: 'note', leaf: { kind: 'reviewers', reviewers: [ada!] } }, 1)
    assert.equal((await stage.ask(undefined, id)).status, 423)
  })

  test('of a request lifts no act that nobody was shown, though the same rule holds it', async () => {
    const search = { ...post, function: { name: 'search_documents', arguments: '{"about":"a person"}' } }
    let calls = 0
    await using stage = await waiting(() => {
      calls++
      return wholeAnswer({ content: null, tool_calls: [search] }, 'tool_calls')
    })
    const ask = async (redeems?: string): Promise<FakeReply> => {
      const reply = new FakeReply([])
      const arrival = sampleArrival('What is known?')
      const caller = { ...arrival.caller, provenance: ['purchased'] }
      const exchange = `ex_${calls}${redeems ?? ''}`
      const again = redeems === undefined ? {} : { redeems }
      await runExchange({ ...arrival, ...again, caller, exchange }, stage.on.deps, reply)
      return reply
    }
    assert.deepEqual([(await ask()).status, calls, stage.hold().stage], [423, 0, 'request'])
    await stage.approve(0)
    assert.deepEqual([(await ask(stage.hold().id)).status, calls], [423, 1])
    assert.equal(stage.hold().stage, 'tool', 'the act waits as an act, with its arguments to be seen')
    await stage.approve(0)
    const given = await ask(stage.hold().id)
    assert.deepEqual([given.status, calls], [200, 1])
    assert.ok(given.text.includes('search_documents'))
  })

  test('of a request does not cover what is found in its answer', async () => {
    await using stage = await waiting(() => wholeAnswer({ content: watched }), {
      body: `### 4.2 Watching waits

\`\`\`cedar
forbid (principal, action, resource)
when { context.findings.contains(Signal::"force-advice") || context.provenance.contains(Provenance::"purchased") }
unless { context.approvals.contains(Level::"official") };
\`\`\`
`,
    })
    const ask = (redeems?: string) => stage.ask('What is known?', redeems, ['purchased'])
    assert.deepEqual([(await ask()).status, stage.hold().stage], [423, 'request'])
    await stage.approve(0)
    const answered = await ask(stage.hold().id)
    assert.deepEqual([answered.status, stage.hold().stage], [423, 'answer'])
    assert.ok(!answered.text.includes(watched))
    await stage.approve(0)
    assert.equal((await ask(stage.hold().id)).status, 200)
  })

  test('of an answer asks again for what its request was approved for, so that it can be redeemed', async () => {
    await using stage = await waiting(callsPost, {
      body: `### 4.2 Sending waits

\`\`\`cedar
forbid (principal, action == Action::"send", resource)
unless { context.approvals.contains(Level::"two-person") };

forbid (principal, action == Action::"generate", resource)
when { context.stage == Stage::"request" && context.provenance.contains(Provenance::"purchased") }
unless { context.approvals.contains(Level::"official") };
\`\`\`
`,
    })
    const ask = (redeems?: string) => stage.ask('Please send it.', redeems, ['purchased'])
    await ask()
    await stage.approve(0)
    await ask(stage.hold().id)
    assert.deepEqual(stage.hold().asks, ['official', 'two-person'])
    await stage.approve(0, 1)
    assert.equal((await ask(stage.hold().id)).status, 200)
  })

  for (const [name, change] of [
    ['a later end', { expiresAt: sampleTime + 7_200_000 }],
    ['another caller', { caller: 'f'.repeat(64) }],
    ['fewer levels', { asks: ['official'] }],
  ] as const) {
    test(`whose row was given ${name} is redeemed by nobody`, async () => {
      await using stage = await waiting()
      await stage.ask()
      const { id } = stage.hold()
      await stage.approve(0, 1)
      const { recorder } = stage.on.deps
      const reserve = async (...asked: Parameters<Recorder['reserve']>) => {
        const { hold, ...reserved } = await recorder.reserve(...asked)
        return hold ? { ...reserved, hold: { ...hold, ...change } } : reserved
      }
      const reply = new FakeReply([])
      const arrival = { ...sampleArrival('Please send the note.'), redeems: id }
      await runExchange(arrival, { ...stage.on.deps, recorder: { ...recorder, reserve } }, reply)
      assert.deepEqual([reply.status, clausesOf(reply)], [403, ['system.holds']])
    })
  }

  test('opened twice at once is one hold', async () => {
    await using stage = await waiting()
    const both = await Promise.all([stage.ask(), stage.ask()])
    assert.equal(stage.sequencer.holds().length, 1)
    // One of the two had called a model already when the other opened the hold: its answer is not kept.
    assert.deepEqual(both.map(({ status }) => status).sort(), [403, 423])
  })

  test('names its caller and its call by keyed digests', async () => {
    await using stage = await waiting()
    await stage.ask()
    const hold = stage.hold()
    assert.equal(hold.caller, pseudonym(stage.on.deps.recordKey, 'caller', 'a-clerk-of-the-clinic'))
    assert.ok(!canonicalJson(hold as unknown as Json).includes('clerk'))
  })
})

async function order(
  sequencer: Sequencer,
  what: { readonly id: string; readonly order: 'stop' | 'resume'; readonly lifts: readonly string[] },
  parties: readonly string[],
): Promise<void> {
  const order = {
    ...{ v: 1 as const, agreement: 'sample', text: digestOf(textOf(body)), reason: digestOf('r'), ...what },
    issued: '2026-06-01T00:00:00.000Z',
  }
  const signers = parties.map((party) => signerFromKey(demoKey(demoKeyName('sample', party))))
  const envelope = (await signOrder(order, signers)) as unknown as Json
  const leaf = { kind: 'order' as const, ...what, agreement: 1, envelope }
  await sequencer.record({ op: 'note', leaf }, 1)
}

test('a request that an order overtakes is refused by the order', async () => {
  await using stage = await waiting(() => wholeAnswer({ content: 'Gladly.' }))
  const before = stage.on.deps.lease.require()
  let asked = 0
  const lease = {
    // Known as it was before the order; the recorder knows better.
    require: () => (asked++ < 3 ? before : buildStanding(stage.sequencer.standing(), stage.time)),
    renew: () => {
      asked = 9
      return Promise.resolve()
    },
  }
  await order(stage.sequencer, { id: 'order_1', order: 'stop', lifts: [] }, ['provider'])
  const reply = new FakeReply([])
  await runExchange(sampleArrival('Hello.'), { ...stage.on.deps, lease }, reply)
  assert.deepEqual([reply.status, clausesOf(reply)], [403, ['system.order']])
  assert.equal(stage.on.sent.length, 0)
})

test('a recorder that refuses twice ends in no answer', async () => {
  await using stage = await waiting(() => wholeAnswer({ content: 'Gladly.' }))
  const admit = () => Promise.reject(new RecorderError('RECORDER_SUPERSEDED', 'again'))
  const deps = { ...stage.on.deps, recorder: { ...stage.on.deps.recorder, admit } }
  await assert.rejects(runExchange(sampleArrival('Hello.'), deps, new FakeReply([])), {
    code: 'RECORDER_SUPERSEDED',
  })
  assert.equal(stage.on.sent.length, 0)
})
