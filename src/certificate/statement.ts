/** What is asked of an exclusion certificate, and what it states. */

/** What is asked about. */
export interface Period {
  /** Provider code. */
  readonly supplier: string
  /** Milliseconds since the epoch; `from` is inside the period, `to` is not. */
  readonly from: number
  readonly to: number
}

export interface ExclusionQuery extends Period {
  /** Index of the entry of kind `certificate` that bounds the statement; it names the same supplier and period. */
  readonly entry: number
}

/** An entry as an index and an instant. */
export interface Boundary {
  readonly index: number
  readonly time: string
}

export interface ExclusionStatement {
  readonly v: 1
  readonly certificate: 'exclusion'
  readonly supplier: string
  /** `2026-11-20T15:00:00.000Z`; `from` is inside the period, `to` is not. */
  readonly from: string
  readonly to: string
  readonly origin: string
  /** Whose log it is. */
  readonly role: 'agency' | 'gate'
  /** Of the tree up to and with `entry`; the root in base64. */
  readonly size: number
  readonly root: string
  /** Index of the entry of kind `certificate`. */
  readonly entry: number
  /** When the log begins: of what was before, it says nothing. */
  readonly begins: string
  readonly coversWholePeriod: boolean
  /** The entries from `start` up to, not including, `end` lie in the period. */
  readonly range: {
    readonly start: number
    readonly end: number
    /** The last entry before the period; null where the log begins in it. */
    readonly before: Boundary | null
    /** The first entry after the period. */
    readonly after: Boundary
  }
  readonly predicate: { readonly name: string; readonly version: number; readonly hash: string }
  readonly counts: {
    /** Entries in the period. */
    readonly entries: number
    /** Calls that fall into the period, to whomever. */
    readonly calls: number
    readonly toSupplier: 0
    /** Refusals in the period that name the supplier. */
    readonly refusedToSupplier: number
    /** Calls that a provider's gate turned away in the period, for whatever route. */
    readonly turnedAway: number
    /** Entries of kind `gap`, and the refusals that they hold. */
    readonly gaps: number
    readonly gapRefusals: number
    /** Calls of which the log says in the period that the program ended before them. */
    readonly interrupted: number
  }
  /** Calls that fall into the period by provider code. */
  readonly callsByProvider: Readonly<Record<string, number>>
  /** Some entry up to `entry` names the supplier as a provider. If none does, look whether the code is right. */
  readonly supplierNamed: boolean
  /** An agreement of this log says that demonstration keys signed it. */
  readonly demo: boolean
  /** Some call that falls into the period went to a script and to no model. */
  readonly rehearsal: boolean
  /** It rests on the log of one party; `servanda reconcile` compares it with the other's. */
  readonly oneParty: true
  readonly limits: readonly string[]
}
