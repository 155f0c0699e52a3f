/**
 * What the entries say about each other: one walk from the first entry to the last that keeps only what later
 * entries may refer to. Every check throws and names the entry.
 */
import { finding } from './finding.ts'
import { AgreementHistory } from './history-agreements.ts'
import type { Activated, StopInForce } from './history-agreements.ts'
import { HoldHistory } from './history-holds.ts'
import type { Decision, HoldSummary, Redemption } from './history-holds.ts'
import { ServedHistory } from './history-served.ts'
import { IdSet } from './id-set.ts'
import type {
  ActivationLeaf,
  AnnouncedLeaf,
  DisputeLeaf,
  IntentLeaf,
  InterruptedLeaf,
  Leaf,
  OrderLeaf,
  OutcomeLeaf,
  RefusalLeaf,
} from './leaf.ts'

type Verdict = IntentLeaf['decision'] | RefusalLeaf['decision'] | OutcomeLeaf['decision']

export interface HistorySummary {
  /** Whose gate the log is of. */
  readonly role: 'agency' | 'gate'
  readonly entries: Readonly<Record<Leaf['kind'], number>>
  /** Over every entry that carries a decision: intents, refusals and outcomes. */
  readonly decisions: Readonly<Record<Verdict, number>>
  /** Entries of intents that have no outcome yet. */
  readonly openIntents: readonly number[]
  /** Entries of calls that a provider's gate serves and that have no end yet. */
  readonly openServed: readonly number[]
  readonly holds: HoldSummary
  readonly stopsInForce: readonly StopInForce[]
  /** Outcomes that name the version their intent began under although a newer one was in force by then. */
  readonly outcomesUnderEarlierVersion: number
  /** Outcomes of the rehearsal model: no other was called for them. */
  readonly rehearsals: number
  /** Some activation says of itself that demonstration keys signed; only the envelope shows whether they did. */
  readonly demo: boolean
}

/** What people have signed for in an entry: its signatures are for someone else to check. */
export type Signed =
  | (Activated & { readonly kind: 'activation' })
  | { readonly kind: 'announced'; readonly announced: AnnouncedLeaf; readonly activation: ActivationLeaf }
  | { readonly kind: 'order'; readonly order: OrderLeaf; readonly activation: ActivationLeaf }
  | { readonly kind: 'dispute'; readonly dispute: DisputeLeaf; readonly activation: ActivationLeaf }
  | { readonly kind: 'decision'; readonly decision: Decision }
  | { readonly kind: 'redemption'; readonly redemption: Redemption }

/** The entry that rests on it. */
export function entryOf(signed: Signed): number {
  switch (signed.kind) {
    case 'activation':
      return signed.activation.seq
    case 'announced':
      return signed.announced.seq
    case 'order':
      return signed.order.seq
    case 'dispute':
      return signed.dispute.seq
    case 'decision':
      return signed.decision.decided.seq
    case 'redemption':
      return signed.redemption.intent.seq
  }
}

export interface History {
  /** Checks the next entry against all before it. INVARIANT: called for every index in order. */
  add(leaf: Leaf, index: number): Signed | null
  summary(): HistorySummary
}

interface State {
  readonly origin: string
  role: 'agency' | 'gate'
  time: number
  readonly agreements: AgreementHistory
  readonly holds: HoldHistory
  readonly served: ServedHistory
  readonly openIntents: Map<number, IntentLeaf>
  /** Exchanges that have an intent. */
  readonly exchanges: IdSet
  readonly entries: Record<Leaf['kind'], number>
  readonly decisions: Record<Verdict, number>
  outcomesUnderEarlierVersion: number
  rehearsals: number
  demo: boolean
}

function newState(origin: string): State {
  const entries = {
    ...{ opened: 0, activation: 0, intent: 0, refusal: 0, outcome: 0 },
    ...{ 'hold-decided': 0, 'hold-expired': 0, reviewers: 0, order: 0, announced: 0, dispute: 0 },
    ...{ served: 0, 'served-end': 0, 'turned-away': 0, certificate: 0, gap: 0 },
  }
  return {
    origin,
    role: 'agency',
    time: 0,
    agreements: new AgreementHistory(),
    holds: new HoldHistory(),
    served: new ServedHistory(),
    openIntents: new Map(),
    exchanges: new IdSet(),
    entries,
    decisions: { allow: 0, hold: 0, deny: 0 },
    outcomesUnderEarlierVersion: 0,
    rehearsals: 0,
    demo: false,
  }
}

