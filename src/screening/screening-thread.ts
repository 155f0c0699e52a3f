/** A thread that judges the texts of one request after another. Whoever opened it ends it when it runs late. */
import { parentPort, workerData } from 'node:worker_threads'
import { createDetectors } from './detectors.ts'
import type { AgreementPhrases } from './detectors.ts'
import { judgeTexts } from './judge-texts.ts'
import type { ThreadTask } from './thread-pool.ts'

const detectors = createDetectors(workerData as AgreementPhrases)

parentPort?.on('message', (texts: ThreadTask) => {
  parentPort?.postMessage(judgeTexts(detectors, texts))
})
