/**
 * What the entries say about each other: one walk from the first entry to the last that keeps only what later
 * entries may refer to, namely agreements, open intents and holds. Every check throws and names the entry.
 */
import type { ActivationLeaf, IntentLeaf, InterruptedLeaf, Leaf, OutcomeLeaf, RefusalLeaf } from './leaf.ts'
import { LedgerError } from './ledger-error.ts'
import type { LedgerErrorCode } from './ledger-error.ts'

type ExchangeStep = IntentLeaf | RefusalLeaf | OutcomeLeaf
type Verdict = ExchangeStep['decision']

export interface HistorySummary {
  readonly entries: Readonly<Record<Leaf['kind'], number>>
  /** Over every entry that carries a decision: intents, refusals and outcomes. */
  readonly decisions: Readonly<Record<Verdict, number>>
  /** Entries of intents that have no outcome yet. */
  readonly openIntents: readonly number[]
  /** Outcomes that name the version their intent began under although a newer one was in force by then. */
  readonly outcomesUnderEarlierVersion: number
  /** Outcomes of the rehearsal model: no other was called for them. */
  readonly rehearsals: number
  /** Some activation says of itself that demonstration keys signed; only the envelope shows whether they did. */
  readonly demo: boolean
}

export interface History {
  /** Checks the next entry against all before it. INVARIANT: called for every index in order. */
  add(leaf: Leaf, index: number): void
  summary(): HistorySummary
}

interface State {
  readonly origin: string
  time: number
  /** Agreement id by activation entry. */
  readonly activations: Map<number, string>
  /** The newest activation by agreement id. */
  readonly inForce: Map<string, { readonly index: number; readonly version: number }>
  readonly openIntents: Map<number, IntentLeaf>
  readonly holds: Set<string>
  readonly entries: Record<Leaf['kind'], number>
  readonly decisions: Record<Verdict, number>
  outcomesUnderEarlierVersion: number
  rehearsals: number
  demo: boolean
}

export function openHistory(origin: string): History {
  const state: State = {
    origin,
    time: 0,
    activations: new Map(),
    inForce: new Map(),
    openIntents: new Map(),
    holds: new Set(),
    entries: {
      opened: 0,
      activation: 0,
      intent: 0,
      refusal: 0,
      outcome: 0,
      'hold-decided': 0,
      'hold-expired': 0,
      reviewers: 0,
      order: 0,
      served: 0,
      'served-end': 0,
      'turned-away': 0,
      certificate: 0,
      gap: 0,
    },
    decisions: { allow: 0, hold: 0, deny: 0 },
    outcomesUnderEarlierVersion: 0,
    rehearsals: 0,
    demo: false,
  }
  return {
    add(leaf, index) {
      requireSequence(leaf, index)
      requireTime(state, leaf, index)
      requireOpening(state, leaf, index)
      addByKind(state, leaf, index)
      count(state, leaf)
    },
    summary: () => ({
      entries: state.entries,
      decisions: state.decisions,
      openIntents: [...state.openIntents.keys()],
      outcomesUnderEarlierVersion: state.outcomesUnderEarlierVersion,
      rehearsals: state.rehearsals,
      demo: state.demo,
    }),
  }
}

function addByKind(state: State, leaf: Leaf, index: number): void {
  switch (leaf.kind) {
    case 'opened':
    case 'gap':
      return
    case 'activation':
      requireSuccession(state, leaf, index)
      state.activations.set(index, leaf.agreement)
      state.inForce.set(leaf.agreement, { index, version: leaf.version })
      return
    case 'intent':
      requireInForce(state, leaf, index)
      state.openIntents.set(index, leaf)
      return
    case 'refusal':
      // A call that names no route of any agreement is refused under none.
      if (leaf.agreement !== undefined) requireInForce(state, leaf, index)
      if (leaf.hold !== undefined) state.holds.add(leaf.hold)
      return
    case 'outcome':
      addOutcome(state, leaf, index)
      return
    case 'hold-expired':
      if (!state.holds.has(leaf.hold))
        throw finding('LEDGER_HOLD', index, 'a hold expires that was never recorded')
      return
  }
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
    if (leaf.hold !== undefined) state.holds.add(leaf.hold)
  }
  state.openIntents.delete(leaf.intent)
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
    throw finding(
      'LEDGER_ORIGIN',
      index,
      index === 0 ? 'the first entry does not open the log' : 'it opens the log again',
    )
  }
  if (leaf.kind === 'opened' && leaf.origin !== state.origin) {
    throw finding(
      'LEDGER_ORIGIN',
      index,
      `it opens \`${leaf.origin}\`, the checkpoint is of \`${state.origin}\``,
    )
  }
}

/** Versions rise by one and name the activation before; the first in a log may have any number. */
function requireSuccession(state: State, leaf: ActivationLeaf, index: number): void {
  const before = state.inForce.get(leaf.agreement)
  if (leaf.supersedes !== before?.index) {
    const expected = before ? `entry ${before.index}` : 'nothing'
    throw finding('LEDGER_ACTIVATION', index, `version ${leaf.version} must supersede ${expected}`)
  }
  if (before && leaf.version !== before.version + 1) {
    throw finding(
      'LEDGER_ACTIVATION',
      index,
      `version ${leaf.version} does not follow version ${before.version}`,
    )
  }
}

/** The named activation exists and no later one of the same agreement stands before this entry. */
function requireInForce(state: State, step: ExchangeStep, index: number): void {
  const named = requireActivation(state, step, index)
  if (state.inForce.get(named.id)?.index !== named.entry) {
    throw finding('LEDGER_AGREEMENT', index, `a later version than that of entry ${named.entry} was in force`)
  }
}

/** An outcome may also name the version its exchange began under: an amendment does not reach back. */
function requireInForceOrBegun(state: State, leaf: OutcomeLeaf, index: number, intent: IntentLeaf): void {
  const named = requireActivation(state, leaf, index)
  if (intent.agreement === undefined || state.activations.get(intent.agreement) !== named.id) {
    throw finding('LEDGER_AGREEMENT', index, 'the outcome is judged by another agreement than its intent')
  }
  const isInForce = state.inForce.get(named.id)?.index === named.entry
  if (!isInForce && named.entry === intent.agreement) state.outcomesUnderEarlierVersion++
  else requireInForce(state, leaf, index)
}

function requireActivation(
  state: State,
  { agreement }: ExchangeStep,
  index: number,
): { readonly id: string; readonly entry: number } {
  const id = agreement === undefined ? undefined : state.activations.get(agreement)
  if (agreement === undefined || id === undefined) {
    throw finding('LEDGER_AGREEMENT', index, 'it names no entry before it that puts an agreement into force')
  }
  return { id, entry: agreement }
}

function count(state: State, leaf: Leaf): void {
  state.entries[leaf.kind]++
  if ('decision' in leaf) {
    state.decisions[leaf.decision]++
    if (leaf.kind === 'outcome' && leaf.upstream === 'rehearsal') state.rehearsals++
  }
  if (leaf.kind === 'activation' && leaf.demo) state.demo = true
}

function finding(code: LedgerErrorCode, index: number, message: string): LedgerError {
  return new LedgerError(code, `entry ${index}: ${message}`, { index })
}
