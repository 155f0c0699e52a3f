/** The schedule: the agreement's closed vocabulary, each line with the clause that it stands under. */

/** Windows over which persons are counted, in days. */
export const personsWindows = [1, 7, 30, 365] as const

/** Every named thing of the schedule: an id in kebab-case and the clause that names it. */
export interface Listed {
  readonly id: string
  /** Number of a clause of the same file, such as `4.2`. */
  readonly clause: string
  readonly title?: string
}

export type PartyRole = 'agency' | 'provider' | 'overseer'

/** One who may sign for a party: an office, with one key or several. */
export interface PartySigner {
  readonly id: string
  readonly title?: string
  /** Raw Ed25519 public keys in base64, distinct over all signers of all parties; any one of them signs. */
  readonly keys: readonly string[]
}

export interface Party extends Listed {
  readonly role: PartyRole
  readonly signers: readonly PartySigner[]
  /** How many distinct signers of this party must sign: 1 … signers.length. */
  readonly threshold: number
  /** How many of them must sign what loosens: threshold … signers.length. */
  readonly loosening: number
  /** Who controls the party; its own id where the schedule says nothing. Parties under one control count once. */
  readonly control: string
}

export interface Unit extends Listed {
  /** The unit this one belongs to. */
  readonly in?: string
}

/** Who may act on behalf of a unit: where a unit stands in `from`, only itself and the units in `to` may. */
export interface Delegation extends Listed {
  readonly from: string
  readonly to: string
  /** Milliseconds since the epoch, not included; without end where it is absent. */
  readonly until?: number
}

/** A unit outside the agency, and the units on whose behalf alone it acts. */
export interface Integrator extends Listed {
  readonly unit: string
  readonly for: readonly string[]
}

/** The most distinct persons that the calls of a purpose may touch within a window of days. */
export interface PersonsCap {
  readonly max: number
  readonly days: (typeof personsWindows)[number]
}

export interface Purpose extends Listed {
  /** Who answers for the purpose, by office and never by name. */
  readonly owner?: string
  /** What the purpose rests on: a statute, an order, a decision. */
  readonly authority?: string
  /** Milliseconds since the epoch, not included: from then on the purpose is refused. */
  readonly until?: number
  readonly persons?: PersonsCap
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

/** One version of a model, where the agreement tells them apart. */
export interface ModelVersion extends Listed {
  readonly model: string
  /** What the upstream calls this version; the model's name where it is absent. */
  readonly name?: string
  /** `sha256:<hex>` of its weights or its manifest, for whoever can check them. */
  readonly digest?: string
}

/** What a caller names in `model`: one model at one upstream at one price. */
export interface Route extends Listed {
  readonly model: string
  /** A version of that model; needed where the schedule lists any. */
  readonly version?: string
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

/** What a reviewer is, such as counsel. */
export interface Role extends Listed {
  /** How many persons hold it, where that is fixed. */
  readonly holders?: number
}

/** So many distinct persons of a role, of a unit or of one below it. */
export interface QuorumPart {
  readonly count: number
  readonly role: string
  readonly unit?: string
}

/** Who must approve what is held. */
export interface Level extends Listed {
  /** How many distinct persons of this level must approve; one where the schedule says nothing. */
  readonly persons: number
  /** Who they must be: all parts together, no person in two of them. Their counts add up to `persons`. */
  readonly quorum?: readonly QuorumPart[]
}

export interface Exclusion extends Listed {
  readonly unit?: string
  readonly provider?: string
  readonly unlockVia: 'amendment' | 'new-agreement'
}

export interface Norm extends Listed {
  readonly edition: string
  /** The day of the edition, `2023-01-25`. */
  readonly date?: string
  /** `sha256:<hex>` of its text. */
  readonly digest?: string
}

export const dutyKinds = ['suspension', 'notice', 'cure', 'wind-down', 'cooling-off', 'evidence'] as const
export type DutyKind = (typeof dutyKinds)[number]
/** Duties that are a period. */
export const periodDuties = ['notice', 'cure', 'wind-down', 'cooling-off'] as const satisfies DutyKind[]

/** What the parties owe each other when something goes wrong or ends, and where it is written. */
export interface Duty {
  readonly id: DutyKind
  readonly clause: string
  /** For a period. */
  readonly days?: number
}

/** How long records are kept. */
export interface Retention {
  readonly clause: string
  readonly days: number
}

export const protectedPersons = ['us-persons', 'persons-in-territory', 'all-natural-persons'] as const
export const protectedData = ['private', 'purchased', 'public', 'inferred'] as const

/** Whom the prohibitions protect, and which data about them. */
export interface Protection {
  readonly clause: string
  readonly persons: (typeof protectedPersons)[number]
  readonly data: readonly (typeof protectedData)[number][]
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
  /** The share of what is allotted from which on the parties are told, in hundredths. */
  readonly warningPercent?: number
}

export interface Schedule {
  readonly id: string
  readonly version: number
  readonly title: string
  /** Digest of the version before, `sha256:<hex>`; absent in version 1. */
  readonly previous?: string
  readonly term: Term
  readonly amounts?: Amounts
  readonly retention?: Retention
  readonly protected?: Protection
  readonly duties: readonly Duty[]
  readonly parties: readonly Party[]
  readonly units: readonly Unit[]
  readonly delegations: readonly Delegation[]
  readonly integrators: readonly Integrator[]
  readonly purposes: readonly Purpose[]
  readonly providers: readonly Listed[]
  readonly models: readonly Model[]
  readonly versions: readonly ModelVersion[]
  readonly routes: readonly Route[]
  readonly surfaces: readonly Listed[]
  /** What consumes the answer: a person's seat, a batch, a machine with an effect. */
  readonly consumers: readonly Listed[]
  /** Action classes; `generate`, a model call, is always among them. */
  readonly actions: readonly Listed[]
  readonly tools: readonly Tool[]
  readonly signals: readonly Signal[]
  readonly provenances: readonly Listed[]
  readonly roles: readonly Role[]
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
