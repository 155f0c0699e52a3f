/** What an exchange leaves behind: the leaf in the clear, the fields as commitments, the content sealed. */
import type { Json } from '../base/index.ts'
import { canonicalJson, digestOf, invariant } from '../base/index.ts'
import type { Decision, Stage } from '../decision/index.ts'
import type { Unsequenced } from '../recorder/index.ts'
import type { IntentLeaf, OutcomeLeaf, OutcomeStatus, RefusalLeaf } from '../ledger/index.ts'
import { sealRecord } from '../records/index.ts'
import type { FieldValues, RecordPlace, WrappingKey } from '../records/index.ts'
import type { PlacedFinding, ScreenedDetector } from '../screening/index.ts'
import type { Known } from './know.ts'

/** What one step knew when it was written. */
export interface Evidence {
  readonly stage: Stage
  readonly decision: Decision
  readonly findings: readonly PlacedFinding[]
  readonly detectors: readonly ScreenedDetector[]
  readonly micros: number
  /** The exact bytes that leave for the upstream. */
  readonly sent?: Uint8Array
  /** What was released to the caller, as its canonical JSON. */
  readonly released?: Json
  /** Everything else worth keeping, sealed; the findings stand among the fields. */
  readonly content: Readonly<Record<string, Json>>
}

/** `hold`: the one that this intent redeems. */
export function intentEvidence(known: Known, evidence: Evidence, key: WrappingKey, hold?: string) {
  invariant(known.inForce, 'where no agreement is in force everything is denied')
  const { sealed, common, disclosable } = write(known, evidence, 'intent', key)
  const leaf: Unsequenced<IntentLeaf> = {
    ...common,
    kind: 'intent',
    decision: 'allow',
    text: known.inForce.agreement.hash,
    ...(hold ? { hold } : {}),
  }
  return { leaf, sealed, disclosable }
}

export function refusalEvidence(known: Known, evidence: Evidence, key: WrappingKey, hold?: string) {
  const { sealed, common } = write(known, evidence, 'refusal', key)
  const decision = evidence.decision.verdict === 'hold' ? 'hold' : 'deny'
  const leaf: Unsequenced<RefusalLeaf> = { ...common, kind: 'refusal', decision, ...(hold ? { hold } : {}) }
  return { leaf, sealed }
}

export function outcomeEvidence(
  known: Known,
  evidence: Evidence,
  key: WrappingKey,
  outcome: { readonly intent: number; readonly status: OutcomeStatus; readonly hold?: string },
) {
  const { sealed, common } = write(known, evidence, 'outcome', key)
  const leaf: Unsequenced<OutcomeLeaf> = {
    ...common,
    ...outcome,
    kind: 'outcome',
    decision: evidence.decision.verdict,
  }
  return { leaf, sealed }
}

function write(known: Known, evidence: Evidence, step: RecordPlace['step'], key: WrappingKey) {
  const { exchange, origin, inForce, route } = known
  const fields = fieldsOf(known, evidence)
  const record = { fields, content: evidence.content }
  const { sealed, commitments, salts, hashes } = sealRecord(record, { origin, exchange, step }, key)
  const common = {
    exchange,
    stage: evidence.stage,
    rules: evidence.decision.citations.map(({ rule }) => rule),
    commitments,
    record: digestOf(sealed),
    ...(inForce ? { agreement: inForce.entry } : {}),
    ...(route ? { provider: route.model.provider, upstream: upstreamKind(route.route.upstream) } : {}),
  }
  return { sealed, common, disclosable: { fields, salts, hashes } }
}

function upstreamKind(upstream: string): 'live' | 'rehearsal' {
  return upstream === 'rehearsal' ? 'rehearsal' : 'live'
}

function fieldsOf({ caller, chat, route }: Known, evidence: Evidence): FieldValues {
  return {
    caller: caller.id,
    unit: caller.unit,
    chain: canonicalJson(caller.chain),
    purpose: caller.purpose,
    surface: caller.surface,
    consumer: caller.consumer,
    provenance: canonicalJson(caller.provenance),
    route: chat.model,
    model: route?.model.id ?? '',
    findings: canonicalJson(listFindings(evidence.findings)),
    detectors: canonicalJson(evidence.detectors.map(({ detector, outcome }) => ({ detector, outcome }))),
    request: evidence.sent ? digestOf(evidence.sent) : '',
    answer: evidence.released === undefined ? '' : digestOf(canonicalJson(evidence.released)),
    amount: String(evidence.micros),
  }
}

/** Findings of one signal by one detector that a record lists; whoever writes the text chooses how many there are. */
const listedMax = 64

/** The first findings of each signal by each detector, and how many `more` of them there were. */
export function listFindings(findings: readonly PlacedFinding[]): Json[] {
  const counts = new Map<string, { signal: string; detector: string; count: number }>()
  const listed = findings.filter(({ signal, detector }) => {
    const key = `${detector} ${signal}`
    const counted = counts.get(key) ?? { signal, detector, count: 0 }
    counts.set(key, { ...counted, count: counted.count + 1 })
    return counted.count < listedMax
  })
  const rest = [...counts.values()].filter(({ count }) => count > listedMax)
  return [
    ...listed.map((finding) => ({ ...finding })),
    ...rest.map(({ signal, detector, count }) => ({ signal, detector, more: count - listedMax })),
  ]
}
