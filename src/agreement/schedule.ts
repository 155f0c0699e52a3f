/** The schedule: the agreement's closed vocabulary, each line with the clause that it stands under. */

/** Every named thing of the schedule: an id in kebab-case and the clause that names it. */
export interface Listed {
  readonly id: string
  /** Number of a clause of the same file, such as `4.2`. */
  readonly clause: string
  readonly title?: string
}

export type PartyRole = 'agency' | 'provider' | 'overseer'

export interface Party extends Listed {
  readonly role: PartyRole
  /** Raw Ed25519 public keys in base64, distinct over all parties. */
  readonly keys: readonly string[]
  /** How many distinct keys of this party must sign: 1 … keys.length. */
  readonly threshold: number
}

export interface Unit extends Listed {
  /** The unit this one belongs to. */
  readonly in?: string
}

export interface Purpose extends Listed {
  /** Who answers for the purpose, by office and never by name. */
  readonly owner?: string
}

export interface Model extends Listed {
  readonly provider: string
  /** What the upstream calls it, such as `Qwen/Qwen3-32B`; the id where it is absent. */
  readonly name?: string
}

export interface Price {
  /** Millionths of the currency unit per million tokens; one byte of a request counts as one token. */
  readonly inputMicros: number
  readonly outputMicros: number
}

/** What a caller names in `model`: one model at one upstream at one price. */
export interface Route extends Listed {
  readonly model: string
  /** `rehearsal`, or the base URL of an OpenAI-compatible endpoint. */
  readonly upstream: string
  readonly price: Price
  /** Tokens a single answer may have; sent upstream when the caller sets no limit of its own. */
  readonly outputTokensMax: number
}

export interface Tool extends Listed {
  /** The action class that a call of this tool is judged as. */
  readonly action: string
}

export interface Signal extends Listed {
  /** Phrases of the agreement's own, for a signal that no built-in detector knows. */
  readonly phrases?: readonly string[]
}

/** Who must approve what is held. */
export interface Level extends Listed {
  /** How many distinct persons of this level must approve; one where the schedule says nothing. */
  readonly persons: number
}

export interface Exclusion extends Listed {
  readonly unit?: string
  readonly provider?: string
  readonly unlockVia: 'amendment' | 'new-agreement'
}

export interface Norm extends Listed {
  readonly edition: string
}

export interface Term {
  readonly clause: string
  /** Milliseconds since the Unix epoch; `from` is inside the term, `until` is not. */
  readonly from: number
  readonly until: number
}

/** Money in millionths of `currency`: the ceiling is the agreement's, the allotted part is what may be spent. */
export interface Amounts {
  readonly clause: string
  readonly currency: string
  readonly ceilingMicros: number
  readonly allottedMicros: number
}

export interface Schedule {
  readonly id: string
  readonly version: number
  readonly title: string
  /** Digest of the version before, `sha256:<hex>`; absent in version 1. */
  readonly previous?: string
  readonly term: Term
  readonly amounts?: Amounts
  readonly parties: readonly Party[]
  readonly units: readonly Unit[]
  readonly purposes: readonly Purpose[]
  readonly providers: readonly Listed[]
  readonly models: readonly Model[]
  readonly routes: readonly Route[]
  readonly surfaces: readonly Listed[]
  /** What consumes the answer: a person's seat, a batch, a machine with an effect. */
  readonly consumers: readonly Listed[]
  /** Action classes; `generate`, a model call, is always among them. */
  readonly actions: readonly Listed[]
  readonly tools: readonly Tool[]
  readonly signals: readonly Signal[]
  readonly provenances: readonly Listed[]
  readonly levels: readonly Level[]
  readonly exclusions: readonly Exclusion[]
  readonly norms: readonly Norm[]
}

/** The value that stands in the facts for anything the schedule does not list; no schedule may use the word. */
export const unlisted = 'unlisted'
/** The signal that says a detector failed or ran late; always in the vocabulary, always a deny. */
export const screeningFailed = 'screening-failed'
/** The action class of a model call. */
export const generate = 'generate'
