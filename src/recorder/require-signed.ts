/** What only people can give is signed by them, or nothing is written and nothing is signed. */
import { ServandaError } from '../base/index.ts'
import { entryOf } from '../ledger/index.ts'
import type { Signed } from '../ledger/index.ts'
import { RecorderError } from './recorder.ts'
import type { StandingAnswer } from './recorder.ts'

/** What a start has read, for whoever knows agreements. */
export interface ReadSigned extends StandingAnswer {
  /** Every activation, and of all else that people signed for what no checkpoint covers yet. */
  readonly signed: readonly Signed[]
}

/** Throws a `ServandaError` that names the entry, unless people signed all that it says they did. */
export type RequireSigned = (read: ReadSigned) => void | Promise<void>

/**
 * Asks where there is something that no checkpoint covers: what one does cover was asked about before that one was
 * signed. Throws `RECORDER_DAMAGED`.
 */
export async function requireTailSigned(
  read: ReadSigned,
  { covered, ask }: { readonly covered: number; readonly ask: RequireSigned },
): Promise<void> {
  if (!read.signed.some((signed) => entryOf(signed) >= covered)) return
  try {
    await ask(read)
  } catch (cause) {
    if (!(cause instanceof ServandaError)) throw cause
    throw new RecorderError('RECORDER_DAMAGED', cause.message, { cause })
  }
}
