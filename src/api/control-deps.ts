/** What the control socket works over. */
import type { Clock, Envelope } from '../base/index.ts'
import type { Period } from '../certificate/index.ts'
import type { PublishedEntries } from '../ledger/index.ts'
import type { RegisteredReviewer } from '../oversight/index.ts'
import type { Recorder } from '../recorder/index.ts'
import type { WrappingKey } from '../records/index.ts'
import type { Standing } from '../standing/index.ts'

export interface ControlDeps {
  readonly recorder: Pick<Recorder, 'standing' | 'holds' | 'sealed' | 'decideHold' | 'note'>
  readonly clock: Clock
  /** What was in force at start, as it was read: so that the first order need not wait for a compiler. */
  readonly standing?: Standing
  /** The newest published checkpoint; null before the first. */
  readonly checkpoint: () => Promise<string | null>
  /** Writes the entry that bounds the certificate, and signs what the entries before it give. */
  readonly certify: (period: Period) => Promise<Envelope>
  /** What of the log is published. Absent at a provider's gate: it decides nothing that could be judged again. */
  readonly published?: () => Promise<PublishedEntries>
  /** Absent at a provider's gate: it holds nothing and cannot open a record. */
  readonly oversight?: Oversight
  /** Told of what nobody foresaw. */
  readonly fault: (error: unknown) => void
}

export interface Oversight {
  readonly recordKey: WrappingKey
  /** The file as it was enrolled. */
  readonly registered: readonly RegisteredReviewer[]
}
