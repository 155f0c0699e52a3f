/**
 * Judges an answer while it comes and says how much of it may go out. One path for streams and for whole answers:
 * a whole one is pushed at once. Content is released up to the least `safeUpTo`; a refusal, every tool call and the
 * last of the content only when the answer has ended and its parts were judged together.
 */
import { joinDecisions } from '../decision/index.ts'
import type { Decision, Stage } from '../decision/index.ts'
import { screeningFailed } from '../screening/index.ts'
import type { DetectorSession, Finding, PlacedFinding, ScreenedDetector } from '../screening/index.ts'
import { readingsOf } from './shape.ts'

export type Channel = 'content' | 'refusal'

export interface ToolCallDelta {
  readonly index: number
  readonly id?: string
  readonly name?: string
  readonly arguments?: string
}

/** A piece of an answer, of one of its choices. */
export interface AnswerDelta {
  readonly choice: number
  readonly text?: { readonly channel: Channel; readonly text: string }
  readonly toolCall?: ToolCallDelta
  readonly finish?: string
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** What may go out to the caller now. */
export type Release =
  | { readonly choice: number; readonly channel: Channel; readonly text: string }
  | { readonly choice: number; readonly toolCalls: readonly ToolCall[] }
  | { readonly choice: number; readonly finish: string }

export interface JudgedChoice {
  readonly index: number
  readonly content: string
  readonly refusal: string
  readonly toolCalls: readonly ToolCall[]
  readonly finish: string | null
}

export interface AnswerJudgeOptions {
  readonly open: () => DetectorSession
  /** The detectors that a session opened now has, as `<detector>@<version>`. */
  readonly versions: () => readonly string[]
  /** Signals found before the answer began. */
  readonly signals: ReadonlySet<string>
  /** Decides by the facts of this moment. `tool` is a tool's name at stage `tool`. */
  readonly decide: (stage: Stage, signals: ReadonlySet<string>, tool?: string) => Decision
}

interface TextState {
  readonly session: DetectorSession
  text: string
  released: number
  safeUpTo: number
}

interface ChoiceState {
  readonly content: TextState
  readonly refusal: TextState
  readonly toolCalls: Map<number, { id: string; name: string; arguments: string }>
  finish: string | null
}

export interface Stopped {
  readonly stage: Stage
  readonly decision: Decision
}

export class AnswerJudge {
  readonly #options: AnswerJudgeOptions
  readonly #choices = new Map<number, ChoiceState>()
  readonly #signals: Set<string>
  readonly #findings: PlacedFinding[] = []
  readonly #detectors = new Set<string>()
  /** The detectors and signals of the findings. */
  readonly #found = new Set<string>()
  #decision: Decision | null = null
  #stopped: Stopped | null = null

  constructor(options: AnswerJudgeOptions) {
    this.#options = options
    this.#signals = new Set(options.signals)
  }

  /**
   * The heaviest decision other than `allow` so far; nothing is released after the first. A denial is final; a hold
   * may still become one, and is what the whole answer waits for once it has ended.
   */
  get stopped(): Stopped | null {
    return this.#stopped
  }

  /** Nothing that still comes can change the decision. */
  get denied(): boolean {
    return this.#stopped?.decision.verdict === 'deny'
  }

  /** The last decision made over the answer; null before the first. */
  get decision(): Decision | null {
    return this.#decision
  }

  get findings(): readonly PlacedFinding[] {
    return this.#findings
  }

  /** What has really looked at the answer: nothing before its first piece. */
  get detectors(): readonly ScreenedDetector[] {
    const failures = this.#findings.filter(({ signal }) => signal === screeningFailed)
    const failed = new Set(failures.map(({ detector }) => detector))
    return [...this.#detectors]
      .sort()
      .map((detector) => ({ detector, outcome: failed.has(detector) ? 'failed' : 'ran' }))
  }

  /** Everything that has come, judged, by choice: for the record. */
  choices(): readonly JudgedChoice[] {
    return [...this.#choices.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, choice]) => ({
        index,
        content: choice.content.text,
        refusal: choice.refusal.text,
        toolCalls: [...choice.toolCalls.values()],
        finish: choice.finish,
      }))
  }

