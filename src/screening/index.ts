/** Screening: what is said in a text, as signals that clauses speak of. */
export { createScreener, exchangePlace } from './create-screener.ts'
export type { ScreenerLimits, ScreenerOptions } from './create-screener.ts'
export { pushUnitsMax } from './detector.ts'
export type {
  Detector,
  DetectorSession,
  Finding,
  Judgement,
  Part,
  PartKind,
  PlacedFinding,
} from './detector.ts'
export type { AgreementPhrases } from './detectors.ts'
export { builtInSignals } from './patterns/index.ts'
export { screeningFailed } from '../agreement/schedule.ts'
export { ScreeningError } from './screening-error.ts'
export type { ScreeningErrorCode } from './screening-error.ts'
export type { ScreenedDetector, Screener, Screening } from './screener.ts'
export type { Timer } from './thread-pool.ts'
