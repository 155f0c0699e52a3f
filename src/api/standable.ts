/** Whether the gate could stand on a version beside all others: asked before it is written, for afterwards it acts. */
import type { Agreement, VerifiedAgreement } from '../agreement/index.ts'
import { ServandaError } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import type { StandingAnswer } from '../recorder/index.ts'
import { buildStanding } from '../standing/index.ts'
import type { AgreementInForce, PendingAmendment, Standing } from '../standing/index.ts'
import type { ActivationDeps } from './control-deps.ts'
import { ControlError } from './control-error.ts'

interface Coming {
  readonly agreement: Agreement
  readonly inForce: AgreementInForce | undefined
  readonly verified: VerifiedAgreement
  readonly envelope: Json
  readonly known: PendingAmendment | undefined
}

interface Beside {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly now: Standing
  readonly answer: StandingAnswer
  readonly accept: ActivationDeps['accept']
}

/**
 * Builds what every worker would build once the version is in force, at the time that was signed, and has it accepted
 * as a worker accepts it. Throws `CONTROL_AGREEMENT`: routes of two agreements meet, say, or no detector finds a signal.
 */
export function requireStandable(coming: Coming, { time, now, answer, accept }: Beside): void {
  const at = Math.max(time, coming.verified.effective)
  try {
    accept(buildStanding(withVersion(answer, coming, at), at, now))
  } catch (cause) {
    if (!(cause instanceof ServandaError)) throw cause
    throw new ControlError('CONTROL_AGREEMENT', `the gate could not stand on it: ${cause.message}`, { cause })
  }
}

/** As the recorder would answer; when an amendment may come is judged elsewhere, so here nobody has relied on a version. */
function withVersion(answer: StandingAnswer, { agreement, envelope }: Coming, time: number): StandingAnswer {
  const seq = answer.version + 1
  const activated = { seq, time, text: agreement.text, envelope, judgedBefore: false }
  return { ...answer, version: seq, activations: [...answer.activations, activated] }
}
