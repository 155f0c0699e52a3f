/** Step 9: how an exchange ended is durable, with what it cost, before its last byte. */
import type { Json } from '../base/index.ts'
import { denyBySystem } from '../decision/index.ts'
import type { Decision, SystemDenial } from '../decision/index.ts'
import type { OutcomeStatus } from '../ledger/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { Recorded, RecorderErrorCode } from '../recorder/index.ts'
import type { Admitted, ExchangeDeps } from './admitted.ts'
import type { Stopped } from './answer-judge.ts'
import { outcomeEvidence } from './evidence.ts'
import { newHold } from './hold.ts'
import { requestMicros, settledMicros } from './price.ts'
import type { AnswerSoFar } from './relay.ts'

export interface Ended {
  readonly admitted: Admitted
  readonly answer: AnswerSoFar
  readonly status: OutcomeStatus
  readonly stopped?: Stopped
}

const noHoldBecause: Partial<Record<RecorderErrorCode, SystemDenial>> = {
  RECORDER_HOLD: 'system.holds',
  RECORDER_SUPERSEDED: 'system.standing',
}

export interface Settled {
  readonly recorded: Recorded
  /** As it was written. */
  readonly decision: Decision
  readonly hold?: { readonly id: string; readonly expiresAt: number }
}

/**
 * A hold that cannot be opened, because the caller has as many as it may or an order came between, ends as a denial.
 * An answer that came to its end while a clause was disputed was judged by the older reading: it is written as stopped,
 * and the last of it goes to nobody; this throws what the recorder threw.
 */
export async function settle(ended: Ended, deps: ExchangeDeps): Promise<Settled> {
  try {
    return await writeOutcome(ended, deps)
  } catch (error) {
    if (!(error instanceof RecorderError)) throw error
    if (error.code === 'RECORDER_SUPERSEDED' && ended.status === 'completed') {
      const stopped: Stopped = { stage: 'answer', decision: denyBySystem('system.standing') }
      await writeOutcome({ ...ended, status: 'stopped', stopped }, deps)
      throw error
    }
    const clause = noHoldBecause[error.code]
    if (clause === undefined || ended.stopped?.decision.verdict !== 'hold') throw error
    const stopped = { stage: ended.stopped.stage, decision: denyBySystem(clause) }
    return writeOutcome({ ...ended, stopped }, deps)
  }
}

async function writeOutcome(ended: Ended, deps: ExchangeDeps): Promise<Settled> {
  const { admitted, answer, status, stopped } = ended
  const decision: Decision = stopped?.decision ?? answer.judge.decision ?? admitted.decision
  const choices = answer.judge.choices()
  const { findings, detectors } = answer.judge
  const stage = stopped?.stage ?? ('answer' as const)
  // An answer that failed while it was held back is not there to wait for anyone.
  const opens =
    stopped?.decision.verdict === 'hold'
      ? newHold(admitted, { stage, decision, findings, answer: choices }, deps)
      : null
  const micros = microsOf(admitted, answer)
  const evidence = {
    ...{ stage, decision, findings, detectors, micros },
    sent: admitted.sent,
    released: answer.given(),
    content: {
      answer: choices as unknown as Json,
      facts: (answer.judged.empty ? admitted.judged : answer.judged).format(),
      dropped: answer.dropped,
      status,
      ...(opens ? { hold: { ...opens.subject } } : {}),
    },
  }
  const outcome = { intent: admitted.intent.seq, status, ...(opens ? { hold: opens.hold.id } : {}) }
  const recorded = await deps.recorder.settle({
    ...outcomeEvidence(admitted.known, evidence, deps.recordKey, outcome),
    micros,
    judgedUnder: admitted.known.judgedUnder,
    ...(opens ? { hold: opens.hold } : {}),
  })
  if (stopped) deps.decided(decision)
  return { recorded, decision, ...(opens ? { hold: opens.hold } : {}) }
}

/** What the exchange cost, as far as anyone can say; see docs/decisions/0044. */
function microsOf({ route, sent, worstCase }: Admitted, { reached, usage }: AnswerSoFar): number {
  const { price } = route.route
  switch (reached) {
    case 'nobody':
      return 0
    case 'refused':
      return requestMicros(price, sent.length)
    case 'model':
      return settledMicros(price, usage, worstCase)
  }
}
