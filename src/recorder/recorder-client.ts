/** The recorder as a worker sees it: asks go out in groups, answers come back by number. */
import type { Answer, AnswerMessage, Ask, AskMessage, Channel } from './ask.ts'
import { RecorderError } from './recorder.ts'
import type {
  Activation,
  Admission,
  HoldDecision,
  LeaseAnswer,
  OpenHold,
  PlainLeaf,
  Recorded,
  Recorder,
  Refusal,
  Reservation,
  Serving,
  Settlement,
  StandingAnswer,
  StandingVersion,
  Unsequenced,
} from './recorder.ts'

interface Pending {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: RecorderError) => void
}

export interface RecorderClientOptions {
  /** Something else is in force than before: told at once, whoever changed it, and before that one is answered. */
  readonly onChanged?: (version: StandingVersion) => void
}

export class RecorderClient implements Recorder {
  readonly #channel: Channel<AskMessage, AnswerMessage>
  readonly #options: RecorderClientOptions
  readonly #pending = new Map<number, Pending>()
  #outgoing: AskMessage[] = []
  #nextId = 1
  #closed = false

  constructor(channel: Channel<AskMessage, AnswerMessage>, options: RecorderClientOptions = {}) {
    this.#channel = channel
    this.#options = options
    channel.listen(
      (messages) => this.#receive(messages),
      () => this.#close(),
    )
  }

  reserve(agreement: string, micros: number, call?: string): Promise<Reservation> {
    const ask = { op: 'reserve', agreement, micros, ...(call === undefined ? {} : { call }) } as const
    return this.#ask(ask) as Promise<Reservation>
  }

  release(reservation: number): void {
    // A release that is lost with its recorder needs no answer: reservations do not outlive it.
    this.#ask({ op: 'release', reservation }).catch(() => null)
  }

  admit(admission: Admission): Promise<Recorded> {
    return this.#ask({ op: 'admit', admission }) as Promise<Recorded>
  }

  refuse(refusal: Refusal): Promise<Recorded> {
    return this.#ask({ op: 'refuse', refusal }) as Promise<Recorded>
  }

  settle(settlement: Settlement): Promise<Recorded> {
    return this.#ask({ op: 'settle', settlement }) as Promise<Recorded>
  }

  lease(): Promise<LeaseAnswer> {
    return this.#ask({ op: 'lease' }) as Promise<LeaseAnswer>
  }

  standing(): Promise<StandingAnswer> {
    return this.#ask({ op: 'standing' }) as Promise<StandingAnswer>
  }

  activate(activation: Activation): Promise<Recorded> {
    return this.#ask({ op: 'activate', activation }) as Promise<Recorded>
  }

  holds(): Promise<readonly OpenHold[]> {
    return this.#ask({ op: 'holds' }) as Promise<readonly OpenHold[]>
  }

  sealed(seq: number): Promise<Uint8Array | null> {
    return this.#ask({ op: 'sealed', seq }) as Promise<Uint8Array | null>
  }

  decideHold(decision: HoldDecision): Promise<Recorded> {
    return this.#ask({ op: 'decideHold', decision }) as Promise<Recorded>
  }

  serve(serving: Serving): Promise<Recorded> {
    return this.#ask({ op: 'serve', serving }) as Promise<Recorded>
  }

  note(leaf: Unsequenced<PlainLeaf>): Promise<Recorded> {
    return this.#ask({ op: 'note', leaf }) as Promise<Recorded>
  }

  #ask(ask: Ask): Promise<Answer> {
    if (this.#closed) return Promise.reject(gone())
    const id = this.#nextId++
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush())
    this.#outgoing.push({ id, ask })
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }

  #flush(): void {
    const messages = this.#outgoing
    this.#outgoing = []
    if (this.#closed) return
    try {
      this.#channel.post(messages)
    } catch (cause) {
      // Nothing of the group has left: it cannot be sent, or the line broke a moment ago.
      const error = new RecorderError('RECORDER_UNAVAILABLE', 'the asks could not be sent', { cause })
      for (const { id } of messages) {
        this.#pending.get(id)?.reject(error)
        this.#pending.delete(id)
      }
    }
  }

  #receive(messages: readonly AnswerMessage[]): void {
    for (const message of messages) {
      if ('changed' in message) {
        this.#options.onChanged?.(message.changed)
        continue
      }
      const pending = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if ('error' in message) pending?.reject(new RecorderError(message.error.code, message.error.message))
      else pending?.resolve(message.answer)
    }
  }

  #close(): void {
    this.#closed = true
    for (const pending of this.#pending.values()) pending.reject(gone())
    this.#pending.clear()
  }
}

function gone(): RecorderError {
  return new RecorderError('RECORDER_UNAVAILABLE', 'the recorder has gone away')
}
