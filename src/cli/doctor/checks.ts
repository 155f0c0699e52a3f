/** All that `servanda doctor` looks at, in the order in which it tells it. */
import { money, rehearsal, signatures, stops, term } from './check-agreements.ts'
import { agencyLog, credentials, gates, parties, reachability, role, upstreams } from './check-gates.ts'
import { clock, disk, keyModes, keyPlaces, listening, logKey, outside } from './check-machine.ts'
import { demoCallers, demoReviewers, enrolment, holds, quorum } from './check-people.ts'
import type { Check } from './finding.ts'

export const checks: readonly Check[] = [
  role,
  signatures,
  rehearsal,
  term,
  money,
  stops,
  demoCallers,
  demoReviewers,
  quorum,
  enrolment,
  holds,
  gates,
  parties,
  agencyLog,
  upstreams,
  credentials,
  reachability,
  listening,
  keyModes,
  keyPlaces,
  logKey,
  clock,
  disk,
  outside,
]
