/** The agency's side of a comparison: each of its intents, held against what the gate served. */
import { equalBytes } from '../base/index.ts'
import { leafHash } from '../ledger/index.ts'
import type { IntentLeaf, Leaf } from '../ledger/index.ts'
import { difference, instant } from './difference.ts'
import type { Difference, DifferenceKind, EndsDiffer, NotServed, Reconciliation } from './difference.ts'
import type { GateSide, Served } from './reconcile-gate.ts'

interface Waiting {
  readonly index: number
  readonly leaf: IntentLeaf
  readonly served: Served | undefined
}

/** How far the gate's evidence reaches. */
export interface Reach {
  /** How long after its time an intent may be served: one that is younger than the evidence by less decides nothing. */
  readonly windowMs: number
  /** When the gate's evidence was taken, by whoever took it; else the time of its last entry. */
  readonly gateTakenAt?: number
}

export interface AgencySide {
  add(leaf: Leaf, index: number, entry: Uint8Array): void
  finish(): Compared
}

type Compared = Omit<Reconciliation, 'differences'>

export function openAgencySide(
  gate: GateSide,
  { windowMs, gateTakenAt }: Reach,
  differences: Difference[],
): AgencySide {
  const activations = new Map<number, { readonly id: string; readonly hash: string }>()
  const waiting = new Map<number, Waiting>()
  const notServed: NotServed[] = []
  const newer: NotServed[] = []
  const endsDiffer: EndsDiffer[] = []
  const otherAgreements = new Map<string, number>()
  const counts = { matched: 0, earlier: 0, redeemedAnswers: 0 }

  function addIntent(leaf: IntentLeaf, index: number): void {
    if (leaf.stage === 'answer') counts.redeemedAnswers++
    else waiting.set(index, { index, leaf, served: gate.byEntry.get(index) })
  }

  /** Of a call that both logs show. */
  function compareEnds({ index, served }: Waiting & { readonly served: Served }, status: string): void {
    const answered = served.status === 'answered'
    // A caller may go, or a clause stop, what the model has answered in full; that is no difference.
    const differ = status === 'completed' ? !answered : status === 'failed' && answered
    if (!differ || served.status === undefined) return
    endsDiffer.push({ entry: index, served: served.index, agency: status, gate: served.status })
  }

  /** Of a call that the gate's log does not show. */
  function addUnserved({ index, leaf }: Waiting, status: NotServed['status']): void {
    const id = (leaf.agreement === undefined ? undefined : activations.get(leaf.agreement)?.id) ?? ''
    const from = gate.inForceFrom.get(id)
    const call = { entry: index, exchange: leaf.exchange, time: instant(leaf.time), status }
    if (from === undefined) otherAgreements.set(id, (otherAgreements.get(id) ?? 0) + 1)
    else if (leaf.time < from) counts.earlier++
    else if (leaf.time + windowMs > Math.max(gate.lastTime(), gateTakenAt ?? 0)) newer.push(call)
    else if (status === 'completed') differences.push(answeredElsewhere(call))
    else notServed.push(call)
  }

  function end(call: Waiting, status: NotServed['status']): void {
    waiting.delete(call.index)
    const { served } = call
    if (served === undefined) addUnserved(call, status)
    else if (status !== null) compareEnds({ ...call, served }, status)
  }

  return {
    add(leaf, index, entry) {
      if (leaf.kind === 'activation') activations.set(index, { id: leaf.agreement, hash: leaf.hash })
      const served = gate.byEntry.get(index)
      if (served) {
        served.seen = true
        const found = compareCall(served, leaf, entry, activations)
        if (found) differences.push(difference(found.kind, index, served, found.message))
        else counts.matched++
      }
      if (leaf.kind === 'intent') addIntent(leaf, index)
      const call = leaf.kind === 'outcome' ? waiting.get(leaf.intent) : undefined
      if (call && leaf.kind === 'outcome') end(call, leaf.status)
    },
    finish() {
      for (const call of [...waiting.values()]) end(call, null)
      const other = Object.fromEntries(otherAgreements)
      return { ...counts, notServed, newer, otherAgreements: other, endsDiffer }
    },
  }
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

function answeredElsewhere(call: NotServed): Difference {
  const { entry, exchange, time } = call
  const message =
    'the agency has an answer to it, and the gate never served it: the answer came from elsewhere'
  return { kind: 'answered-elsewhere', entry, served: null, exchange, time, message }
}
