/** Serves the recorder's contract to any number of workers, each behind a channel of its own. */
import { messageOf } from '../base/index.ts'
import type { Answer, AnswerMessage, Ask, AskMessage, Channel } from './ask.ts'
import type { Publisher } from './publisher.ts'
import { RecorderError } from './recorder.ts'
import type { Sequencer } from './sequencer.ts'

export interface RecorderHostOptions {
  readonly sequencer: Sequencer
  readonly publisher: Pick<Publisher, 'publish' | 'size'>
  /** Called once when the recorder must not go on: the process ends and the next start recovers. */
  readonly fatal: (error: unknown) => void
  /**
   * A checkpoint is signed when so many entries, or so many milliseconds, have come since the last. Each costs some 10
   * ms of CPU time, most of it for files and their syncs: by numbers alone only where a second brings very many.
   */
  readonly checkpointEntries?: number
  readonly checkpointMs?: number
}

export class RecorderHost implements AsyncDisposable {
  readonly #options: Required<RecorderHostOptions>
  readonly #timer: NodeJS.Timeout
  readonly #channels = new Set<Channel<AnswerMessage, AskMessage>>()
  #workers = 0
  #publishing: Promise<void> | null = null
  /** What must not be lost was written while a publication was under way: another follows at once. */
  #again = false
  /** Size of the log at the last attempt to publish: while the disk is full only the timer tries again. */
  #tried: number
  #closing = false
  #failed = false

  constructor(options: RecorderHostOptions) {
    this.#options = { checkpointEntries: 8_192, checkpointMs: 1000, ...options }
    this.#tried = options.publisher.size
    options.sequencer.watch((version) => {
      for (const channel of this.#channels) channel.post([{ changed: version }])
    })
    this.#timer = setInterval(() => this.#tick(), this.#options.checkpointMs)
  }

  /** A new worker; when its channel closes, what it left open is settled as interrupted. */
  connect(channel: Channel<AnswerMessage, AskMessage>): void {
    const worker = ++this.#workers
    this.#channels.add(channel)
    channel.listen(
      (messages) => {
        this.#serve(messages, worker, channel).catch((error: unknown) => this.#fail(error))
      },
      () => {
        this.#channels.delete(channel)
        this.#options.sequencer.forget(worker)
      },
    )
  }

  async #serve(
    messages: readonly AskMessage[],
    worker: number,
    channel: Channel<AnswerMessage, AskMessage>,
  ): Promise<void> {
    // All are begun in their order. What needs no commit waits for none; the others of a group are mostly written
    // in one, so their answers travel together too.
    const answers = messages.map((message) => ({
      durable: durable[message.ask.op],
      answer: this.#answer(message, worker),
    }))
    const post = async (waits: boolean): Promise<void> => {
      const due = answers.filter((one) => one.durable === waits).map(({ answer }) => answer)
      if (due.length > 0) channel.post(await Promise.all(due))
    }
    await Promise.all([post(false), post(true)])
    const ahead = this.#options.sequencer.head().size - this.#tried
    if (ahead >= this.#options.checkpointEntries) this.#publish({ again: true })
  }

  async #answer({ id, ask }: AskMessage, worker: number): Promise<AnswerMessage> {
    try {
      const answer = await this.#do(ask, worker)
      if (isFinal(ask)) this.#publish({ again: true })
      return { id, answer }
    } catch (thrown) {
      const code = thrown instanceof RecorderError ? thrown.code : 'RECORDER_DAMAGED'
      if (code === 'RECORDER_DAMAGED') this.#fail(thrown)
      return { id, error: { code, message: messageOf(thrown) } }
    }
  }

  async #do(ask: Ask, worker: number): Promise<Answer> {
    const { sequencer } = this.#options
    switch (ask.op) {
      case 'reserve':
        return sequencer.reserve(ask.agreement, ask.micros, worker, ask.call)
      case 'release':
        sequencer.release(ask.reservation)
        return null
      case 'lease':
        return sequencer.lease()
      case 'standing':
        return sequencer.standing()
      case 'holds':
        return sequencer.holds()
      case 'sealed':
        return sequencer.sealed(ask.seq)
      case 'admit':
      case 'refuse':
      case 'settle':
      case 'activate':
      case 'decideHold':
      case 'serve':
      case 'note':
        return sequencer.record(ask, worker)
    }
  }

  #tick(): void {
    const { sequencer } = this.#options
    // A commit that nobody waits for, such as the end of a hold, may be the one that breaks.
    if (sequencer.broken) this.#fail(sequencer.broken)
    sequencer.tick()
    this.#publish()
  }

  /** One at a time: each advances the guard from the checkpoint of the one before. */
  #publish({ again = false } = {}): void {
    if (this.#closing || this.#failed) return
    if (this.#publishing) {
      this.#again ||= again
      return
    }
    this.#again = false
    const head = this.#options.sequencer.head()
    this.#tried = head.size
    this.#publishing = this.#options.publisher
      .publish(head)
      .catch((thrown: unknown) => this.#fail(thrown))
      .finally(() => {
        this.#publishing = null
        if (this.#again) this.#publish()
      })
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#options.fatal(error)
  }

  /**
   * Takes no more asks, waits for the last commit, and signs what it wrote. Rejects when the recorder has failed:
   * then nothing more is signed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    clearInterval(this.#timer)
    await this.#options.sequencer.close()
    await this.#publishing
    if (this.#failed)
      throw new RecorderError('RECORDER_DAMAGED', 'the recorder had failed before it was closed')
    await this.#options.publisher.publish(this.#options.sequencer.head())
  }
}

/**
 * What people have done, and the use of it, waits for no timer: whoever deletes the last entries of a program that was
 * killed could otherwise use a hold again, or undo an order, a dispute or an amendment.
 */
function isFinal(ask: Ask): boolean {
  if (ask.op === 'admit') return ask.admission.leaf.hold !== undefined
  if (ask.op === 'note') return ['order', 'dispute', 'announced'].includes(ask.leaf.kind)
  return ask.op === 'decideHold' || ask.op === 'activate'
}

/** Whether the answer waits for a commit. */
const durable: Readonly<Record<Ask['op'], boolean>> = {
  admit: true,
  refuse: true,
  settle: true,
  activate: true,
  decideHold: true,
  serve: true,
  note: true,
  reserve: false,
  release: false,
  lease: false,
  standing: false,
  holds: false,
  sealed: false,
}
