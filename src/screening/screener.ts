/** The contract of screening as the gateway uses it. */
import type { DetectorSession, Part, PlacedFinding } from './detector.ts'

export interface ScreenedDetector {
  readonly detector: string
  /** What became of the check, as its own fact: evidence says what ran, not what was configured. */
  readonly outcome: 'ran' | 'failed' | 'timed-out'
}

export interface Screening {
  readonly findings: readonly PlacedFinding[]
  readonly detectors: readonly ScreenedDetector[]
}

export interface Screener extends AsyncDisposable {
  /** Signals that some detector here can find. */
  readonly signals: readonly string[]
  /** `<detector>@<version>` of all detectors, sorted. */
  readonly versions: readonly string[]
  /**
   * Judges all parts of a request, each alone and all as one text. Never rejects: a detector that throws or
   * misses its deadline leaves the finding `screening-failed` and its outcome.
   */
  screen(parts: readonly Part[]): Promise<Screening>
  /** A session over all detectors for text that arrives in pieces; a detector that throws leaves `screening-failed`. */
  open(): DetectorSession
}
