/** Rules in the restricted form: the part of Cedar that this product accepts, as a small typed tree. */

export type Effect = 'permit' | 'forbid'

/** Attributes of the context that hold one member of a closed vocabulary. */
export type WordAttribute = 'purpose' | 'surface' | 'consumer' | 'stage'
/** Attributes of the context that hold a set of them. */
export type SetAttribute = 'chain' | 'provenance' | 'findings'
/** Attributes with an order: milliseconds since the epoch, millionths of the currency, distinct persons. */
export const orderedAttributes = ['time', 'committed', 'persons'] as const
export type OrderedAttribute = (typeof orderedAttributes)[number]
export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Test =
  | { readonly op: 'true' }
  | { readonly op: 'false' }
  | { readonly op: 'all'; readonly tests: readonly Test[] }
  | { readonly op: 'any'; readonly tests: readonly Test[] }
  | { readonly op: 'not'; readonly test: Test }
  | { readonly op: 'unit-is'; readonly unit: string }
  /** The unit or one of its ancestors is among `units`. */
  | { readonly op: 'unit-in'; readonly units: readonly string[] }
  | { readonly op: 'action-is'; readonly actions: readonly string[] }
  | { readonly op: 'model-is'; readonly model: string }
  | { readonly op: 'provider-in'; readonly providers: readonly string[] }
  | { readonly op: 'word-is'; readonly attribute: WordAttribute; readonly words: readonly string[] }
  | { readonly op: 'set-has'; readonly attribute: SetAttribute; readonly word: string }
  | {
      readonly op: 'compare'
      readonly attribute: OrderedAttribute
      readonly comparison: Comparator
      readonly value: number
    }

export interface Rule {
  /** Unique in the agreement: `4.2#1` is the first policy under clause 4.2, `7.1#term` a generated one. */
  readonly id: string
  readonly clause: string
  readonly effect: Effect
  readonly test: Test
  /**
   * Oversight levels that lift this forbid when all of them have approved. Empty: nothing lifts it.
   * INVARIANT: empty on every permit.
   */
  readonly liftedBy: readonly string[]
}
