/** Judges all texts of a request on the spot: each alone, and all as one. */
import type { Detector, Finding } from './detector.ts'
import { createFindingsLimit } from './findings-limit.ts'
import { blank, foldOf } from './fold.ts'
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
  const joined = judgeJoined(whole, texts, joint)
  // A word cut in two is read only if nothing comes between; detectors of exchanges do not go by words.
  const seamless = readsTheSame(texts) ? nothing : judgeJoined(ofParts(detectors), texts, '')
  const known = new Set(joined.findings.map(keyOf))
  const across = [...joined.findings, ...seamless.findings.filter((one) => !known.has(keyOf(one)))]
  const findings: readonly IndexedFinding[] = [
    ...alone.flatMap((judgement, index) => judgement.findings.map((finding) => ({ ...finding, index }))),
    ...across
      .filter(({ inside, finding }) => inside === null || !raises(alone[inside], finding))
      .map(({ finding }) => finding),
  ]
  return {
    findings: findings.filter(createFindingsLimit()),
    detectors: worstOutcomes(detectors, [...alone, joined, seamless]),
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

/** A finding in all texts as one. */
interface JoinedFinding {
  readonly finding: IndexedFinding
  /** The index of the text that holds all of it. */
  readonly inside: number | null
}

interface JoinedJudgement extends Pick<TextJudgement, 'detectors'> {
  readonly findings: readonly JoinedFinding[]
}

const nothing: JoinedJudgement = { findings: [], detectors: [] }

/** Judges the texts as one with `separator` between them; positions are those with line breaks between them. */
function judgeJoined(
  detectors: readonly Detector[],
  texts: readonly string[],
  separator: string,
): JoinedJudgement {
  const { findings, detectors: outcomes } = judgeText(detectors, texts.join(separator))
  const starts = startsOf(texts, separator)
  const shift = joint.length - separator.length
  const placed = findings.map((finding) => {
    const first = indexAt(starts, finding.start)
    const last = indexAt(starts, Math.max(finding.start, finding.end - 1))
    const start = finding.start + first * shift
    const end = finding.end + last * shift
    return { finding: { ...finding, index: null, start, end }, inside: first === last ? first : null }
  })
  return { findings: placed, detectors: outcomes }
}

/** Whether at every seam a word ends anyway, so that it makes no difference what comes between. */
function readsTheSame(texts: readonly string[]): boolean {
  return texts.every((text, index) => {
    const before = texts[index - 1]
    return before === undefined || isBlankAt(before, before.length - 1) || isBlankAt(text, 0)
  })
}

/** Half of a surrogate pair is none, for the other half may stand in the next text. */
function isBlankAt(text: string, position: number): boolean {
  const unit = text.charCodeAt(position)
  return position >= 0 && position < text.length && (unit & 0xf800) !== 0xd800 && foldOf(unit) === blank
}

/** Where each text begins in the joined text. */
function startsOf(texts: readonly string[], separator: string): Int32Array {
  const starts = new Int32Array(texts.length)
  let start = 0
  for (const [index, text] of texts.entries()) {
    starts[index] = start
    start += text.length + separator.length
  }
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

function keyOf({ finding: { detector, signal, view, start, end } }: JoinedFinding): string {
  return [detector, signal, view, start, end].join(' ')
}

function raises(judgement: TextJudgement | undefined, { detector, signal }: Finding): boolean {
  return judgement?.findings.some((own) => own.detector === detector && own.signal === signal) === true
}

const severity: readonly ScreenedDetector['outcome'][] = ['ran', 'timed-out', 'failed']

/** One outcome per detector: the worst over all texts. */
function worstOutcomes(
  detectors: readonly Detector[],
  judgements: readonly Pick<TextJudgement, 'detectors'>[],
): ScreenedDetector[] {
  const worst = new Map(detectors.map((detector) => [nameOf(detector), 0]))
  for (const { detector, outcome } of judgements.flatMap((judgement) => judgement.detectors))
    worst.set(detector, Math.max(worst.get(detector) ?? 0, severity.indexOf(outcome)))
  return [...worst.keys()]
    .sort()
    .map((detector) => ({ detector, outcome: severity[worst.get(detector) ?? 0] ?? 'failed' }))
}
