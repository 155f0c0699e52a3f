/** A control server over a real sequencer in memory, with one agreement in force, for tests. */
import type { FastifyInstance } from 'fastify'
import {
  demoKeyName,
  reasonDigest,
  requireSignable,
  signOrder,
  signStatement,
  statementOf,
} from '../agreement/index.ts'
import type { Order } from '../agreement/index.ts'
import { canonicalJson, demoKey, digestOf, signerFromKey } from '../base/index.ts'
import type { Json, Signer } from '../base/index.ts'
import { parseLeaf } from '../ledger/index.ts'
import type { Leaf } from '../ledger/index.ts'
import { enrolled, newSubject, signDecision, subjectDigest } from '../oversight/index.ts'
import type { DecisionStatement, HoldSubject, RegisteredReviewer } from '../oversight/index.ts'
import { sampleAgreement, sampleSubject } from '../oversight/sample-hold.fixture.ts'
import { MemoryRows, MemoryStore } from '../recorder/memory-store.ts'
import { readTree } from '../recorder/read-tree.ts'
import { HeldClock, origin, signer as logSigner } from '../recorder/sample-asks.ts'
import { Sequencer } from '../recorder/sequencer.ts'
import { committedFields, pseudonym, sealRecord, wrappingKey } from '../records/index.ts'
import type { FieldValues } from '../records/index.ts'
import type { ActivationDeps, ControlDeps } from './control-deps.ts'
import { createControl } from './control-server.ts'
import { credentialHeader, signRequest } from './reviewer-credential.ts'

export const recordKey = wrappingKey(Buffer.alloc(32, 5))
export const sampleSalt = Buffer.alloc(32, 6).toString('base64')
export const reviewerSigner = (name: string): Signer => signerFromKey(demoKey(name))

/** Of the sample agreement, by the names of their demonstration keys. */
export const reviewers: readonly RegisteredReviewer[] = [
  reviewer('ada'),
  { ...reviewer('ada-again'), person: 'ada' },
  reviewer('ben'),
  { ...reviewer('cleo'), levels: ['official'] },
  { ...reviewer('clerk'), callers: ['clerk'] },
  { ...reviewer('far'), agreement: 'other' },
  { ...reviewer('counsel'), levels: ['joint'], roles: ['counsel'] },
  { ...reviewer('nurse'), levels: ['joint'], roles: ['reviewers'], unit: 'ward' },
  { ...reviewer('matron'), levels: ['joint'], roles: ['reviewers'], unit: 'clinic' },
]

function reviewer(id: string): RegisteredReviewer {
  const key = Buffer.from(reviewerSigner(id).publicKey).toString('base64')
  const levels = ['official', 'two-person']
  return { id, title: `Reviewer ${id}`, person: id, key, agreement: 'sample', levels, roles: [], callers: [] }
}

interface Ask {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Json
  /** Name of the demonstration key that signs the request. */
  readonly as?: string
}

export interface Answered {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>> & { readonly error?: { readonly code: string } }
}

export interface ControlStage {
  readonly app: FastifyInstance
  readonly clock: HeldClock
  readonly recorder: ControlDeps['recorder']
  readonly faults: readonly unknown[]
  ask(ask: Ask): Promise<Answered>
  leaves(): Leaf[]
  /** Opens a hold and answers what it is about; `shown` is sealed in its place. */
  hold(changes?: Partial<HoldSubject>, shown?: Json): Promise<HoldSubject>
}

/** Without cedar and without detectors, which take long and are not what these tests are about. */
export const sampleActivation: ActivationDeps = {
  examine: (agreement) =>
    Promise.resolve(agreement).then(({ text }) => {
      requireSignable(text)
    }),
  examineReading: () => Promise.resolve(),
  accept: () => undefined,
}

export async function startControlStage(changes: Partial<ControlDeps> = {}): Promise<ControlStage> {
  const store = new MemoryStore(new MemoryRows())
  const clock = new HeldClock()
  const state = await store.load()
  const read = await readTree(store, state, { origin, role: 'agency', signed: null })
  const sequencer = await Sequencer.open({ store, clock, signer: logSigner, origin, state, ...read })
  await activateSample(sequencer)
  const recorder: ControlDeps['recorder'] = {
    standing: () => Promise.resolve(sequencer.standing()),
    reserve: (agreement, micros) => Promise.resolve(sequencer.reserve(agreement, micros, 1)),
    release: (reservation) => sequencer.release(reservation),
    holds: () => Promise.resolve(sequencer.holds()),
    sealed: (seq) => store.readSealed(seq),
    decideHold: (decision) => sequencer.record({ op: 'decideHold', decision }, 1),
    note: (leaf) => sequencer.record({ op: 'note', leaf }, 1),
    activate: (activation) => sequencer.record({ op: 'activate', activation }, 1),
  }
  const named = enrolled(reviewers, (kind, id) => pseudonym(recordKey, kind, id))
  await recorder.note({ kind: 'reviewers', reviewers: named })
  const faults: unknown[] = []
  const app = createControl({
    recorder,
    clock,
    checkpoint: () => Promise.resolve(null),
    certify: () => Promise.reject(new Error('no certificate is asked for here')),
    activation: sampleActivation,
    oversight: { recordKey, registered: reviewers },
    fault: (error) => void faults.push(error),
    ...changes,
  })
  return {
    app,
    clock,
    recorder,
    faults,
    ask: (ask) => inject(app, ask, clock.now()),
    leaves: () => store.rows.entries.map(({ leaf }) => parseLeaf(leaf)),
    hold: (subject, shown) => openHold(sequencer, clock, subject, shown),
  }
}

