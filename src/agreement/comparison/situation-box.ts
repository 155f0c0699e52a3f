/** Situations that two versions are asked about, and boxes of them, in the words of both. */

/** What is called: a model, a tool by its name, or a tool that neither version lists (`null`). */
export type Act = { readonly call: 'model' } | { readonly call: 'tool'; readonly tool: string | null }

/**
 * One situation as it comes in, before either version has read it: each version finds the action class of the tool,
 * the provider of the model and the ancestors of the units in its own schedule, and takes for unlisted what it does
 * not list. `null` is a word that neither version lists.
 */
export interface Situation {
  readonly stage: 'request' | 'tool' | 'answer'
  /** INVARIANT: a tool at stage `tool`, a model at the two others. */
  readonly act: Act
  readonly unit: string | null
  /** Everyone on whose behalf the call is made besides the unit, without ancestors. */
  readonly chain: readonly (string | null)[]
  readonly model: string | null
  readonly purpose: string | null
  readonly surface: string | null
  readonly consumer: string | null
  readonly provenance: readonly (string | null)[]
  /** Signals that either version lists, and `screening-failed`. */
  readonly findings: readonly string[]
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Millionths of the currency. */
  readonly committed: number
  /** Persons counted. */
  readonly persons: number
}

/** The words that an attribute may have; all there are where it is absent. */
export type Words = readonly (string | null)[]

/** What a set must hold and what it must not; the rest is free. */
export interface Members {
  /** Of each list at least one: words that neither version tells apart stand in one list. */
  readonly has: readonly Words[]
  /** None of these. */
  readonly not: Words
}

/** Whole numbers from `min` to `max`, both included; an absent end is open. */
export interface Span {
  readonly min?: number
  readonly max?: number
}

/** Every combination of what is left free is a situation of the box. What is absent is free. */
export interface SituationBox {
  readonly stages?: readonly Situation['stage'][]
  readonly acts?: readonly Act[]
  readonly units?: Words
  readonly chain?: Members
  readonly models?: Words
  readonly purposes?: Words
  readonly surfaces?: Words
  readonly consumers?: Words
  readonly provenance?: Members
  readonly findings?: Members
  readonly times?: readonly Span[]
  readonly committed?: readonly Span[]
  readonly persons?: readonly Span[]
}