  push(delta: AnswerDelta): void {
    const choice = this.#choice(delta.choice)
    if (delta.text) this.#pushText(choice, delta.choice, delta.text)
    if (delta.toolCall) addToCall(choice, delta.toolCall)
    if (delta.finish !== undefined) choice.finish = delta.finish
  }

  /** Decides over all that was found, then gives what of the content is safe to release; nothing once stopped. */
  take(): readonly Release[] {
    this.#decide('answer')
    if (this.#stopped) return []
    return [...this.#choices].flatMap(([index, { content }]) => releaseText(index, 'content', content))
  }

  /** The answer is complete: judges each part whole and all of them together, and releases the rest. */
  end(): readonly Release[] {
    for (const [index, choice] of this.#choices) {
      this.#endText(choice.content, placeOf(index, 'content'))
      this.#endText(choice.refusal, placeOf(index, 'refusal'))
      for (const [number, call] of choice.toolCalls)
        this.#judgeCall(call, `choices[${index}].tool_calls[${number}]`)
    }
    this.#judgeTogether()
    for (const { toolCalls } of this.#choices.values())
      for (const { name } of toolCalls.values()) this.#decide('tool', name)
    this.#decide('answer')
    if (this.#stopped) return []
    return [...this.#choices].flatMap(([index, choice]) => releaseEnd(index, choice))
  }

  #choice(index: number): ChoiceState {
    const known = this.#choices.get(index)
    if (known) return known
    const text = (): TextState => ({ session: this.#open(), text: '', released: 0, safeUpTo: 0 })
    const choice: ChoiceState = { content: text(), refusal: text(), toolCalls: new Map(), finish: null }
    this.#choices.set(index, choice)
    return choice
  }

  #open(): DetectorSession {
    for (const detector of this.#options.versions()) this.#detectors.add(detector)
    return this.#options.open()
  }

  #pushText(choice: ChoiceState, index: number, { channel, text }: { channel: Channel; text: string }): void {
    const state = choice[channel]
    state.text += text
    const judgement = state.session.push(text)
    state.safeUpTo = judgement.safeUpTo
    this.#note(judgement.findings, placeOf(index, channel))
  }

  #endText(state: TextState, place: string): void {
    const judgement = state.session.end()
    state.safeUpTo = judgement.safeUpTo
    this.#note(judgement.findings, place)
  }

  #judgeCall(call: ToolCall, place: string): void {
    const text = textOf(call)
    const readings = readingsOf(text)
    if (readings === null) this.#note([unreadable(text)], place)
    for (const view of [text, ...(readings ?? [])]) this.#note(this.#findIn(view), place)
  }

  /** A text may be cut in two over content, refusal, calls and choices: whoever reads them all reads it whole. */
  #judgeTogether(): void {
    const sorted = [...this.#choices].sort(([a], [b]) => a - b)
    const wholes = sorted.map(([index, choice]) => {
      const parts = partsOf(choice)
      if (parts.length > 1) this.#judgeWhole(parts, `choices[${index}]`)
      return parts
    })
    if (wholes.filter((parts) => parts.length > 0).length > 1) this.#judgeWhole(wholes.flat(), 'choices')
  }

  /** Notes only what no single part has: the rest is noted where it stands. */
  #judgeWhole(parts: readonly AnswerPart[], place: string): void {
    for (const view of wholeViewsOf(parts)) {
      const known = new Set(this.#found)
      const across = this.#findIn(view).filter((finding) => !known.has(keyOf(finding)))
      this.#note(across, place)
    }
  }

  #findIn(text: string): readonly Finding[] {
    const session = this.#open()
    return [...session.push(text).findings, ...session.end().findings]
  }

  #note(findings: readonly Finding[], place: string): void {
    for (const finding of findings) {
      this.#signals.add(finding.signal)
      this.#found.add(keyOf(finding))
      this.#findings.push({ ...finding, place })
    }
  }

  #decide(stage: Stage, tool?: string): void {
    if (this.denied) return
    const decision = this.#options.decide(stage, this.#signals, tool)
    if (decision.verdict !== 'allow') this.#stopped = heavier(this.#stopped, { stage, decision })
    this.#decision = this.#stopped?.decision ?? decision
  }
}

