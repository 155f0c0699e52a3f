/** The patterns of the product, one file per signal. */
import type { SignalPatterns } from '../pattern.ts'
import { automatedDecision } from './automated-decision.ts'
import { autonomousEngagement } from './autonomous-engagement.ts'
import { biometricCategorisation } from './biometric-categorisation.ts'
import { domesticLawEnforcement } from './domestic-law-enforcement.ts'
import { emotionInference } from './emotion-inference.ts'
import { forceAdvice } from './force-advice.ts'
import { personScoring } from './person-scoring.ts'
import { personTracking } from './person-tracking.ts'
import { populationWatch } from './population-watch.ts'
import { promptInjection } from './prompt-injection.ts'
import { purchasedData } from './purchased-data.ts'
import { sensitiveBasis } from './sensitive-basis.ts'
import { weaponDevelopment } from './weapon-development.ts'

export const builtInPatterns: readonly SignalPatterns[] = [
  automatedDecision,
  autonomousEngagement,
  biometricCategorisation,
  domesticLawEnforcement,
  emotionInference,
  forceAdvice,
  personScoring,
  personTracking,
  populationWatch,
  promptInjection,
  purchasedData,
  sensitiveBasis,
  weaponDevelopment,
]

/** Signals that a schedule may name without phrases of its own. */
export const builtInSignals: readonly string[] = builtInPatterns.map(({ signal }) => signal)
