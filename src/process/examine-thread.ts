/** The thread that examines one version of an agreement, or a disputed reading of it, says what came out, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { compileAgreement, requireSignable, underDispute } from '../agreement/index.ts'
import type { Agreement, Amendment } from '../agreement/index.ts'
import { ServandaError, invariant } from '../base/index.ts'
import { confirmedAmendment, requireAgreesWithOracle } from '../decision/index.ts'
import type { ExamineAsk, Examined } from './examine.ts'

function examined(ask: ExamineAsk): Examined {
  try {
    return { good: true, amendment: ask.about === 'version' ? examineVersion(ask) : examineReading(ask) }
  } catch (error) {
    // What nobody foresaw ends the thread, and whoever asked is told.
    if (!(error instanceof ServandaError)) throw error
    return { good: false, code: String(error.code), message: error.message }
  }
}

type Asked<About> = Extract<ExamineAsk, { about: About }>

function examineVersion({ text, previous }: Asked<'version'>): Amendment | null {
  const agreement = requireSignable(text)
  requireAgreesWithOracle(agreement)
  return previous === undefined ? null : confirmedAmendment(inForce(previous), agreement)
}

function examineReading({ text, dispute }: Asked<'reading'>): null {
  requireAgreesWithOracle(underDispute(inForce(text), [dispute]))
  return null
}

function inForce(text: string): Agreement {
  const { agreement } = compileAgreement(text)
  invariant(agreement, 'what is in force compiles')
  return agreement
}

parentPort?.postMessage(examined(workerData as ExamineAsk))
