/** Step 6: what was decided is durable before it acts. A refusal is written before it is told, an intent before it leaves. */
import { invariant } from '../base/index.ts'
import { denyBySystem } from '../decision/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { OpenHold, Reservation } from '../recorder/index.ts'
import { exchangeHeaders } from './admitted.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import type { Decided } from './decide-request.ts'
import { intentEvidence, refusalEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { newHold } from './hold.ts'
import type { HoldToOpen, Redemption } from './hold.ts'
import { requireStanding } from './know.ts'
import { refusalResponse } from './problem.ts'
import type { Reply } from './reply.ts'

/** `open` is the hold that this very call waits for already, if there is one: it is named, and no other opened. */
export async function refuse(
  decided: Decided,
  deps: ExchangeDeps,
  reply: Reply,
  open?: OpenHold,
): Promise<null> {
  const { screening, decision } = decided
  const held = decision.verdict === 'hold'
  const because = { stage: 'request', decision, findings: screening.findings, answer: null } as const
  const opens = held && !open ? newHold(decided, because, deps) : null
  try {
    await writeRefusal(decided, { named: held ? (open ?? opens?.hold) : undefined, opens }, deps, reply)
  } catch (error) {
    const full = error instanceof RecorderError && error.code === 'RECORDER_HOLD'
    if (!full || !decided.lastTry) throw error
    const denied = { ...decided, decision: denyBySystem('system.holds') }
    await writeRefusal(denied, { named: undefined, opens: null }, deps, reply)
  }
  return null
}

interface RefusalHold {
  readonly named: { readonly id: string; readonly expiresAt: number } | undefined
  readonly opens: HoldToOpen | null
}

async function writeRefusal(
  decided: Decided,
  { named, opens }: RefusalHold,
  deps: ExchangeDeps,
  reply: Reply,
): Promise<void> {
  const { known, decision } = decided
  const evidence = requestEvidence(decided, opens)
  const { receipt } = await deps.recorder.refuse({
    ...refusalEvidence(known, evidence, deps.recordKey, named?.id),
    judgedUnder: known.judgedUnder,
    ...(opens ? { hold: opens.hold } : {}),
  })
  deps.decided(decision)
  const { status, body } = refusalResponse(known, { decision, receipt, ...(named ? { hold: named } : {}) })
  reply.json(status, exchangeHeaders(known, receipt, named?.id), body)
}

export async function admit(
  decided: Decided,
  { reserved, redemption }: { readonly reserved: Reservation; readonly redemption: Redemption | null },
  deps: ExchangeDeps,
): Promise<Admitted> {
  const { known, screening, decision, judged, sent, sentDigest } = decided
  const { route } = known
  invariant(route !== null, 'a model without a route is unlisted, and denied')
  requireStanding(known, deps.lease)
  const held = redemption?.answer ?? null
  const redeems = redemption ? reserved.hold : undefined
  const worstCase = held ? 0 : decided.worstCase
  const stage = held ? ('answer' as const) : ('request' as const)
  const evidence = { ...requestEvidence(decided, null), stage, micros: worstCase }
  const { leaf, sealed, disclosable } = intentEvidence(known, evidence, deps.recordKey, redeems?.id)
  const intent = await deps.recorder.admit({
    leaf,
    sealed,
    reservation: reserved.id,
    judgedUnder: known.judgedUnder,
    ...(redeems ? { call: redeems.call } : {}),
  })
  deps.decided(decision)
  const { committedMicros } = reserved
  deps.committed(route.inForce.agreement.schedule, committedMicros)
  const shown = { leaf, ...disclosable, receipt: intent.receipt }
  return {
    known,
    route,
    screening,
    decision,
    judged,
    sent,
    sentDigest,
    worstCase,
    committedMicros,
    intent,
    shown,
    held,
  }
}

function requestEvidence(
  { known, screening, decision, judged, sent, worstCase }: Decided,
  opens: HoldToOpen | null,
): Evidence {
  return {
    stage: 'request',
    decision,
    findings: screening.findings,
    detectors: screening.detectors,
    micros: worstCase,
    sent,
    content: {
      request: known.chat.tree,
      ...(known.route?.version ? { version: known.route.version.id } : {}),
      facts: judged.format(),
      ...(opens ? { hold: { ...opens.subject } } : {}),
    },
  }
}
