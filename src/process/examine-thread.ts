/** The thread that examines one version of an agreement, says what came out, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { compileAgreement, requireSignable } from '../agreement/index.ts'
import { ServandaError, invariant } from '../base/index.ts'
import { confirmedAmendment, requireAgreesWithOracle } from '../decision/index.ts'
import type { ExamineAsk, Examined } from './examine.ts'

function examined({ text, previous }: ExamineAsk): Examined {
  try {
    const agreement = requireSignable(text)
    requireAgreesWithOracle(agreement)
    if (previous === undefined) return { good: true, amendment: null }
    const before = compileAgreement(previous).agreement
    invariant(before, 'the version before is in force, so it compiles')
    return { good: true, amendment: confirmedAmendment(before, agreement) }
  } catch (error) {
    // What nobody foresaw ends the thread, and whoever asked is told.
    if (!(error instanceof ServandaError)) throw error
    return { good: false, code: String(error.code), message: error.message }
  }
}

parentPort?.postMessage(examined(workerData as ExamineAsk))
