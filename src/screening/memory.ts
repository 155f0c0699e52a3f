/** Remembers what was said of texts, and cannot be read back: keys are digests with a secret that dies with the process. */
import { hash, randomBytes } from 'node:crypto'
import type { PartKind } from './detector.ts'
import type { TextJudgement } from './text-judgement.ts'

export interface Memory {
  /** The judgement remembered under `key`, which becomes the most recent. */
  recall(key: string): TextJudgement | undefined
  /** Remembers, and forgets what was longest not asked for when there are too many. */
  remember(key: string, judgement: TextJudgement): void
  keyOf(kind: PartKind, text: string): string
}

/** `versions` name the detectors: a judgement is never taken for that of others. */
export function createMemory(versions: readonly string[], entriesMax: number): Memory {
  const prefix = Buffer.concat([randomBytes(32), Buffer.from(`${versions.join('\n')}\0`)])
  const judged = new Map<string, TextJudgement>()
  return {
    keyOf: (kind, text) =>
      // UTF-16, so that a lone surrogate is not taken for its replacement.
      hash('sha256', Buffer.concat([prefix, Buffer.from(`${kind}\0${text}`, 'utf16le')]), 'base64'),
    recall(key) {
      const known = judged.get(key)
      if (known !== undefined) {
        judged.delete(key)
        judged.set(key, known)
      }
      return known
    },
    remember(key, judgement) {
      judged.delete(key)
      judged.set(key, judgement)
      for (const oldest of judged.keys()) {
        if (judged.size <= entriesMax) break
        judged.delete(oldest)
      }
    },
  }
}
