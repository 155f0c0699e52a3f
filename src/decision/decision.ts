/** What is decided about, and the decision itself. Plain values; everything in them has been verified before. */

export type Stage = 'request' | 'tool' | 'answer'

/** Everything verified about one exchange that rules may speak of. Unknown words count as `unlisted`. */
export interface Facts {
  readonly stage: Stage
  /** The agency unit the call is made for. */
  readonly unit: string
  /** Everyone on whose behalf it is made; the unit itself counts as a member whether listed or not. */
  readonly chain: readonly string[]
  /** `generate` for a model call, else the action class of the tool. */
  readonly action: string
  readonly model: string
  readonly purpose: string
  readonly surface: string
  readonly consumer: string
  readonly provenance: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  /** Millionths of the currency: settled, plus reserved, this exchange's worst case included. */
  readonly committedMicros: number
  /** Distinct persons that calls of this purpose have touched within its window, this exchange included. */
  readonly persons: number
}

export type Verdict = 'allow' | 'hold' | 'deny'

export interface Citation {
  readonly clause: string
  readonly rule: string
}

export interface Decision {
  readonly verdict: Verdict
  /**
   * The rules that caused it, in the agreement's order: for `allow` the permits, for `hold` the forbids that
   * approvals would lift, for `deny` the forbids that nothing lifts, or `system.no-grant`.
   * INVARIANT: never empty.
   */
  readonly citations: readonly Citation[]
  /** For `hold`: the levels still asked for, sorted. Else empty. */
  readonly asks: readonly string[]
}

/** Signals found, of every stage up to now. */
export type Signals = ReadonlySet<string>
/** Levels whose approval has been verified for this very exchange. */
export type Approvals = ReadonlySet<string>
