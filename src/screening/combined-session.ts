/** One session over several detectors, for text that arrives in pieces. */
import type { Detector, DetectorSession, Finding, Judgement } from './detector.ts'
import { createFindingsLimit } from './findings-limit.ts'
import { failureFinding, nameOf } from './text-judgement.ts'

/**
 * The union of what the detectors find; safe is what is safe to all of them. A detector that throws, or says
 * something impossible, leaves one `screening-failed`, and from then on nothing more becomes safe. Of a signal,
 * detector and view it gives the first 32 findings.
 */
export function combineSessions(detectors: readonly Detector[]): DetectorSession {
  const guarded = detectors.map(guardSession)
  const keep = createFindingsLimit()
  let safeUpTo = 0
  const combine = (judgements: readonly Judgement[], length: number): Judgement => {
    const least = judgements.reduce((safe, judgement) => Math.min(safe, judgement.safeUpTo), length)
    safeUpTo = Math.max(safeUpTo, least)
    return { findings: judgements.flatMap(({ findings }) => findings).filter(keep), safeUpTo }
  }
  let length = 0
  return {
    push(text) {
      length += text.length
      return combine(
        guarded.map((session) => session.push(text)),
        length,
      )
    },
    end: () =>
      combine(
        guarded.map((session) => session.end()),
        length,
      ),
  }
}

/** A session that never throws. */
function guardSession(detector: Detector): DetectorSession {
  let session: DetectorSession | null = null
  let failed = false
  let length = 0
  let safeUpTo = 0
  const guard = (judge: (session: DetectorSession) => Judgement): Judgement => {
    if (failed) return { findings: [], safeUpTo }
    try {
      session ??= detector.open()
      const judgement = judge(session)
      requirePossible(judgement, safeUpTo, length)
      safeUpTo = judgement.safeUpTo
      return judgement
    } catch {
      // Not swallowed: the finding denies, and what is not safe is never released.
      failed = true
      const failure: Finding = failureFinding(nameOf(detector), safeUpTo, length)
      return { findings: [failure], safeUpTo }
    }
  }
  return {
    push(text) {
      length += text.length
      return guard((open) => open.push(text))
    },
    end: () => guard((open) => open.end()),
  }
}

function requirePossible({ safeUpTo }: Judgement, before: number, length: number): void {
  if (!(safeUpTo >= before && safeUpTo <= length)) throw new RangeError('safeUpTo falls or passes the text')
}
