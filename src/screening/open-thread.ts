/** Starts screening-thread.ts and speaks with it. */
import { Worker } from 'node:worker_threads'
import type { AgreementPhrases } from './detectors.ts'
import type { TextsJudgement } from './judge-texts.ts'
import type { ScreeningThread } from './thread-pool.ts'

export function openThread(agreementPhrases: AgreementPhrases): ScreeningThread {
  const worker = new Worker(new URL('./screening-thread.ts', import.meta.url), {
    workerData: agreementPhrases.map(({ id, phrases }) => ({ id, phrases })),
    env: {},
  })
  // The deadline of a task keeps the process alive as long as one runs.
  worker.unref()
  let broken: Error | null = null
  worker.on('error', (error) => (broken = error instanceof Error ? error : new Error('the thread threw')))
  return {
    judge(task) {
      const { promise, resolve, reject } = Promise.withResolvers<TextsJudgement>()
      if (broken) return Promise.reject(broken)
      const settle = (): void => {
        worker.off('message', answered).off('exit', exited)
      }
      const answered = (judgement: TextsJudgement): void => {
        settle()
        resolve(judgement)
      }
      const exited = (): void => {
        settle()
        reject(broken ?? new Error('the thread has ended'))
      }
      worker.on('message', answered).on('exit', exited)
      worker.postMessage(task)
      return promise
    },
    terminate: () => void worker.terminate(),
  }
}
