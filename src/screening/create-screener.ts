/** Screening as the gateway uses it: every part alone and all as one text, with memory, threads and deadlines. */
import { combineSessions } from './combined-session.ts'
import type { Detector, Part, PlacedFinding } from './detector.ts'
import { createDetectors } from './detectors.ts'
import type { AgreementPhrases } from './detectors.ts'
import { createMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { openThread } from './open-thread.ts'
import type { ScreenedDetector, Screener, Screening } from './screener.ts'
import { judgeText, nameOf, unjudged } from './text-judgement.ts'
import type { TextJudgement } from './text-judgement.ts'
import { createThreadPool, systemTimer } from './thread-pool.ts'
import type { Scope, ScreeningThread, ThreadPool, Timer } from './thread-pool.ts'

/** The place of what is found only when the parts are read as one text. */
export const exchangePlace = 'exchange'

export interface ScreenerLimits {
  /** UTF-16 units above which a text is judged in a thread. */
  readonly largeTextUnits: number
  /** For a text judged in a thread, the wait for a thread included. */
  readonly deadlineMs: number
  readonly threadsMax: number
  /** Large texts that may wait for a thread; one more is `screening-failed`. */
  readonly waitingMax: number
  /** UTF-16 units below which a part is judged anew: that takes no longer than to look it up. */
  readonly rememberedUnitsMin: number
  /** Parts whose judgement is remembered. */
  readonly rememberedMax: number
}

const defaultLimits: ScreenerLimits = {
  largeTextUnits: 64 * 1024,
  deadlineMs: 2_000,
  threadsMax: 2,
  waitingMax: 64,
  rememberedUnitsMin: 256,
  rememberedMax: 4_096,
}

export interface ScreenerOptions extends Partial<ScreenerLimits> {
  /** Phrases that the agreement in force supplies; the signals of its schedule fit. */
  readonly agreementPhrases?: AgreementPhrases
  readonly timer?: Timer
}

/** A screener over the detectors of the product. Throws `SCREENING_PHRASE` on a phrase that no text could hold. */
export function createScreener({ agreementPhrases = [], timer, ...limits }: ScreenerOptions = {}): Screener {
  return assembleScreener({
    detectors: createDetectors(agreementPhrases),
    openThread: () => openThread(agreementPhrases),
    limits: { ...defaultLimits, ...limits },
    ...(timer && { timer }),
  })
}

export interface ScreenerParts {
  readonly detectors: readonly Detector[]
  /** Opens a thread with the same detectors in it. */
  readonly openThread: () => ScreeningThread
  readonly limits?: Partial<ScreenerLimits>
  readonly timer?: Timer
}

/** A screener from its parts. */
export function assembleScreener({
  detectors,
  openThread,
  limits,
  timer = systemTimer,
}: ScreenerParts): Screener {
  const bounds = { ...defaultLimits, ...limits }
  const versions = detectors.map(nameOf).sort()
  const memory = createMemory(versions, bounds.rememberedMax)
  const pool = createThreadPool({ ...bounds, openThread, timer })
  const judge = createJudge(detectors, pool, bounds.largeTextUnits)
  const judgePart = async (part: Part): Promise<TextJudgement> =>
    part.text.length < bounds.rememberedUnitsMin
      ? judge(part.text, ['part'])
      : recallOrJudge(part, judge, memory)
  return {
    signals: [...new Set(detectors.flatMap(({ signals }) => signals))].sort(),
    versions,
    async screen(parts) {
      const [alone, joined] = await Promise.all([
        Promise.all(parts.map(judgePart)),
        judgeJoined(parts, judge),
      ])
      return mergeJudgements(versions, parts, alone, joined)
    },
    open: () => combineSessions(detectors),
    [Symbol.asyncDispose]() {
      pool[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

type Judge = (text: string, scopes: readonly Scope[]) => TextJudgement | Promise<TextJudgement>

/** Judges small texts at once and large ones in a thread. */
function createJudge(detectors: readonly Detector[], pool: ThreadPool, largeTextUnits: number): Judge {
  return (text, scopes) => {
    const chosen = detectors.filter(({ scope }) => scopes.includes(scope))
    if (chosen.length === 0) return { findings: [], detectors: [] }
    if (text.length <= largeTextUnits) return judgeText(chosen, text)
    return pool
      .judge({ text, scopes })
      .then((result) => (typeof result === 'string' ? unjudged(chosen, text, result) : result))
  }
}

async function recallOrJudge({ kind, text }: Part, judge: Judge, memory: Memory): Promise<TextJudgement> {
  const key = memory.keyOf(kind, text)
  const known = memory.recall(key)
  if (known !== undefined) return known
  const judgement = await judge(text, ['part'])
  if (judgement.detectors.every(({ outcome }) => outcome === 'ran')) memory.remember(key, judgement)
  return judgement
}

/** Line breaks between parts end words, and are too short to end a window. */
const joint = '\n'

async function judgeJoined(parts: readonly Part[], judge: Judge): Promise<TextJudgement> {
  const text = parts.map((part) => part.text).join(joint)
  return judge(text, parts.length > 1 ? ['part', 'exchange'] : ['exchange'])
}

function mergeJudgements(
  versions: readonly string[],
  parts: readonly Part[],
  alone: readonly TextJudgement[],
  joined: TextJudgement,
): Screening {
  const placed = alone.flatMap(({ findings }, index) =>
    findings.map((finding) => ({ ...finding, place: parts[index]?.place ?? exchangePlace })),
  )
  const heard = alone.map(
    ({ findings }) => new Set(findings.map(({ detector, signal }) => `${detector} ${signal}`)),
  )
  const across = joined.findings.filter(({ start, end, detector, signal }) => {
    const inside = partAround(parts, start, end)
    return inside === -1 || heard[inside]?.has(`${detector} ${signal}`) !== true
  })
  const findings: PlacedFinding[] = [...placed, ...across.map((one) => ({ ...one, place: exchangePlace }))]
  return { findings, detectors: worstOutcomes(versions, [...alone, joined]) }
}

/** The part that holds all of `start` … `end` of the joined text, or -1. */
function partAround(parts: readonly Part[], start: number, end: number): number {
  let from = 0
  return parts.findIndex(({ text }) => {
    const inside = start >= from && end <= from + text.length
    from += text.length + joint.length
    return inside
  })
}

const severity: readonly ScreenedDetector['outcome'][] = ['ran', 'timed-out', 'failed']

/** One outcome per detector: the worst over all texts. */
function worstOutcomes(
  versions: readonly string[],
  judgements: readonly TextJudgement[],
): ScreenedDetector[] {
  const worst = new Map(versions.map((detector) => [detector, 0]))
  for (const { detector, outcome } of judgements.flatMap(({ detectors }) => detectors))
    worst.set(detector, Math.max(worst.get(detector) ?? 0, severity.indexOf(outcome)))
  return versions.map((detector) => ({ detector, outcome: severity[worst.get(detector) ?? 0] ?? 'failed' }))
}
