/** What the control socket works over. */
import type { Agreement, Dispute } from '../agreement/index.ts'
import type { Clock, Envelope } from '../base/index.ts'
import type { Period } from '../certificate/index.ts'
import type { PublishedEntries } from '../ledger/index.ts'
import type { RegisteredReviewer } from '../oversight/index.ts'
import type { Recorder } from '../recorder/index.ts'
import type { WrappingKey } from '../records/index.ts'
import type { Standing } from '../standing/index.ts'

export interface ControlDeps {
  readonly recorder: Pick<
    Recorder,
    'standing' | 'reserve' | 'release' | 'holds' | 'sealed' | 'decideHold' | 'note' | 'activate'
  >
  readonly clock: Clock
  /** What was in force at start, as it was read: so that the first order need not wait for a compiler. */
  readonly standing?: Standing
  /** The newest published checkpoint; null before the first. */
  readonly checkpoint: () => Promise<string | null>
  readonly activation: ActivationDeps
  /** Writes the entry that bounds the certificate, and signs what the entries before it give. */
  readonly certify: (period: Period) => Promise<Envelope>
  /** What of the log is published. Absent at a provider's gate: it decides nothing that could be judged again. */
  readonly published?: () => Promise<PublishedEntries>
  /** Absent at a provider's gate: it holds nothing and cannot open a record. */
  readonly oversight?: Oversight
  /** Told of what nobody foresaw. */
  readonly fault: (error: unknown) => void
}

/** What a version must pass before it may come into force, beside its signatures. */
export interface ActivationDeps {
  /**
   * What takes seconds and belongs off the event loop: that `servanda check` finds no error in it, that cedar decides
   * as its rules do, and what it does to the version before. Rejects with `AGREEMENT_UNSIGNABLE`,
   * `DECISION_ORACLE_MISMATCH` and `DECISION_COMPARISON`.
   */
  readonly examine: (agreement: Agreement, previous: Agreement | undefined) => Promise<void>
  /**
   * The same of a version in force, as it would act under this dispute. Rejects with `DISPUTE_FALSE`,
   * `DECISION_ORACLE_MISMATCH`, and `AGREEMENT_UNSIGNABLE` where that takes too long.
   */
  readonly examineReading: (signed: Agreement, dispute: Dispute) => Promise<void>
  /** As a worker accepts what is about to act; throws what keeps it from that. */
  readonly accept: (standing: Standing) => void
}

export interface Oversight {
  readonly recordKey: WrappingKey
  /** The file as it was enrolled. */
  readonly registered: readonly RegisteredReviewer[]
}
