/** The agency's side of a comparison: each of its intents, held against what the gate served. */
import { equalBytes } from '../base/index.ts'
import { leafHash } from '../ledger/index.ts'
import type { IntentLeaf, InterruptedLeaf, Leaf, OutcomeLeaf } from '../ledger/index.ts'
import { difference, instant } from './difference.ts'
import type { Difference, DifferenceKind, EndsDiffer, NotServed, Reconciliation } from './difference.ts'
import type { GateSide, Served } from './reconcile-gate.ts'

/** How far the gate's evidence reaches. */
export interface Reach {
  /** How long after its time an intent may be served: one that is younger than the evidence by less decides nothing. */
  readonly windowMs: number
  /** When the gate's evidence was taken, by whoever took it; else the time of its last entry. */
  readonly gateTakenAt?: number
  /**
   * Codes of the providers behind this gate, besides those that it has served: a call to another one is not looked
   * for here. Without it every call of an agreement that is in force at the gate is.
   */
  readonly providers?: ReadonlySet<string>
}

interface Waiting {
  readonly index: number
  readonly leaf: IntentLeaf
  readonly served: Served | undefined
}

type Outcome = OutcomeLeaf | InterruptedLeaf

/** INVARIANT: `gate` has seen all of its log before the first entry is added here. */
export class AgencySide {
  readonly #gate: GateSide
  readonly #reach: Reach
  readonly #differences: Difference[]
  readonly #activations = new Map<number, { readonly id: string; readonly hash: string }>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #notServed: NotServed[] = []
  readonly #newer: NotServed[] = []
  readonly #endsDiffer: EndsDiffer[] = []
  readonly #otherAgreements = new Map<string, number>()
  readonly #otherProviders = new Map<string, number>()
  readonly #counts = { matched: 0, earlier: 0, redeemedAnswers: 0 }

  constructor(gate: GateSide, reach: Reach, differences: Difference[]) {
    this.#gate = gate
    this.#reach = reach
    this.#differences = differences
  }

  add(leaf: Leaf, index: number, entry: Uint8Array): void {
    if (leaf.kind === 'activation') this.#activations.set(index, { id: leaf.agreement, hash: leaf.hash })
    const served = this.#gate.byEntry.get(index)
    if (served) this.#compare(served, leaf, index, entry)
    if (leaf.kind === 'intent' && leaf.stage === 'answer') this.#counts.redeemedAnswers++
    else if (leaf.kind === 'intent') this.#waiting.set(index, { index, leaf, served })
    else if (leaf.kind === 'outcome') this.#end(this.#waiting.get(leaf.intent), leaf)
  }

