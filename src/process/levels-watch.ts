/**
 * Whether the levels that rules ask can still be met by those who are enrolled: looked at whenever something else is in
 * force, and once a day while nothing changes, so that what was overlooked once is told again.
 */
import { messageOf, systemClock } from '../base/index.ts'
import type { Clock } from '../base/index.ts'
import { unsatisfiableLevels, unsatisfiableText } from '../oversight/index.ts'
import { RecorderClient, portChannel } from '../recorder/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { buildStanding } from '../standing/index.ts'
import type { Standing } from '../standing/index.ts'
import type { RecorderProcess } from './recorder-process.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How often it is asked whether a day is over: a machine that slept is not late by more. */
const tickMs = 10 * 60 * 1000

export interface LevelsWatchOptions {
  readonly recorder: Pick<Recorder, 'standing'>
  /** What was in force before: it is not read again. */
  readonly standing?: Standing
  readonly clock: Clock
  readonly warn: (message: string) => void
}

/** It warns and nothing else: what waits for such a level is approved by nobody, watched or not. */
export class LevelsWatch implements Disposable {
  readonly #options: LevelsWatchOptions
  readonly #timer: NodeJS.Timeout
  /** Sentences that were told and are still so. */
  #told: ReadonlySet<string>
  #standing: Standing
  #lastNight: number
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(options: LevelsWatchOptions, standing: Standing, now: number) {
    this.#options = options
    this.#standing = standing
    this.#told = new Set(sentencesOf(standing))
    this.#lastNight = now
    this.#timer = setInterval(() => void this.tick(), tickMs).unref()
  }

  /**
   * What is so at the start is told by whoever enrols the reviewers, so not here. Rejects when what is in force cannot
   * be read.
   */
  static async open(options: LevelsWatchOptions): Promise<LevelsWatch> {
    const { recorder, clock, standing } = options
    const now = clock.now()
    return new LevelsWatch(options, buildStanding(await recorder.standing(), now, standing), now)
  }

  /** Something else is in force: tells what was not so before. Never rejects. */
  changed(): Promise<void> {
    return this.#inTurn(async () => {
      const sentences = await this.#read()
      this.#tell(sentences.filter((sentence) => !this.#told.has(sentence)))
      this.#told = new Set(sentences)
    })
  }

  /** Tells all of it where a day is over. Never rejects. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      const now = this.#options.clock.now()
      if (now - this.#lastNight < dayMs) return
      this.#lastNight = now
      const sentences = await this.#read()
      this.#tell(sentences)
      this.#told = new Set(sentences)
    })
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#isClosed = true
  }

  async #read(): Promise<string[]> {
    const { recorder, clock } = this.#options
    this.#standing = buildStanding(await recorder.standing(), clock.now(), this.#standing)
    return sentencesOf(this.#standing)
  }

  #tell(sentences: readonly string[]): void {
    for (const sentence of sentences) this.#options.warn(sentence)
  }

  /** One after another, so that nothing is told twice. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      if (!this.#isClosed)
        this.#options.warn(`whether levels can be approved could not be looked at: ${messageOf(error)}`)
    })
    return this.#last
  }
}

/** A watch in the primary, told of every change until it is disposed of. Rejects as `LevelsWatch.open` does. */
export async function watchLevels(
  recorderProcess: Pick<RecorderProcess, 'connect'>,
  standing: Standing,
  warn: (message: string) => void,
): Promise<Disposable> {
  using opened = new DisposableStack()
  const port = recorderProcess.connect()
  opened.defer(() => port.close())
  let watch: LevelsWatch | null = null
  const recorder = new RecorderClient(portChannel(port), { onChanged: () => void watch?.changed() })
  watch = opened.use(await LevelsWatch.open({ recorder, standing, clock: systemClock, warn }))
  // What has changed since it asked was told to nobody here.
  await watch.changed()
  return opened.move()
}

/** Without reviewers nobody decides, and that is nothing to be told of again and again. */
function sentencesOf({ agreements, reviewers }: Standing): string[] {
  if (reviewers.length === 0) return []
  return [...agreements.values()].flatMap(({ agreement }) =>
    unsatisfiableLevels(agreement, reviewers).map(unsatisfiableText),
  )
}
