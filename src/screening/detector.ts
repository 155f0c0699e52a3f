/** The contract of every detector: patterns now; classifiers, guard models and person counters later. */

/** One thing that a detector says of one text. Positions count UTF-16 units of the text as it was pushed. */
export interface Finding {
  readonly signal: string
  /** 0 … 1; patterns say 1. */
  readonly score: number
  /** The reading in which it was found: `normalised`, later `base64`, `reversed` and so on. */
  readonly view: string
  readonly start: number
  readonly end: number
  /** `<detector>@<version>`. */
  readonly detector: string
}

export interface Judgement {
  /** Findings since the last call; findings are never taken back. */
  readonly findings: readonly Finding[]
  /**
   * No text still to come can make a finding that touches a position before this one, so all before it may
   * be released. Never falls; after `end()` it is the length of the text.
   */
  readonly safeUpTo: number
}

/**
 * Reads one text as it comes. However the text is cut into pushes, the union of findings is the same.
 * A session does bounded work per character and keeps bounded state. How long a push holds the event loop is for
 * the caller to bound: `pushUnitsMax`.
 */
export interface DetectorSession {
  push(text: string): Judgement
  end(): Judgement
}

/**
 * UTF-16 units to push in one turn of the event loop, a few milliseconds of work. Longer text is cut anywhere, for
 * any cut gives the same findings, and other work let in between the pushes.
 */
export const pushUnitsMax = 64 * 1024

export interface Detector {
  readonly id: string
  /** Changes with anything that can change a finding: patterns, thresholds, tables. */
  readonly version: string
  readonly signals: readonly string[]
  /** `part`: pure in the text of one part, so a finding may be remembered. `exchange`: sees all parts as one. */
  readonly scope: 'part' | 'exchange'
  open(): DetectorSession
}

export type PartKind = 'system' | 'user' | 'assistant' | 'tool' | 'tool-call' | 'tool-definition' | 'name'

/** A piece of text of an exchange, typed by who speaks in it. */
export interface Part {
  readonly kind: PartKind
  /** Where it stands in the body, such as `messages[2].content`. */
  readonly place: string
  readonly text: string
}

/** A finding with the part it was found in. */
export interface PlacedFinding extends Finding {
  readonly place: string
}
