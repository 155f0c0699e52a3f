/** The detectors of the product, made the same way in the process and in its threads. */
import type { Signal } from '../agreement/schedule.ts'
import type { Detector } from './detector.ts'
import { createPatternDetector } from './pattern-detector.ts'
import { patternOfPhrase } from './pattern.ts'
import { builtInPatterns } from './patterns/index.ts'

/** Phrases of an agreement under the signal that each raises; a signal of the product gains them. */
export type AgreementPhrases = readonly Pick<Signal, 'id' | 'phrases'>[]

/** Throws `SCREENING_PHRASE` on a phrase without a letter or digit, and on too many or too long ones. */
export function createDetectors(agreementPhrases: AgreementPhrases): readonly Detector[] {
  const own = agreementPhrases
    .filter(({ phrases = [] }) => phrases.length > 0)
    .map(({ id, phrases = [] }) => ({ signal: id, patterns: phrases.map(patternOfPhrase) }))
  return [createPatternDetector([...builtInPatterns, ...own])]
}