/** Two holds wait for all that both ask; the stage of the first is where the answer stopped. */
function heavier(before: Stopped | null, now: Stopped): Stopped {
  if (before === null) return now
  const decision = joinDecisions(before.decision, now.decision)
  return { stage: decision.verdict === before.decision.verdict ? before.stage : now.stage, decision }
}

interface AnswerPart {
  readonly text: string
  /** Mostly JSON, so it is read without its escapes too. */
  readonly json: boolean
}

/** What one choice says, in the order in which it goes out. */
function partsOf({ content, refusal, toolCalls }: ChoiceState): AnswerPart[] {
  return [
    { text: content.text, json: false },
    { text: refusal.text, json: false },
    ...[...toolCalls.values()].map((call) => ({ text: textOf(call), json: true })),
  ].filter(({ text }) => text !== '')
}

/**
 * All parts as one text, apart and without a seam, for a cut may lie between words or inside one: with the calls as
 * they stand, and as they read at each level of their escapes.
 */
function wholeViewsOf(parts: readonly AnswerPart[]): readonly string[] {
  const levels = parts.map(({ text, json }) => [text, ...((json && readingsOf(text)) || [])])
  const deepest = Math.max(...levels.map(({ length }) => length))
  const seams = parts.length > 1 ? ['\n', ''] : ['\n']
  return Array.from({ length: deepest }, (_, level) =>
    levels.map((views) => views[Math.min(level, views.length - 1)]),
  ).flatMap((views) => seams.map((seam) => views.join(seam)))
}

/** Escapes that lead to escapes, again and again: nobody here can say what it reads as. */
function unreadable(text: string): Finding {
  const found = { signal: screeningFailed, score: 1, view: 'unread' }
  return { ...found, start: 0, end: text.length, detector: 'escapes@1' }
}

function textOf({ id, name, arguments: args }: ToolCall): string {
  return `${id}\n${name}\n${args}`
}

function keyOf({ detector, signal }: Finding): string {
  return `${detector} ${signal}`
}

function placeOf(choice: number, channel: Channel): string {
  return `choices[${choice}].message.${channel}`
}

function addToCall(choice: ChoiceState, delta: ToolCallDelta): void {
  const call = choice.toolCalls.get(delta.index) ?? { id: '', name: '', arguments: '' }
  call.id += delta.id ?? ''
  call.name += delta.name ?? ''
  call.arguments += delta.arguments ?? ''
  choice.toolCalls.set(delta.index, call)
}

function releaseText(choice: number, channel: Channel, state: TextState): Release[] {
  const upTo = wholeCharacter(state.text, state.safeUpTo)
  if (upTo <= state.released) return []
  const text = state.text.slice(state.released, upTo)
  state.released = upTo
  return [{ choice, channel, text }]
}

/** Steps back from the middle of a surrogate pair. */
function wholeCharacter(text: string, position: number): number {
  const before = text.charCodeAt(position - 1)
  return before >= 0xd800 && before <= 0xdbff ? position - 1 : position
}

function releaseEnd(index: number, choice: ChoiceState): Release[] {
  const calls = [...choice.toolCalls.values()]
  return [
    ...releaseText(index, 'content', choice.content),
    ...releaseText(index, 'refusal', choice.refusal),
    ...(calls.length > 0 ? [{ choice: index, toolCalls: calls }] : []),
    ...(choice.finish === null ? [] : [{ choice: index, finish: choice.finish }]),
  ]
}
