/** What a comparison of two versions says: which decisions change, where, by which clauses, and which terms. */
import type { Situation, SituationBox } from './situation-box.ts'

/** Seen from the second version: it allows less, more, both in places, or decides everything alike. */
export type ComparisonVerdict = 'equivalent' | 'stronger' | 'weaker' | 'both'

/** One side of a change: what a version decides about every situation of a region, and the rule that says so first. */
export interface Side {
  readonly verdict: 'allow' | 'hold' | 'deny'
  /**
   * `4.2`, or a clause of the system. For `deny` the first forbid of the file that applies and that nothing lifts, a
   * written one before a generated one, else `system.no-grant`; for `hold` the first forbid that waits; for `allow`
   * the first permit.
   */
  readonly clause: string
  /** That rule at the witness; elsewhere in the region it may be another rule of the same clause. */
  readonly rule: string
  /** For `hold`: the levels that it asks with no approval given, sorted. Else empty. */
  readonly asks: readonly string[]
  /** For `hold`: the rules that wait at the witness, in the order of the file. Else empty. */
  readonly waiting: readonly string[]
}

/** All situations that one version decides as `before` says and the other as `after` says. */
export interface ChangedRegion {
  /** `both` where the two holds ask for levels of which neither contains the other's. */
  readonly change: 'stronger' | 'weaker' | 'both'
  readonly before: Side
  readonly after: Side
  /**
   * Boxes that cover the region from the inside: every situation of every box is of the region. They may overlap, and
   * there are at most `boxesMax`; `covered` says whether they are all of it.
   */
  readonly boxes: readonly SituationBox[]
  readonly covered: boolean
  /**
   * What makes the difference, in few words: to whatever the lighter side decides by its clause in one of these
   * boxes, the clause of the other side applies in the other version, and the decision there is at least as heavy
   * (more may be asked for, or all denied, for a reason besides). Lighter is `after` where the change is `weaker`,
   * else `before`. There are at most `boxesMax`; `told` says whether they hold all of the region.
   */
  readonly essence: readonly SituationBox[]
  readonly told: boolean
  /** One situation of the first box. */
  readonly witness: Situation
  /** Exact, also where the boxes do not cover it. */
  contains(situation: Situation): boolean
}

/** A line of the schedule that changed, with a direction of its own. */
export interface TermChange {
  /** `neutral` for what binds nobody more or less, such as a title. */
  readonly change: 'stronger' | 'weaker' | 'both' | 'neutral'
  /** Where it stands: `term`, `parties/agency`, `levels/two-person`. */
  readonly line: string
  /** Clause of the line in the second version, or in the first where it is gone. */
  readonly clause: string
  /** One sentence without full stop: `the ceiling rises from 100 to 200 USD`. */
  readonly says: string
}

export interface Comparison {
  readonly verdict: ComparisonVerdict
  /** In the order of the first version's clauses, then of the second's. */
  readonly regions: readonly ChangedRegion[]
  /**
   * What a situation must have for at least one version not to deny it: listed words, a time within a term, and the
   * like. All that changed lies inside, so that a part of a box that says no more than this one need not be said.
   */
  readonly common: SituationBox
  readonly terms: readonly TermChange[]
  /** Whether the texts differ at all. */
  readonly textChanged: boolean
}
