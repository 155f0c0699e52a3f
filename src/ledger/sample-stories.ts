/** Short logs that hold every kind of entry between them, for tests: of an agency's gate, and of a provider's. */
import { digestOf } from '../base/index.ts'
import { formatReceipt, signReceipt } from './receipt.ts'
import type { Leaf } from './leaf.ts'
import { sampleOrigin, sampleSigner } from './sample-log.ts'

type Unplaced = Leaf extends infer L ? (L extends Leaf ? Omit<L, 'v' | 'seq' | 'time'> : never) : never

const started = Date.UTC(2026, 0, 5, 8)
/** After all that becomes of holds in the story. */
export const holdsEnd = started + 60_000

function placed(leaves: readonly Unplaced[]): Leaf[] {
  return leaves.map((leaf, seq) => ({ ...leaf, v: 1, seq, time: started + seq * 1000 }))
}

function judged(exchange: string, stage: 'request' | 'tool' | 'answer' = 'request', agreement = 1) {
  const common = { exchange, agreement, stage, rules: ['4.2#1'], provider: 'cumulus' }
  return { ...common, upstream: 'live' as const, ...sealedAs(exchange) }
}

function sealedAs(text: string) {
  return { commitments: digestOf(text).slice('sha256:'.length), record: digestOf(text) }
}

function envelopeOf(type: string) {
  return { payloadType: `application/vnd.servanda.${type}+json`, payload: 'e30=', signatures: [] }
}

function activation(version: number): Unplaced {
  const common = { kind: 'activation', agreement: 'department', version } as const
  const supersedes = version > 1 ? { supersedes: 1 } : {}
  return { ...common, hash: digestOf(`v${version}`), envelope: envelopeOf('statement'), ...supersedes }
}

/** The second version as it is made known under the first, and as it comes into force. */
const amendment = { version: 2, hash: digestOf('v2'), envelope: envelopeOf('statement') }

function disputed(id: string, agreement: number): Unplaced {
  return { kind: 'dispute', id, agreement, clause: '4.2', envelope: envelopeOf('dispute') }
}

function held(exchange: string, hold: string, agreement = 1): Unplaced {
  return { ...repeated(exchange, hold, agreement), expires: holdsEnd }
}

/** The same call again: it is told of the hold that waits for it. */
function repeated(exchange: string, hold: string, agreement = 1): Unplaced & { kind: 'refusal' } {
  return { kind: 'refusal', decision: 'hold', hold, ...judged(exchange, 'request', agreement) }
}

function intent(exchange: string, stage: 'request' | 'answer' = 'request', hold?: string): Unplaced {
  const redeems = hold === undefined ? {} : { hold }
  const text = digestOf('v1')
  return { kind: 'intent', decision: 'allow', text, ...judged(exchange, stage), ...redeems }
}

function decided(exchange: string, hold: string, verdict: 'approve' | 'deny'): Unplaced {
  const envelope = envelopeOf('decision')
  return { kind: 'hold-decided', exchange, hold, verdict, envelope, ...sealedAs(`${hold} ${verdict}`) }
}

function ordered(id: string, lifts: readonly string[] = []): Unplaced {
  const order = lifts.length > 0 ? 'resume' : 'stop'
  return { kind: 'order', order, id, agreement: 1, lifts, envelope: envelopeOf('order') }
}

const reviewer = {
  ...{ key: 'key of one', person: 'person one', agreement: 'department' },
  ...{ levels: ['one-person'], roles: ['counsel'], unit: 'ward', callers: ['their own calls'] },
}

export const agencyStory: readonly Leaf[] = placed([
  { kind: 'opened', origin: sampleOrigin },
  activation(1),
  { kind: 'reviewers', reviewers: [reviewer] },
  held('ex_3', 'hold_a'),
  repeated('ex_4', 'hold_a'),
  decided('ex_3', 'hold_a', 'approve'),
  decided('ex_3', 'hold_a', 'approve'),
  intent('ex_7', 'request', 'hold_a'),
  // Its answer is held in turn.
  {
    ...{ kind: 'outcome', decision: 'hold', intent: 7, status: 'stopped', hold: 'hold_b' },
    expires: holdsEnd,
    ...judged('ex_7', 'answer'),
  },
  decided('ex_7', 'hold_b', 'approve'),
  intent('ex_10', 'answer', 'hold_b'),
  { kind: 'outcome', decision: 'allow', intent: 10, status: 'completed', ...judged('ex_10', 'answer') },
  held('ex_12', 'hold_c'),
  decided('ex_12', 'hold_c', 'deny'),
  held('ex_14', 'hold_d'),
  ordered('stop_1'),
  { kind: 'hold-expired', exchange: 'ex_14', hold: 'hold_d' },
  { kind: 'refusal', decision: 'deny', ...judged('ex_17') },
  ordered('stop_2'),
  ordered('resume_1', ['stop_1', 'stop_2']),
  intent('ex_20'),
  { kind: 'outcome', decision: 'deny', intent: 20, status: 'stopped', ...judged('ex_20', 'answer') },
  { kind: 'certificate', certificate: 'exclusion', supplier: 'nimbus', from: started, to: started + 1 },
  activation(2),
  held('ex_24', 'hold_e', 23),
  { kind: 'gap', refusals: 1 },
])

/** An amendment is made known before it is in force, and clauses are disputed. */
export const amendmentStory: readonly Leaf[] = placed([
  { kind: 'opened', origin: sampleOrigin },
  activation(1),
  { kind: 'refusal', decision: 'deny', ...judged('ex_2') },
  held('ex_3', 'hold_a'),
  { kind: 'announced', agreement: 1, ...amendment, demo: true },
  disputed('dispute_1', 1),
  { kind: 'hold-expired', exchange: 'ex_3', hold: 'hold_a' },
  intent('ex_7'),
  { kind: 'outcome', decision: 'deny', intent: 7, status: 'stopped', ...judged('ex_7', 'answer') },
  { kind: 'activation', agreement: 'department', supersedes: 1, announced: 4, ...amendment },
  disputed('dispute_2', 9),
])

/** A receipt of the agency's log for its intent at `index`, given when the gate's entry `seq` was written. */
export async function sampleReceipt(index: number, seq: number): Promise<string> {
  const leafHash = Buffer.alloc(32, index)
  const time = started + seq * 1000
  return formatReceipt(
    await signReceipt({ origin: 'agency.example/log', index, leafHash, time }, sampleSigner),
  )
}

async function served(exchange: string, index: number, seq: number): Promise<Unplaced> {
  const receipt = await sampleReceipt(index, seq)
  return { kind: 'served', exchange, agreement: 1, provider: 'cumulus', upstream: 'live', receipt }
}

export const gateStory: readonly Leaf[] = placed([
  { kind: 'opened', origin: sampleOrigin, role: 'gate' },
  activation(1),
  await served('ex_a', 7, 2),
  await served('ex_b', 9, 3),
  { kind: 'served-end', exchange: 'ex_a', served: 2, status: 'answered' },
  { kind: 'served-end', exchange: 'ex_b', served: 3, status: 'interrupted' },
  { kind: 'turned-away', reason: 'reused', count: 2, intents: [7] },
  ordered('stop_1'),
  { kind: 'turned-away', reason: 'stopped', count: 1, intents: [] },
  ordered('resume_1', ['stop_1']),
  await served('ex_c', 12, 10),
])
