/** Examines a version of an agreement, or a reading of one, in a thread of its own: no call should wait for seconds. */
import { Worker } from 'node:worker_threads'
import { AgreementError, rememberAmendment } from '../agreement/index.ts'
import type { Agreement, Amendment, Dispute } from '../agreement/index.ts'
import { DecisionError } from '../decision/index.ts'

export type ExamineAsk =
  | {
      readonly about: 'version'
      readonly text: string
      /** The version that it amends. */
      readonly previous: string | undefined
    }
  | { readonly about: 'reading'; readonly text: string; readonly dispute: Dispute }

/** What the thread says, once. */
export type Examined =
  | { readonly good: true; readonly amendment: Amendment | null }
  | { readonly good: false; readonly code: string; readonly message: string }

/** Long enough for any agreement that people read. */
const examineMs = 80_000

/**
 * Resolves when `servanda check` finds no error and cedar decides as the compiled rules do; what it does to the
 * version before, confirmed by cedar, is known in this process from then on. Rejects with `AGREEMENT_UNSIGNABLE`,
 * `DECISION_ORACLE_MISMATCH` and `DECISION_COMPARISON`.
 */
export async function examine(agreement: Agreement, previous: Agreement | undefined): Promise<void> {
  const examined = await examinedIn({
    about: 'version',
    text: agreement.text,
    previous: previous?.text,
  })
  if (!examined.good) throw failureOf(examined)
  if (previous === undefined || examined.amendment === null) return
  rememberAmendment(previous, agreement, examined.amendment)
}

/**
 * Resolves when cedar decides as the compiled rules do while this dispute acts. Rejects with `DISPUTE_FALSE`,
 * `DECISION_ORACLE_MISMATCH`, and `AGREEMENT_UNSIGNABLE` where that takes too long.
 */
export async function examineReading(signed: Agreement, dispute: Dispute): Promise<void> {
  const examined = await examinedIn({ about: 'reading', text: signed.text, dispute })
  if (!examined.good) throw failureOf(examined)
}

function examinedIn(ask: ExamineAsk): Promise<Examined> {
  const thread = new Worker(new URL('examine-thread.ts', import.meta.url), { workerData: ask })
  const late = setTimeout(() => void thread.terminate(), examineMs)
  return new Promise<Examined>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', () => {
      const message = `it could not be examined within ${examineMs / 1000} seconds`
      reject(new AgreementError('AGREEMENT_UNSIGNABLE', message))
    })
  }).finally(() => clearTimeout(late))
}

function failureOf({ code, message }: Extract<Examined, { good: false }>): Error {
  if (code === 'AGREEMENT_UNSIGNABLE' || code === 'DISPUTE_FALSE') return new AgreementError(code, message)
  if (code === 'DECISION_ORACLE_MISMATCH' || code === 'DECISION_COMPARISON')
    return new DecisionError(code, message)
  return new Error(`${code}: ${message}`)
}
