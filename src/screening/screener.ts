/** The contract of screening as the gateway uses it. */
import type { DetectorSession, Part, PlacedFinding } from './detector.ts'

export interface ScreenedDetector {
  readonly detector: string
  /** What became of the check, as its own fact: evidence says what ran, not what was configured. */
  readonly outcome: 'ran' | 'failed' | 'timed-out'
}

export interface Screening {
  /**
   * Every signal that was found, but not every place: of a signal, detector and view the first 32, those of single
   * parts before those of the exchange.
   */
  readonly findings: readonly PlacedFinding[]
  readonly detectors: readonly ScreenedDetector[]
}

export interface Screener extends AsyncDisposable {
  /** Signals that some detector here can find. */
  readonly signals: readonly string[]
  /** `<detector>@<version>` of all detectors, sorted. */
  readonly versions: readonly string[]
  /**
   * Judges all parts of a request, each alone and all as one text. Never rejects: a detector that throws leaves
   * the finding `screening-failed` and its outcome. What one turn of the event loop does is bounded: a request of
   * much text or of many parts goes to a thread as a whole, and is `screening-failed` as a whole if it comes back
   * late or if too many wait.
   */
  screen(parts: readonly Part[]): Promise<Screening>
  /**
   * A session over all detectors for text that arrives in pieces; a detector that throws leaves `screening-failed`.
   * Its findings are capped like those of a `Screening`.
   */
  open(): DetectorSession
}
