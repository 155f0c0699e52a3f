/** Judges all texts of a request on the spot: each alone, and all as one. */
import type { Detector, Finding } from './detector.ts'
import { createFindingsLimit } from './findings-limit.ts'
import type { ScreenedDetector } from './screener.ts'
import { judgeText, nameOf, unjudged } from './text-judgement.ts'
import type { TextJudgement } from './text-judgement.ts'

/** A finding in the text of this index or, if null, in all of them joined by line breaks. */
export interface IndexedFinding extends Finding {
  readonly index: number | null
}

export interface TextsJudgement {
  readonly findings: readonly IndexedFinding[]
  readonly detectors: readonly ScreenedDetector[]
}

/** `alone` is what the detectors of parts say of each text, where that is known. */
export function judgeTexts(
  detectors: readonly Detector[],
  texts: readonly string[],
  alone: readonly TextJudgement[] = texts.map((text) => judgeText(ofParts(detectors), text)),
): TextsJudgement {
  const whole = texts.length > 1 ? detectors : detectors.filter(({ scope }) => scope === 'exchange')
  const joined = judgeText(whole, texts.join(joint))
  const starts = startsOf(texts)
  const across = joined.findings.filter((finding) => {
    const index = indexAt(starts, finding.start)
    const inside = finding.end <= (starts[index] ?? 0) + (texts[index]?.length ?? 0)
    return !inside || !raises(alone[index], finding)
  })
  const findings: readonly IndexedFinding[] = [
    ...alone.flatMap((judgement, index) => judgement.findings.map((finding) => ({ ...finding, index }))),
    ...across.map((finding) => ({ ...finding, index: null })),
  ]
  return {
    findings: findings.filter(createFindingsLimit()),
    detectors: worstOutcomes(detectors, [...alone, joined]),
  }
}

export function ofParts(detectors: readonly Detector[]): readonly Detector[] {
  return detectors.filter(({ scope }) => scope === 'part')
}

/** What is said of texts that could not be judged. */
export function unjudgedTexts(
  detectors: readonly Detector[],
  texts: readonly string[],
  outcome: 'failed' | 'timed-out',
): TextsJudgement {
  const judgement = unjudged(detectors, unitsOf(texts) + joint.length * (texts.length - 1), outcome)
  const findings = judgement.findings.map((finding) => ({ ...finding, index: null }))
  return { findings, detectors: judgement.detectors }
}

/** UTF-16 units of all texts together. */
export function unitsOf(texts: readonly string[]): number {
  return texts.reduce((units, text) => units + text.length, 0)
}

/** Line breaks between texts end words, and are too short to end a window. */
const joint = '\n'

/** Where each text begins in the joined text. */
function startsOf(texts: readonly string[]): Int32Array {
  const starts = new Int32Array(texts.length)
  for (const [index, text] of texts.entries())
    starts[index + 1] = (starts[index] ?? 0) + text.length + joint.length
  return starts
}

/** The last text that begins at `position` or before, by bisection: there may be very many. */
function indexAt(starts: Int32Array, position: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= position) low = middle
    else high = middle
  }
  return low
}

function raises(judgement: TextJudgement | undefined, { detector, signal }: Finding): boolean {
  return judgement?.findings.some((own) => own.detector === detector && own.signal === signal) === true
}

const severity: readonly ScreenedDetector['outcome'][] = ['ran', 'timed-out', 'failed']

/** One outcome per detector: the worst over all texts. */
function worstOutcomes(
  detectors: readonly Detector[],
  judgements: readonly TextJudgement[],
): ScreenedDetector[] {
  const worst = new Map(detectors.map((detector) => [nameOf(detector), 0]))
  for (const { detector, outcome } of judgements.flatMap((judgement) => judgement.detectors))
    worst.set(detector, Math.max(worst.get(detector) ?? 0, severity.indexOf(outcome)))
  return [...worst.keys()]
    .sort()
    .map((detector) => ({ detector, outcome: severity[worst.get(detector) ?? 0] ?? 'failed' }))
}
