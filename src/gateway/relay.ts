/** What the two ways of relaying an answer share: whole and streamed are judged on one path. */
import { ServandaError } from '../base/index.ts'
import type { Json } from '../base/index.ts'
import { denyBySystem } from '../decision/index.ts'
import type { JudgedActs } from '../decision/index.ts'
import type { Recorded } from '../recorder/index.ts'
import type { UpstreamResponse } from '../upstream/index.ts'
import type { Admitted } from './admitted.ts'
import type { AnswerJudge, JudgedChoice, Release, Stopped, ToolCall } from './answer-judge.ts'
import { AnswerError } from './chat/index.ts'
import type { AnswerHead, AnswerPiece, Usage } from './chat/index.ts'
import type { Reply } from './reply.ts'

/** What one choice has given out. */
interface Given {
  content: string
  refusal: string
  toolCalls: readonly ToolCall[]
}

/** The answer as it stands at any moment: what is judged, what it cost, what was left out. */
export class AnswerSoFar {
  readonly judge: AnswerJudge
  /** What the judge decides by. */
  readonly judged: JudgedActs
  readonly #dropped = new Set<string>()
  readonly #given = new Map<number, Given>()
  usage: Usage | null = null
  /** How far the request came; once a model may have worked on it, it may have cost everything. */
  reached: 'nobody' | 'refused' | 'model' = 'nobody'
  /** Its outcome is written, or was asked to be: there is only one. */
  settled = false

  constructor(judge: AnswerJudge, judged: JudgedActs) {
    this.judge = judge
    this.judged = judged
  }

  add({ deltas, usage, dropped }: AnswerPiece): void {
    for (const delta of deltas) this.judge.push(delta)
    this.usage = usage ?? this.usage
    for (const name of dropped) if (this.#dropped.size < 32) this.#dropped.add(name)
  }

  /** An answer that was held, as it was when people were shown it: judged again like one that comes now. */
  addHeld(choices: readonly JudgedChoice[]): void {
    for (const { index: choice, content, refusal, toolCalls, finish } of choices) {
      if (content !== '') this.judge.push({ choice, text: { channel: 'content', text: content } })
      if (refusal !== '') this.judge.push({ choice, text: { channel: 'refusal', text: refusal } })
      for (const [index, call] of toolCalls.entries()) {
        this.judge.push({ choice, toolCall: { index, ...call } })
      }
      if (finish !== null) this.judge.push({ choice, finish })
    }
  }

  /**
   * The upstream says that this is all: judges the rest and gives it. Throws `AnswerStopped`, and
   * `ANSWER_NONSENSE` for an answer without a choice or with one that never ended.
   */
  end(): readonly Release[] {
    const rest = this.judge.end()
    if (this.judge.stopped) throw new AnswerStopped(this.judge.stopped)
    const choices = this.judge.choices()
    if (choices.length === 0 || choices.some(({ finish }) => finish === null)) {
      throw new AnswerError('ANSWER_NONSENSE', 'the answer ended without its end')
    }
    return rest
  }

  /** Notes what is given out, before it is: the outcome says what left, not what might have. */
  give(release: Release): void {
    const given = this.#given.get(release.choice) ?? { content: '', refusal: '', toolCalls: [] }
    if ('text' in release) given[release.channel] += release.text
    if ('toolCalls' in release) given.toolCalls = release.toolCalls
    this.#given.set(release.choice, given)
  }

  /** Everything given out so far, by choice. */
  given(): Json {
    return [...this.#given].map(([choice, { content, refusal, toolCalls }]) => ({
      choice,
      content,
      refusal,
      toolCalls: toolCalls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args })),
    }))
  }

  get dropped(): readonly string[] {
    return [...this.#dropped]
  }
}

/** A clause stopped the answer: not an error, but the end of the relay. */
export class AnswerStopped extends ServandaError<'ANSWER_STOPPED'> {
  override readonly name = 'AnswerStopped'
  readonly stopped: Stopped

  constructor(stopped: Stopped) {
    super('ANSWER_STOPPED', 'a clause stopped the answer')
    this.stopped = stopped
  }
}

/** What it takes to give an answer out. */
export interface GivingOut {
  readonly admitted: Admitted
  readonly answer: AnswerSoFar
  readonly reply: Reply
  /** Throws when the exchange must not go on: lease stale, order, amendment, caller gone. */
  readonly requireGoing: () => void
  /** Step 9, for an answer that is complete and allowed. */
  readonly complete: () => Promise<Recorded>
}

/** An answer that comes from an upstream now. */
export interface Relay extends GivingOut {
  readonly response: UpstreamResponse
  /** A provider's gate stands between: what it says of an order is believed, for it only tightens. */
  readonly throughGate: boolean
}

export const byProvidersGate: Stopped = { stage: 'answer', decision: denyBySystem('system.gate') }

export function answerHead({ admitted: { known } }: Pick<GivingOut, 'admitted'>): AnswerHead {
  return { id: known.exchange, created: Math.floor(known.arrivedAt / 1000), model: known.chat.model }
}
