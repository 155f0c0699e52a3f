/** Serves the recorder's contract to any number of workers, each behind a channel of its own. */
import { messageOf } from '../base/index.ts'
import type { Answer, AnswerMessage, Ask, AskMessage, Channel } from './ask.ts'
import type { Publisher } from './publisher.ts'
import { RecorderError } from './recorder.ts'
import type { Sequencer } from './sequencer.ts'

export interface RecorderHostOptions {
  readonly sequencer: Sequencer
  readonly publisher: Publisher
  /** Called once when the recorder must not go on: the process ends and the next start recovers. */
  readonly fatal: (error: unknown) => void
  /** A checkpoint is signed when so many entries, or so many milliseconds, have come since the last. */
  readonly checkpointEntries?: number
  readonly checkpointMs?: number
}

export class RecorderHost implements AsyncDisposable {
  readonly #options: Required<RecorderHostOptions>
  readonly #timer: NodeJS.Timeout
  #workers = 0
  #publishing: Promise<void> | null = null

  constructor(options: RecorderHostOptions) {
    this.#options = { checkpointEntries: 256, checkpointMs: 1000, ...options }
    this.#timer = setInterval(() => {
      this.#options.sequencer.tick()
      this.#publish()
    }, this.#options.checkpointMs)
  }

  /** A new worker; when its channel closes, what it left open is settled as interrupted. */
  connect(channel: Channel<AnswerMessage, AskMessage>): void {
    const worker = ++this.#workers
    channel.listen(
      (messages) => void this.#serve(messages, worker, channel),
      () => this.#options.sequencer.forget(worker),
    )
  }

  async #serve(
    messages: readonly AskMessage[],
    worker: number,
    channel: Channel<AnswerMessage, AskMessage>,
  ): Promise<void> {
    // Asks of one group are mostly written in one commit, so their answers travel together too.
    const answers = await Promise.all(messages.map((message) => this.#answer(message, worker)))
    channel.post(answers)
    const { sequencer, publisher, checkpointEntries } = this.#options
    if (sequencer.head().size - publisher.size >= checkpointEntries) this.#publish()
  }

  async #answer({ id, ask }: AskMessage, worker: number): Promise<AnswerMessage> {
    try {
      return { id, answer: await this.#do(ask, worker) }
    } catch (thrown) {
      const code = thrown instanceof RecorderError ? thrown.code : 'RECORDER_DAMAGED'
      if (code === 'RECORDER_DAMAGED') this.#options.fatal(thrown)
      return { id, error: { code, message: messageOf(thrown) } }
    }
  }

  async #do(ask: Ask, worker: number): Promise<Answer> {
    const { sequencer } = this.#options
    switch (ask.op) {
      case 'reserve':
        return sequencer.reserve(ask.agreement, ask.micros, worker)
      case 'release':
        sequencer.release(ask.reservation)
        return null
      case 'lease':
        return sequencer.lease()
      case 'standing':
        return sequencer.standing()
      case 'admit':
      case 'refuse':
      case 'settle':
      case 'activate':
        return sequencer.record(ask, worker)
    }
  }

  #publish(): void {
    this.#publishing ??= this.#options.publisher
      .publish(this.#options.sequencer.head())
      .catch((thrown: unknown) => this.#options.fatal(thrown))
      .finally(() => (this.#publishing = null))
  }

  /** Waits for the last commit and signs what it wrote. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#options.sequencer.idle()
    await this.#publishing
    await this.#options.publisher.publish(this.#options.sequencer.head())
  }
}