export function openHistory(origin: string): History {
  const state = newState(origin)
  return {
    add(leaf, index) {
      requireSequence(leaf, index)
      requireTime(state, leaf, index)
      requireOpening(state, leaf, index)
      requireRole(state, leaf, index)
      const signed = addByKind(state, leaf, index)
      count(state, leaf)
      return signed
    },
    summary() {
      const { role, entries, decisions, outcomesUnderEarlierVersion, rehearsals, demo } = state
      return {
        ...{ role, entries, decisions },
        openIntents: [...state.openIntents.keys()],
        openServed: state.served.open(),
        holds: state.holds.summary(),
        stopsInForce: state.agreements.stops(),
        ...{ outcomesUnderEarlierVersion, rehearsals, demo },
      }
    },
  }
}

function addByKind(state: State, leaf: Leaf, index: number): Signed | null {
  switch (leaf.kind) {
    case 'activation':
      return addActivation(state, leaf, index)
    case 'announced':
      return { kind: 'announced', announced: leaf, activation: state.agreements.announce(leaf, index) }
    case 'order':
      return addOrder(state, leaf, index)
    case 'dispute':
      return addDispute(state, leaf, index)
    case 'intent':
      return addIntent(state, leaf, index)
    case 'refusal':
      addRefusal(state, leaf, index)
      return null
    case 'outcome':
      addOutcome(state, leaf, index)
      return null
    case 'hold-decided':
      return { kind: 'decision', decision: state.holds.decide(leaf, index) }
    case 'hold-expired':
      state.holds.expire(leaf, index)
      return null
    case 'reviewers':
      state.holds.reviewers = leaf.reviewers
      return null
    case 'served':
      state.agreements.judge(state.agreements.requireRunning(leaf.agreement, index))
      state.served.serve(leaf, index)
      return null
    case 'served-end':
      state.served.end(leaf, index)
      return null
    case 'opened':
    case 'turned-away':
    case 'certificate':
    case 'gap':
      return null
  }
}

function addActivation(state: State, activation: ActivationLeaf, index: number): Signed {
  const activated = state.agreements.activate(activation, index)
  state.holds.end(activation.agreement)
  return { kind: 'activation', ...activated }
}

/** What waits was held, and shown to people, under the reading before. */
function addDispute(state: State, dispute: DisputeLeaf, index: number): Signed {
  const activation = state.agreements.dispute(dispute, index)
  state.holds.end(activation.agreement)
  return { kind: 'dispute', dispute, activation }
}

function addOrder(state: State, order: OrderLeaf, index: number): Signed {
  const activation = state.agreements.order(order, index)
  if (order.order === 'stop') state.holds.end(activation.agreement)
  return { kind: 'order', order, activation }
}

function addIntent(state: State, intent: IntentLeaf, index: number): Signed | null {
  const activation = state.agreements.requireRunning(intent.agreement, index)
  if (intent.text !== activation.hash) {
    throw finding('LEDGER_AGREEMENT', index, `its text is not that of entry ${intent.agreement}`)
  }
  if (!state.exchanges.add(intent.exchange)) {
    throw finding('LEDGER_EXCHANGE', index, `the exchange \`${intent.exchange}\` has an intent already`)
  }
  state.agreements.judge(activation)
  const redemption = state.holds.redeem(intent, index)
  state.openIntents.set(index, intent)
  return redemption && { kind: 'redemption', redemption }
}

/** A call that names no route of any agreement is refused under none; a repeat of one that waits names its hold. */
function addRefusal(state: State, leaf: RefusalLeaf, index: number): void {
  const { agreements } = state
  if (leaf.agreement !== undefined) agreements.judge(agreements.requireInForce(leaf.agreement, index))
  if (leaf.expires === undefined && leaf.hold !== undefined) state.holds.requireOpen(leaf.hold, leaf)
  else openHold(state, leaf, index)
}

