/** Step 4: money, and what the open hold of this very call means for it. */
import { invariant } from '../base/index.ts'
import { denyBySystem } from '../decision/index.ts'
import type { Citation, Decision } from '../decision/index.ts'
import type { OpenHold, Reservation } from '../recorder/index.ts'
import type { ExchangeDeps } from './admitted.ts'
import type { Screened } from './decide-request.ts'
import { callKey, redemptionOf } from './hold.ts'
import type { Redemption } from './hold.ts'
import type { Known } from './know.ts'

/** An answer that waits was paid for when it was made: giving it out reserves nothing. */
export async function reserve(
  request: Screened,
  { recorder, recordKey }: ExchangeDeps,
): Promise<Reservation> {
  const { known, worstCase } = request
  invariant(known.inForce, 'where no agreement is in force everything is denied')
  const { id } = known.inForce.agreement.schedule
  const call = callKey(request, recordKey)
  if (known.redeems === undefined) return recorder.reserve(id, worstCase, call)
  const free = await recorder.reserve(id, 0, call)
  if (free.hold && free.hold.stage !== 'request') return free
  recorder.release(free.id)
  return recorder.reserve(id, worstCase, call)
}

export interface Redeemed {
  readonly known: Known
  readonly redemption: Redemption | null
  /** What is decided whatever the rules say: a repeat waits as the call that is held, a false claim is refused. */
  readonly refused: Decision | null
}

/** What the open hold of this very call means for it: nothing without one. */
export async function redeem(
  request: Screened,
  hold: OpenHold | undefined,
  deps: ExchangeDeps,
): Promise<Redeemed> {
  const { known } = request
  if (known.redeems === undefined) {
    return { known, redemption: null, refused: hold ? waitingFor(hold, known) : null }
  }
  const redemption = hold?.id === known.redeems ? await redemptionOf(hold, request, deps) : null
  if (!redemption) return { known, redemption, refused: denyBySystem('system.holds') }
  const enough = hold?.asks.every((level) => redemption.approved.levels.has(level)) ?? false
  const refused = hold && !enough ? waitingFor(hold, known) : null
  return { known: { ...known, approved: redemption.approved }, redemption, refused }
}

function waitingFor({ rules, asks }: OpenHold, { inForce }: Known): Decision {
  const citations = rules.map((id): Citation => {
    const found = inForce?.prepared.forbids.find(({ rule }) => rule.id === id)
    invariant(found, 'the hold of this call was opened under the version that is in force')
    return found.citation
  })
  return { verdict: 'hold', citations, asks }
}
