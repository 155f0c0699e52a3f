/** Ends what runs under something that is no longer so: a version that was superseded, an agreement that was stopped. */
import type { RunningExchanges } from './running-exchanges.ts'
import { StandingError, requireSame } from './standing.ts'
import type { Standing } from './standing.ts'

/** Answers how many exchanges were ended; each gets the reason as its abort. */
export function endChanged(
  running: Pick<RunningExchanges, 'abortWhere'>,
  before: Standing,
  now: Standing,
): number {
  let ended = 0
  for (const [id, inForce] of before.agreements) {
    try {
      requireSame(inForce, now)
    } catch (reason) {
      if (!(reason instanceof StandingError)) throw reason
      ended += running.abortWhere(({ agreement }) => agreement === id, reason)
    }
  }
  return ended
}
