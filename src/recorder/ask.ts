/** What workers ask of the recorder and what it answers, as plain messages that cross threads and processes. */
import type {
  Activation,
  Admission,
  HoldDecision,
  LeaseAnswer,
  OpenHold,
  PlainLeaf,
  Recorded,
  RecorderErrorCode,
  Refusal,
  Reservation,
  Serving,
  Settlement,
  StandingAnswer,
  StandingVersion,
  Unsequenced,
} from './recorder.ts'

export type Ask =
  | { readonly op: 'reserve'; readonly agreement: string; readonly micros: number; readonly call?: string }
  | { readonly op: 'release'; readonly reservation: number }
  | { readonly op: 'admit'; readonly admission: Admission }
  | { readonly op: 'refuse'; readonly refusal: Refusal }
  | { readonly op: 'settle'; readonly settlement: Settlement }
  | { readonly op: 'activate'; readonly activation: Activation }
  | { readonly op: 'decideHold'; readonly decision: HoldDecision }
  | { readonly op: 'serve'; readonly serving: Serving }
  | { readonly op: 'note'; readonly leaf: Unsequenced<PlainLeaf> }
  | { readonly op: 'holds' }
  | { readonly op: 'sealed'; readonly seq: number }
  | { readonly op: 'lease' }
  | { readonly op: 'standing' }

/** The asks that change rows; each waits for a commit. */
export type DurableAsk = Extract<
  Ask,
  { op: 'admit' | 'refuse' | 'settle' | 'activate' | 'decideHold' | 'serve' | 'note' }
>

export type Answer =
  Reservation | Recorded | LeaseAnswer | StandingAnswer | readonly OpenHold[] | Uint8Array | null

export interface AskMessage {
  readonly id: number
  readonly ask: Ask
}

export type AnswerMessage =
  /** Something else is in force than before; told to everyone at once, so that nobody acts on the old a moment longer. */
  | { readonly changed: StandingVersion }
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly error: { readonly code: RecorderErrorCode; readonly message: string } }

/** Messages travel in groups, because each crossing costs more than what it carries. */
export interface Channel<Out, In> {
  post(messages: readonly Out[]): void
  /** Called once, before the first message is expected. */
  listen(receive: (messages: readonly In[]) => void, closed: () => void): void
}