function addOutcome(state: State, leaf: OutcomeLeaf | InterruptedLeaf, index: number): void {
  const intent = state.openIntents.get(leaf.intent)
  if (!intent) {
    throw finding('LEDGER_OUTCOME', index, `entry ${leaf.intent} is no intent, or has an outcome already`)
  }
  if (intent.exchange !== leaf.exchange) {
    throw finding('LEDGER_OUTCOME', index, `the intent at entry ${leaf.intent} is another exchange's`)
  }
  if (leaf.status !== 'interrupted') {
    requireInForceOrBegun(state, leaf, index, intent)
    if (leaf.status === 'completed' && leaf.decision !== 'allow') {
      throw finding('LEDGER_OUTCOME', index, 'what was denied or held was completed')
    }
    openHold(state, leaf, index)
  }
  state.openIntents.delete(leaf.intent)
}

/** A stop and an amendment end holds, so none is opened under what they ended. Under a dispute it is the new reading's. */
function openHold(state: State, leaf: RefusalLeaf | OutcomeLeaf, index: number): void {
  const { hold, expires } = leaf
  if (hold === undefined && expires === undefined) return
  if (hold === undefined || expires === undefined) {
    throw finding('LEDGER_HOLD', index, 'a hold is opened by its id and its end together')
  }
  state.holds.open({ id: hold, expires }, leaf, state.agreements.requireRunning(leaf.agreement, index))
}

function requireSequence(leaf: Leaf, index: number): void {
  if (leaf.seq !== index) throw finding('LEDGER_SEQUENCE', index, `it says that it is entry ${leaf.seq}`)
}

function requireTime(state: State, leaf: Leaf, index: number): void {
  if (leaf.time < state.time)
    throw finding('LEDGER_TIME', index, 'its time is before that of the entry before')
  state.time = leaf.time
}

function requireOpening(state: State, leaf: Leaf, index: number): void {
  if ((leaf.kind === 'opened') !== (index === 0)) {
    const what = index === 0 ? 'the first entry does not open the log' : 'it opens the log again'
    throw finding('LEDGER_ORIGIN', index, what)
  }
  if (leaf.kind !== 'opened') return
  if (leaf.origin !== state.origin) {
    const what = `it opens \`${leaf.origin}\`, and the log is \`${state.origin}\``
    throw finding('LEDGER_ORIGIN', index, what)
  }
  state.role = leaf.role ?? 'agency'
}

/** Kinds that the log of one role alone may hold; the others stand in both. */
const roleOf: Partial<Record<Leaf['kind'], 'agency' | 'gate'>> = {
  intent: 'agency',
  refusal: 'agency',
  outcome: 'agency',
  'hold-decided': 'agency',
  'hold-expired': 'agency',
  served: 'gate',
  'served-end': 'gate',
  'turned-away': 'gate',
}

function requireRole(state: State, { kind }: Leaf, index: number): void {
  if ((roleOf[kind] ?? state.role) === state.role) return
  const whose = state.role === 'gate' ? "a provider's gate" : "an agency's gate"
  throw finding('LEDGER_ROLE', index, `the log of ${whose} holds no entry of the kind \`${kind}\``)
}

/** An outcome may also name the version its exchange began under: an amendment does not reach back. */
function requireInForceOrBegun(state: State, leaf: OutcomeLeaf, index: number, intent: IntentLeaf): void {
  const { agreements } = state
  const named = agreements.named(leaf.agreement, index)
  if (agreements.named(intent.agreement, index).agreement !== named.agreement) {
    throw finding('LEDGER_AGREEMENT', index, 'the outcome is judged by another agreement than its intent')
  }
  if (!agreements.isInForce(named) && named.seq === intent.agreement) state.outcomesUnderEarlierVersion++
  else agreements.requireInForce(leaf.agreement, index)
}

function count(state: State, leaf: Leaf): void {
  state.entries[leaf.kind]++
  if ('decision' in leaf) {
    state.decisions[leaf.decision]++
    if (leaf.kind === 'outcome' && leaf.upstream === 'rehearsal') state.rehearsals++
  }
  if (leaf.kind === 'activation' && leaf.demo) state.demo = true
}
