/** What a worker's counters tell of what is in force, as far as that can be known. */
import type { Watched } from '../gateway/index.ts'
import { unsatisfiableLevels } from '../oversight/index.ts'
import { RecorderError } from '../recorder/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { StandingError, committedShares } from '../standing/index.ts'
import type { AgreementInForce, Lease, Standing } from '../standing/index.ts'

export function watchedStanding(
  lease: Pick<Lease, 'require'>,
  recorder: Pick<Recorder, 'reserve' | 'release'>,
): Watched {
  return {
    unsatisfiable() {
      const standing = known(lease)
      if (!standing) return []
      return inForceOf(standing).flatMap(({ agreement }) =>
        unsatisfiableLevels(agreement, standing.reviewers),
      )
    },
    async shares() {
      const standing = known(lease)
      if (!standing) return []
      try {
        return await committedShares(inForceOf(standing), recorder)
      } catch (error) {
        // The other counters are told all the same.
        if (error instanceof RecorderError) return []
        throw error
      }
    },
  }
}

function inForceOf({ agreements }: Standing): readonly AgreementInForce[] {
  return [...agreements.values()]
}

function known(lease: Pick<Lease, 'require'>): Standing | null {
  try {
    return lease.require()
  } catch (error) {
    if (error instanceof StandingError) return null
    throw error
  }
}
