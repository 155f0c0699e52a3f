/** Asks as a gateway would make them, for tests: every kind, with records whose digests are right. */
import { demoKey, digestOf, signerFromKey, utf8 } from '../base/index.ts'
import { formatReceipt, formatVkey, signReceipt } from '../ledger/index.ts'
import type {
  AnnouncedLeaf,
  DisputeLeaf,
  HoldDecidedLeaf,
  IntentLeaf,
  OrderLeaf,
  ServedStatus,
} from '../ledger/index.ts'
import type { DurableAsk } from './ask.ts'
import type { HoldRow } from './recorder-store.ts'
import type {
  Activation,
  Admission,
  HoldDecision,
  NewHold,
  Refusal,
  Serving,
  Settlement,
  StandingVersion,
  Unsequenced,
} from './recorder.ts'

export const origin = 'gateway.example/recorder'
export const signer = signerFromKey(demoKey('recorder tests'))
export const vkey = formatVkey(origin, signer.publicKey)

/** A clock that stands until it is told otherwise. */
export class HeldClock {
  time = Date.UTC(2026, 2, 2, 9)
  now(): number {
    return this.time
  }
}

/** What a hold is without more being said: the only one of its caller and its call. */
export type SampleHold = Pick<NewHold, 'id' | 'expiresAt'> & Partial<NewHold>

export function newHold(hold: SampleHold): NewHold {
  const { id } = hold
  const digests = { caller: `caller of ${id}`, call: `call of ${id}`, subject: digestOf(`subject ${id}`) }
  return { ...digests, asks: ['two-person'], ...hold }
}

/** The row of a hold that `exchange` was refused for at `seq`. */
export function holdRow(hold: SampleHold, { exchange, seq }: Pick<HoldRow, 'exchange' | 'seq'>): HoldRow {
  const { agreement, stage, rules, commitments } = judged({ exchange }).common
  return { ...newHold(hold), exchange, seq, agreement, stage, rules, commitments }
}

interface Step {
  readonly exchange: string
  /** The activation entry; 1 where the log begins with opening and activation. */
  readonly agreement?: number
  readonly hold?: SampleHold
  readonly sealed?: Uint8Array
  /** After all that ever came between, unless it says otherwise. */
  readonly judgedUnder?: StandingVersion
}

/** What was judged just now. */
const lately = Number.MAX_SAFE_INTEGER

function judged({ exchange, agreement = 1, sealed = utf8(`sealed ${exchange}`) }: Step) {
  return {
    sealed,
    common: {
      exchange,
      agreement,
      stage: 'request' as const,
      rules: ['4.2#1'],
      provider: 'cumulus',
      upstream: 'rehearsal' as const,
      commitments: digestOf(exchange).slice('sha256:'.length),
      record: digestOf(sealed),
    },
  }
}

function sampleText(agreement: string, version: number): string {
  return `# ${agreement}, version ${version}`
}

export function activation(agreement = 'department', version = 1, announced?: number): Activation {
  const text = sampleText(agreement, version)
  const envelope = { payloadType: 'application/vnd.servanda.statement+json', payload: 'e30=', signatures: [] }
  return {
    ...{ text, judgedUnder: lately, notBefore: 0 },
    leaf: {
      ...{ kind: 'activation', agreement, version, hash: digestOf(text), envelope, demo: true },
      ...(announced === undefined ? {} : { announced }),
    },
  }
}

interface AdmittedStep extends Omit<Step, 'hold'> {
  readonly reservation: number
  /** Id of the hold that it redeems. */
  readonly redeems?: string
  readonly call?: string
  readonly stage?: IntentLeaf['stage']
  /** Of `department`, which it names; 1 without it. */
  readonly version?: number
}

export function admission(step: AdmittedStep): Admission {
  const { common, sealed } = judged(step)
  const { reservation, redeems, stage = common.stage, version = 1, judgedUnder = lately } = step
  const hold = redeems === undefined ? {} : { hold: redeems }
  const call = redeems === undefined ? {} : { call: step.call ?? `call of ${redeems}` }
  return {
    reservation,
    judgedUnder,
    ...call,
    sealed,
    leaf: {
      ...common,
      ...hold,
      stage,
      kind: 'intent',
      decision: 'allow',
      text: digestOf(sampleText('department', version)),
    },
  }
}

export function refusal(step: Step & { readonly reservation?: number }): Refusal {
  const { common, sealed } = judged(step)
  const { hold, reservation, judgedUnder = lately } = step
  return {
    sealed,
    judgedUnder,
    leaf: {
      ...common,
      kind: 'refusal',
      decision: hold ? 'hold' : 'deny',
      ...(hold ? { hold: hold.id } : {}),
    },
    ...(hold ? { hold: newHold(hold) } : {}),
    ...(reservation === undefined ? {} : { reservation }),
  }
}