  finish(): Omit<Reconciliation, 'differences'> {
    for (const call of [...this.#waiting.values()]) this.#end(call, null)
    return {
      ...this.#counts,
      notServed: this.#notServed,
      newer: this.#newer,
      otherAgreements: Object.fromEntries(this.#otherAgreements),
      otherProviders: Object.fromEntries(this.#otherProviders),
      endsDiffer: this.#endsDiffer,
    }
  }

  #compare(served: Served, leaf: Leaf, index: number, entry: Uint8Array): void {
    served.seen = true
    const found = compareCall(served, leaf, entry, this.#activations)
    if (found) this.#differences.push(difference(found.kind, index, served, found.message))
    else this.#counts.matched++
  }

  #end(call: Waiting | undefined, outcome: Outcome | null): void {
    if (!call) return
    this.#waiting.delete(call.index)
    const { served } = call
    if (served === undefined) this.#addUnserved(call, outcome)
    else this.#compareEnds(call.index, served, outcome?.status ?? null)
  }

  /** Of a call that both logs show. */
  #compareEnds(entry: number, served: Served, status: Outcome['status'] | null): void {
    if (served.status === undefined) return
    if ((status === 'completed') === (served.status === 'answered')) return
    this.#endsDiffer.push({ entry, served: served.index, agency: status, gate: served.status })
  }

  /** Of a call that the gate's log does not show. */
  #addUnserved({ index, leaf }: Waiting, outcome: Outcome | null): void {
    const id = (leaf.agreement === undefined ? undefined : this.#activations.get(leaf.agreement)?.id) ?? ''
    const from = this.#gate.inForceFrom.get(id)
    const status = outcome?.status ?? null
    const answered = provesAnswer(outcome)
    const call = { entry: index, exchange: leaf.exchange, time: instant(leaf.time), status, answered }
    if (from === undefined) count(this.#otherAgreements, id)
    else if (leaf.time < from) this.#counts.earlier++
    else if (this.#isElsewhere(leaf)) count(this.#otherProviders, leaf.provider ?? '')
    else if (this.#isNewer(leaf)) this.#newer.push(call)
    else if (answered) this.#differences.push(answeredElsewhere(call, leaf.provider))
    else this.#notServed.push(call)
  }

  /** Sent to a provider that is said to be behind another gate. A call that names none is looked for here. */
  #isElsewhere({ provider }: IntentLeaf): boolean {
    const { providers } = this.#reach
    if (providers === undefined || provider === undefined) return false
    return !providers.has(provider) && !this.#gate.providers.has(provider)
  }

  /** Such a call the gate may serve yet. */
  #isNewer({ time }: IntentLeaf): boolean {
    const { windowMs, gateTakenAt = 0 } = this.#reach
    return time + windowMs > Math.max(this.#gate.lastTime(), gateTakenAt)
  }
}

function count(counts: Map<string, number>, of: string): void {
  counts.set(of, (counts.get(of) ?? 0) + 1)
}

/** Clauses by which a call is stopped without regard to what was answered, or whether anything was. */
const stopWithoutAnswer: ReadonlySet<string> = new Set([
  'system.gate',
  'system.order',
  'system.standing',
  'system.holds',
])

/** There was an answer: it was given out whole, is held, or was judged, and a clause stopped it. */
function provesAnswer(outcome: Outcome | null): boolean {
  if (outcome === null || outcome.status === 'interrupted') return false
  if (outcome.status === 'completed' || outcome.hold !== undefined) return true
  return outcome.status === 'stopped' && outcome.rules.some((rule) => !stopWithoutAnswer.has(clauseOf(rule)))
}

/** Of a rule such as `4.2#1`. */
function clauseOf(rule: string): string {
  return rule.split('#', 1)[0] ?? ''
}

/** What is wrong between a served call and the entry at the place that the agency promised; null for nothing. */
function compareCall(
  { leaf: served, promised, agreement }: Served,
  leaf: Leaf,
  entry: Uint8Array,
  activations: ReadonlyMap<number, { readonly hash: string }>,
): { readonly kind: DifferenceKind; readonly message: string } | null {
  if (!equalBytes(leafHash(entry), promised)) {
    const message = `the agency promised another entry in this place than the one of kind \`${leaf.kind}\` that it shows`
    return { kind: 'another-entry', message }
  }
  if (leaf.kind !== 'intent' || leaf.stage === 'answer') {
    return { kind: 'no-call', message: 'the entry sends nothing to a model' }
  }
  if (leaf.exchange !== served.exchange || leaf.provider !== served.provider) {
    const message = `the intent is of \`${leaf.exchange}\` to \`${leaf.provider ?? ''}\`, what was served is of \`${served.exchange}\` to \`${served.provider}\``
    return { kind: 'another-exchange', message }
  }
  const hash = leaf.agreement === undefined ? undefined : activations.get(leaf.agreement)?.hash
  if (hash === undefined || hash !== agreement) {
    const message = `judged under ${hash ?? 'no agreement'}, served under ${agreement ?? 'no agreement'}`
    return { kind: 'another-agreement', message }
  }
  return null
}

function answeredElsewhere(call: NotServed, provider: string | undefined): Difference {
  const { entry, exchange, time } = call
  const message =
    `the agency has an answer to it, by \`${provider ?? ''}\`, and the gate never served it: the answer came from ` +
    'elsewhere; where that provider has another gate, name those of this one with --provider'
  return { kind: 'answered-elsewhere', entry, served: null, exchange, time, message }
}
