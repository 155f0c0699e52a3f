/** Runs detectors over one whole text. What a detector does wrong becomes a fact, never an exception. */
import { screeningFailed } from '../agreement/schedule.ts'
import type { Detector, Finding } from './detector.ts'
import { createFindingsLimit } from './findings-limit.ts'
import type { ScreenedDetector } from './screener.ts'

export interface TextJudgement {
  readonly findings: readonly Finding[]
  readonly detectors: readonly ScreenedDetector[]
}

type Outcome = ScreenedDetector['outcome']

/** `<detector>@<version>`, as findings and evidence name a detector. */
export function nameOf(detector: Pick<Detector, 'id' | 'version'>): string {
  return `${detector.id}@${detector.version}`
}

export function judgeText(detectors: readonly Detector[], text: string): TextJudgement {
  const judged = detectors.map((detector) => judgeBy(detector, text))
  return {
    findings: judged.flatMap(({ findings }) => findings).filter(createFindingsLimit()),
    detectors: judged.flatMap((one) => one.detectors),
  }
}

function judgeBy(detector: Detector, text: string): TextJudgement {
  try {
    const session = detector.open()
    const findings = [...session.push(text).findings, ...session.end().findings]
    return { findings, detectors: [{ detector: nameOf(detector), outcome: 'ran' }] }
  } catch {
    // Not swallowed: the finding denies, and the outcome stands in the evidence.
    return judgementWithout(detector, text.length, 'failed')
  }
}

/** What is said of a text of so many units that none of the detectors could judge. */
export function unjudged(detectors: readonly Detector[], units: number, outcome: Outcome): TextJudgement {
  const judged = detectors.map((detector) => judgementWithout(detector, units, outcome))
  return {
    findings: judged.flatMap(({ findings }) => findings),
    detectors: judged.flatMap((one) => one.detectors),
  }
}

function judgementWithout(detector: Detector, units: number, outcome: Outcome): TextJudgement {
  return {
    findings: [failureFinding(nameOf(detector), 0, units)],
    detectors: [{ detector: nameOf(detector), outcome }],
  }
}

export function failureFinding(detector: string, start: number, end: number): Finding {
  return { signal: screeningFailed, score: 1, view: 'unread', start, end, detector }
}