export function settlement(step: Step & { readonly micros: number; readonly intent?: number }): Settlement {
  const { common, sealed } = judged(step)
  const { hold, micros, intent = 0, judgedUnder = lately } = step
  return {
    sealed,
    judgedUnder,
    micros,
    leaf: {
      ...common,
      kind: 'outcome',
      decision: hold ? 'hold' : 'allow',
      status: hold ? 'stopped' : 'completed',
      intent,
      ...(hold ? { hold: hold.id } : {}),
    },
    ...(hold ? { hold: newHold(hold) } : {}),
  }
}

export function decision(
  step: Step & { readonly redeems: string; readonly verdict?: HoldDecidedLeaf['verdict'] },
): HoldDecision {
  const { common, sealed } = judged(step)
  const { exchange, commitments, record } = common
  const { redeems: hold, verdict = 'approve' } = step
  const envelope = { payloadType: 'application/vnd.servanda.decision+json', payload: 'e30=', signatures: [] }
  return { sealed, leaf: { kind: 'hold-decided', exchange, hold, verdict, envelope, commitments, record } }
}

export function order(
  id: string,
  { lifts, agreement = 1 }: { readonly lifts?: readonly string[]; readonly agreement?: number } = {},
): Omit<OrderLeaf, 'v' | 'seq' | 'time'> {
  const envelope = { payloadType: 'application/vnd.servanda.order+json', payload: 'e30=', signatures: [] }
  return { kind: 'order', order: lifts ? 'resume' : 'stop', id, agreement, lifts: lifts ?? [], envelope }
}

/** The version that `activation` gives, made known before. */
export function announcement(version = 2, agreement = 1, name = 'department'): Unsequenced<AnnouncedLeaf> {
  const { hash, envelope, demo } = activation(name, version).leaf
  return { kind: 'announced', agreement, version, hash, envelope, ...(demo ? { demo } : {}) }
}

export function dispute(id: string, agreement = 1): Unsequenced<DisputeLeaf> {
  const envelope = { payloadType: 'application/vnd.servanda.dispute+json', payload: 'e30=', signatures: [] }
  return { kind: 'dispute', id, agreement, clause: '4.2', envelope }
}

export interface ServedStep {
  readonly exchange: string
  readonly intent: number
  readonly time: number
  readonly agreement?: number
}

/** With a receipt as an agency's log would have signed it. */
export async function serving({ exchange, intent, time, agreement = 1 }: ServedStep): Promise<Serving> {
  const leafHash = Buffer.from(digestOf(exchange).slice('sha256:'.length), 'hex')
  const signed = await signReceipt({ origin: 'agency.example/log', index: intent, leafHash, time }, signer)
  const receipt = formatReceipt(signed)
  const upstream = 'rehearsal'
  const leaf = { kind: 'served', exchange, agreement, provider: 'cumulus', upstream, receipt } as const
  return { intent, intentTime: time, leaf }
}

export const ask = {
  admit: (...of: Parameters<typeof admission>): DurableAsk => ({ op: 'admit', admission: admission(...of) }),
  refuse: (...of: Parameters<typeof refusal>): DurableAsk => ({ op: 'refuse', refusal: refusal(...of) }),
  settle: (...of: Parameters<typeof settlement>): DurableAsk => ({
    op: 'settle',
    settlement: settlement(...of),
  }),
  decide: (...of: Parameters<typeof decision>): DurableAsk => ({
    op: 'decideHold',
    decision: decision(...of),
  }),
  order: (...of: Parameters<typeof order>): DurableAsk => ({ op: 'note', leaf: order(...of) }),
  announce: (...of: Parameters<typeof announcement>): DurableAsk => ({
    op: 'note',
    leaf: announcement(...of),
  }),
  dispute: (...of: Parameters<typeof dispute>): DurableAsk => ({ op: 'note', leaf: dispute(...of) }),
  serve: async (step: ServedStep): Promise<DurableAsk> => ({ op: 'serve', serving: await serving(step) }),
  end: (exchange: string, served: number, status: ServedStatus = 'answered'): DurableAsk => ({
    op: 'note',
    leaf: { kind: 'served-end', exchange, served, status },
  }),
  activate: (...of: Parameters<typeof activation>): DurableAsk => ({
    op: 'activate',
    activation: activation(...of),
  }),
}
