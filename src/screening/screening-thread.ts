/** A thread that judges one text after another. Whoever opened it ends it when it runs late. */
import { parentPort, workerData } from 'node:worker_threads'
import { createDetectors } from './detectors.ts'
import type { AgreementPhrases } from './detectors.ts'
import { judgeText } from './text-judgement.ts'
import type { ThreadTask } from './thread-pool.ts'

const detectors = createDetectors(workerData as AgreementPhrases)

parentPort?.on('message', ({ text, scopes }: ThreadTask) => {
  const chosen = detectors.filter(({ scope }) => scopes.includes(scope))
  parentPort?.postMessage(judgeText(chosen, text))
})