async function activateSample(sequencer: Sequencer): Promise<void> {
  const { schedule, text, hash } = sampleAgreement
  const signers = schedule.parties.map(({ id }) => signerFromKey(demoKey(demoKeyName(schedule.id, id))))
  const signed = await signStatement(statementOf(sampleAgreement, schedule.term.from), signers)
  const envelope = signed as unknown as Json
  const leaf = { kind: 'activation', agreement: schedule.id, version: 1, hash, envelope, demo: true } as const
  const activation = { leaf, text, judgedUnder: -1, notBefore: schedule.term.from }
  await sequencer.record({ op: 'activate', activation }, 1)
}

export async function signedHeaders(
  { method, path, body, as }: Ask,
  now: number,
  log = origin,
): Promise<Record<string, string>> {
  if (as === undefined) return {}
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
  const request = { origin: log, method, path, body: bytes }
  return { [credentialHeader]: await signRequest(request, reviewerSigner(as), now) }
}

async function inject(app: FastifyInstance, ask: Ask, now: number): Promise<Answered> {
  const { method, path, body } = ask
  const headers = await signedHeaders(ask, now)
  const response = await app.inject({
    method,
    url: path,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return { status: response.statusCode, body: response.json() }
}

let held = 0

async function openHold(
  sequencer: Sequencer,
  clock: HeldClock,
  changes: Partial<HoldSubject> = {},
  shown?: Json,
): Promise<HoldSubject> {
  held++
  const hold = `hold_${held}`
  const exchange = `ex_${held}`
  const expires = clock.now() + 3_600_000
  const rest = { ...sampleSubject, stage: 'request' as const, answer: null }
  const subject = newSubject({ ...rest, origin, hold, exchange, expires, ...changes })
  const fields = Object.fromEntries(committedFields.map((name) => [name, name])) as FieldValues
  const content = { hold: shown ?? (subject as unknown as Json) }
  const { sealed, commitments } = sealRecord(
    { fields, content },
    { origin, exchange, step: 'refusal' },
    recordKey,
  )
  const leaf = {
    kind: 'refusal',
    exchange,
    agreement: 1,
    stage: 'request',
    decision: 'hold',
    rules: ['4.2#1'],
    hold,
    commitments,
    record: digestOf(sealed),
  } as const
  const opened = {
    id: hold,
    expiresAt: subject.expires,
    caller: pseudonym(recordKey, 'caller', subject.caller),
    call: pseudonym(recordKey, 'call', canonicalJson([hold])),
    subject: subjectDigest(subject),
    asks: subject.asks,
  }
  await sequencer.record(
    { op: 'refuse', refusal: { leaf, sealed, hold: opened, judgedUnder: Number.MAX_SAFE_INTEGER } },
    1,
  )
  return subject
}

/** A decision as `servanda holds` makes it, with what a test wants to be different. */
export async function decisionBody(
  as: string,
  subject: HoldSubject,
  changes: Partial<DecisionStatement> = {},
): Promise<Json> {
  const reason = 'It is what the unit is for.'
  const statement: DecisionStatement = {
    v: 1,
    hold: subject.hold,
    exchange: subject.exchange,
    origin: subject.origin,
    subject: subjectDigest(subject),
    verdict: 'approve',
    levels: ['two-person'],
    reason: reasonDigest(sampleSalt, reason),
    decided: '2026-03-02T09:00:00.000Z',
    ...changes,
  }
  const envelope = (await signDecision(statement, reviewerSigner(as))) as unknown as Json
  return { envelope, reason, salt: sampleSalt }
}

/** An order of the sample agreement, signed with the demonstration keys of these parties. */
export async function orderBody(changes: Partial<Order>, parties: readonly string[]): Promise<Json> {
  const reason = 'There is reason to stop.'
  const order: Order = {
    v: 1,
    order: 'stop',
    id: 'order_1',
    agreement: sampleAgreement.schedule.id,
    text: sampleAgreement.hash,
    reason: reasonDigest(sampleSalt, reason),
    lifts: [],
    issued: '2026-03-02T09:00:00.000Z',
    ...changes,
  }
  const signers = parties.map((party) => reviewerSigner(demoKeyName('sample', party)))
  const envelope = (await signOrder(order, signers)) as unknown as Json
  return { envelope, reason, salt: sampleSalt }
}
