/** Judges large requests in threads, each under a deadline: a thread that runs late is ended and replaced. */
import type { TextsJudgement } from './judge-texts.ts'

/** All texts of one request. */
export type ThreadTask = readonly string[]

/** A thread with the detectors in it. It is given one task at a time. */
export interface ScreeningThread {
  /** Rejects when the thread breaks; it is not used again then. */
  judge(task: ThreadTask): Promise<TextsJudgement>
  /** Ends it at once, in the middle of a task if need be. */
  terminate(): void
}

export interface Timer {
  /** Calls `run` once after `delayMs` unless the function that it returns is called before. */
  after(delayMs: number, run: () => void): () => void
}

export const systemTimer: Timer = {
  after(delayMs, run) {
    const timeout = setTimeout(run, delayMs)
    return () => clearTimeout(timeout)
  },
}

export interface ThreadPoolOptions {
  readonly openThread: () => ScreeningThread
  readonly threadsMax: number
  /** Tasks that may wait for a thread; one more fails at once. */
  readonly waitingMax: number
  /** From the moment the task is given, waiting included. */
  readonly deadlineMs: number
  readonly timer: Timer
}

export interface ThreadPool extends Disposable {
  /** Never rejects: a task that ends late, or in a thread that breaks, says so. */
  judge(task: ThreadTask): Promise<TextsJudgement | 'failed' | 'timed-out'>
}

interface Job {
  readonly task: ThreadTask
  readonly settle: (result: TextsJudgement | 'failed' | 'timed-out') => void
}

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  return new Pool(options)
}

class Pool implements ThreadPool {
  readonly #options: ThreadPoolOptions
  readonly #idle: ScreeningThread[] = []
  readonly #running = new Map<Job, ScreeningThread>()
  #waiting: Job[] = []
  #disposed = false

  constructor(options: ThreadPoolOptions) {
    this.#options = options
  }

  judge(task: ThreadTask): Promise<TextsJudgement | 'failed' | 'timed-out'> {
    const { deadlineMs, threadsMax, timer, waitingMax } = this.#options
    const full = this.#running.size >= threadsMax && this.#waiting.length >= waitingMax
    if (this.#disposed || full) return Promise.resolve('failed')
    const { promise, resolve } = Promise.withResolvers<TextsJudgement | 'failed' | 'timed-out'>()
    const cancel = timer.after(deadlineMs, () => this.#drop(job, 'timed-out'))
    const job: Job = {
      task,
      settle(result) {
        cancel()
        resolve(result)
      },
    }
    this.#waiting.push(job)
    this.#start()
    return promise
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    for (const job of [...this.#waiting, ...this.#running.keys()]) this.#drop(job, 'failed')
    for (const thread of this.#idle.splice(0)) thread.terminate()
  }

  /** Gives waiting jobs to threads as far as there are threads. */
  #start(): void {
    while (this.#running.size < this.#options.threadsMax) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      this.#run(job)
    }
  }

  #run(job: Job): void {
    let thread: ScreeningThread
    try {
      thread = this.#idle.pop() ?? this.#options.openThread()
    } catch {
      job.settle('failed')
      return
    }
    this.#running.set(job, thread)
    thread.judge(job.task).then(
      (judgement) => this.#finish(job, thread, judgement),
      () => this.#drop(job, 'failed'),
    )
  }

  #finish(job: Job, thread: ScreeningThread, judgement: TextsJudgement): void {
    // A job that was dropped has been settled, and its thread ended.
    if (!this.#running.delete(job)) return
    this.#idle.push(thread)
    job.settle(judgement)
    this.#start()
  }

  /** Gives a job up, and with it the thread that it runs in. */
  #drop(job: Job, reason: 'failed' | 'timed-out'): void {
    this.#waiting = this.#waiting.filter((other) => other !== job)
    this.#running.get(job)?.terminate()
    this.#running.delete(job)
    job.settle(reason)
    this.#start()
  }
}
