/** One exchange, in order. The nine steps of the design, on one screen; each leaf of them is its own file. */
import { joinDecisions } from '../decision/index.ts'
import { RecorderError } from '../recorder/index.ts'
import { StandingError } from '../standing/index.ts'
import type { Admitted, Arrival, ExchangeDeps } from './admitted.ts'
import { relayAnswer } from './answer.ts'
import { callOf, decideRequest } from './decide-request.ts'
import type { Screened } from './decide-request.ts'
import { know } from './know.ts'
import { redeem, reserve } from './redeem.ts'
import type { Reply } from './reply.ts'
import { admit, refuse } from './write-first.ts'

/**
 * Runs one exchange to its end: an answer, a refusal with its clauses, or a rejection that the caller of this
 * function turns into a response. Whatever happens after the intent is durable leaves an outcome.
 */
export async function runExchange(arrival: Arrival, deps: ExchangeDeps, reply: Reply): Promise<void> {
  const admitted = await underWhatStands(deps, async (lastTry) => {
    const known = know(arrival, deps.lease.require()) // 2 know
    const screening = await deps.screener.screen(known.chat.parts) // 3 screen
    return reserveAndDecide({ known, screening, ...callOf(known), lastTry }, deps, reply) // 4, 5, 6
  })
  if (admitted) await relayAnswer(admitted, deps, reply) // 7 forward, 8 hold back and judge, 9 settle
}

/**
 * Where something else has come into force between knowing and writing, or the hold was opened or used by another
 * call, nothing was written: the call is judged anew, once, by what is so now.
 */
async function underWhatStands<T>(
  { lease }: Pick<ExchangeDeps, 'lease'>,
  judge: (lastTry: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await judge(false)
  } catch (error) {
    if (!mayDiffer(error)) throw error
    await lease.renew()
    return judge(true)
  }
}

function mayDiffer(error: unknown): boolean {
  if (error instanceof RecorderError) return ['RECORDER_SUPERSEDED', 'RECORDER_HOLD'].includes(error.code)
  return error instanceof StandingError && error.code === 'STANDING_STOPPED'
}

/**
 * What is refused anyway binds no money: else a caller who may do nothing could keep others from what they may. So
 * the call is decided by its own worst case first, and by the sum only when nothing else denies it; and what is not
 * allowed then gives its reservation back before the refusal is written.
 */
async function reserveAndDecide(
  request: Screened,
  deps: ExchangeDeps,
  reply: Reply,
): Promise<Admitted | null> {
  const alone = decideRequest(request, request.worstCase, deps)
  if (alone.decision.verdict === 'deny') return refuse(alone, deps, reply)
  const reserved = await reserve(request, deps) // 4 reserve
  return releasedOnFailure(reserved.id, deps, async () => {
    const { known, redemption, refused } = await redeem(request, reserved.hold, deps)
    const judged = decideRequest({ ...request, known }, reserved.committedMicros, deps) // 5 decide
    const decided = refused ? { ...judged, decision: joinDecisions(judged.decision, refused) } : judged
    if (decided.decision.verdict === 'allow') return admit(decided, { reserved, redemption }, deps) // 6 write first
    deps.recorder.release(reserved.id)
    return refuse(decided, deps, reply, reserved.hold)
  })
}

/** What was reserved and then not admitted binds no money. */
async function releasedOnFailure<T>(
  reservation: number,
  { recorder }: ExchangeDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    recorder.release(reservation)
    throw error
  }
}
