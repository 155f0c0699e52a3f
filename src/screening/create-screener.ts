/** Screening as the gateway uses it: every part alone and all as one text, with memory, threads and deadlines. */
import { combineSessions } from './combined-session.ts'
import { pushUnitsMax } from './detector.ts'
import type { Detector, Part } from './detector.ts'
import { createDetectors } from './detectors.ts'
import type { AgreementPhrases } from './detectors.ts'
import { judgeTexts, ofParts, unitsOf, unjudgedTexts } from './judge-texts.ts'
import type { TextsJudgement } from './judge-texts.ts'
import { createMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { openThread } from './open-thread.ts'
import type { Screener, Screening } from './screener.ts'
import { judgeText, nameOf } from './text-judgement.ts'
import type { TextJudgement } from './text-judgement.ts'
import { createThreadPool, systemTimer } from './thread-pool.ts'
import type { ScreeningThread, Timer } from './thread-pool.ts'

/** The place of what is found only when the parts are read as one text. */
export const exchangePlace = 'exchange'

export interface ScreenerLimits {
  /** UTF-16 units of all text of a request above which it is judged in a thread. */
  readonly unitsAtOnceMax: number
  /** Parts above which a request is judged in a thread. */
  readonly partsAtOnceMax: number
  /** For a request judged in a thread, the wait for a thread included. */
  readonly deadlineMs: number
  readonly threadsMax: number
  /** Large requests that may wait for a thread; one more is `screening-failed`. */
  readonly waitingMax: number
  /** UTF-16 units below which a part is judged anew: that takes no longer than to look it up. */
  readonly rememberedUnitsMin: number
  /** Parts whose judgement is remembered; those of large requests never are. */
  readonly rememberedMax: number
}

const defaultLimits: ScreenerLimits = {
  unitsAtOnceMax: pushUnitsMax,
  partsAtOnceMax: 200,
  deadlineMs: 2_000,
  threadsMax: 2,
  waitingMax: 64,
  rememberedUnitsMin: 1_024,
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
  const judgePart = (part: Part): TextJudgement =>
    part.text.length < bounds.rememberedUnitsMin
      ? judgeText(ofParts(detectors), part.text)
      : recallOrJudge(part, ofParts(detectors), memory)
  const judgeInThread = async (texts: readonly string[]): Promise<TextsJudgement> => {
    const result = await pool.judge(texts)
    return typeof result === 'string' ? unjudgedTexts(detectors, texts, result) : result
  }
  return {
    signals: [...new Set(detectors.flatMap(({ signals }) => signals))].sort(),
    versions,
    async screen(parts) {
      const texts = parts.map(({ text }) => text)
      const large = parts.length > bounds.partsAtOnceMax || unitsOf(texts) > bounds.unitsAtOnceMax
      const judgement = large
        ? await judgeInThread(texts)
        : judgeTexts(detectors, texts, parts.map(judgePart))
      return place(judgement, parts)
    },
    open: () => combineSessions(detectors),
    [Symbol.asyncDispose]() {
      pool[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

function recallOrJudge({ kind, text }: Part, detectors: readonly Detector[], memory: Memory): TextJudgement {
  const key = memory.keyOf(kind, text)
  const known = memory.recall(key)
  if (known !== undefined) return known
  const judgement = judgeText(detectors, text)
  if (judgement.detectors.every(({ outcome }) => outcome === 'ran')) memory.remember(key, judgement)
  return judgement
}

function place({ findings, detectors }: TextsJudgement, parts: readonly Part[]): Screening {
  const placed = findings.map(({ index, ...finding }) => ({
    ...finding,
    place: (index === null ? undefined : parts[index]?.place) ?? exchangePlace,
  }))
  return { findings: placed, detectors }
}
