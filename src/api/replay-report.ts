/** What a replay found, counted: no content, no caller, and of the decisions that change their places in the log. */
import type { Decision, Verdict } from '../decision/index.ts'

export interface ReplayReport {
  readonly agreement: string
  /** The versions that applied in the period, by their activation entries. */
  readonly before: readonly ReplayedVersion[]
  /** What they were judged under now. */
  readonly under: { readonly version: number; readonly hash: string }
  /** Milliseconds since the epoch; `since` is inside the period, `until` is not. */
  readonly period: { readonly since: number; readonly until: number }
  /** How far the published log reached: entries, and the time of the last. */
  readonly covered: { readonly size: number; readonly time: number }
  /** Every decision of the period, each in exactly one of `judged`, `unreadable` and `notJudged`. */
  readonly decisions: number
  readonly judged: Judged
  readonly unreadable: Readonly<Record<Unreadable, number>>
  readonly notJudged: Readonly<Record<NotJudged, number>>
  /** The changes by old and new clauses, the most frequent first. */
  readonly changes: readonly ReplayChange[]
  /** Changes of more kinds than are listed. */
  readonly moreChanges: number
  readonly units: readonly ReplayedUnit[]
  /** The first decisions that the version of their time does not give again. */
  readonly unreproducible: readonly ReplayPlace[]
}

export interface ReplayedVersion {
  readonly entry: number
  readonly version: number
  readonly hash: string
}

export interface Judged {
  readonly total: number
  /** The same verdict, and of a hold the same levels. */
  readonly same: number
  /** Of these the ones that other clauses cause now. */
  readonly sameByOthers: number
  readonly nowAllowed: number
  readonly nowHeld: number
  readonly nowDenied: number
  /** Not given again by the version of their time, so that nothing is said of them under the new one. */
  readonly unreproducible: number
}

/** Why a record cannot be judged again. */
export type Unreadable =
  /** It is no longer there. */
  | 'gone'
  /** Not the bytes that were logged, or of another place. */
  | 'altered'
  /** Under a key that is not here. */
  | 'other-key'
  /** It holds no facts to judge by: an earlier program wrote it, or it had more than are kept. */
  | 'no-facts'
  /** It names a version that this gate does not know. */
  | 'no-version'

/** What no rule of an agreement has decided, and what would not have come about. */
export type NotJudged =
  /** An order, a lease, the limit of holds or the provider's gate decided. */
  | 'by-system'
  /** A repeat of a call that waited already: the hold itself was judged. */
  | 'repeats'
  /** The program ended, so nothing was decided. */
  | 'interrupted'
  /** The end of a call that would not have gone out. */
  | 'not-reached'

export interface Judgement {
  readonly verdict: Verdict
  readonly clauses: readonly string[]
}

export interface ReplayPlace {
  readonly entry: number
  readonly exchange: string
}

export interface ReplayChange {
  readonly from: Judgement
  readonly to: Judgement
  readonly count: number
  readonly units: Readonly<Record<string, number>>
  /** The first of them. */
  readonly places: readonly ReplayPlace[]
}

export interface ReplayedUnit extends Omit<Judged, 'sameByOthers' | 'unreproducible'> {
  readonly unit: string
}

const limits = { changes: 500, places: 20 } as const

/** A decision that was judged again. */
export interface Rejudged extends ReplayPlace {
  readonly unit: string
  readonly before: Decision
  readonly now: Decision
}

/** Counts; memory is bounded by the clauses and units that there are, and by the limits above. */
export class ReplayTally {
  readonly #judged = {
    total: 0,
    same: 0,
    sameByOthers: 0,
    nowAllowed: 0,
    nowHeld: 0,
    nowDenied: 0,
    unreproducible: 0,
  }
  readonly #unreadable = { gone: 0, altered: 0, 'other-key': 0, 'no-facts': 0, 'no-version': 0 }
  readonly #notJudged = { 'by-system': 0, repeats: 0, interrupted: 0, 'not-reached': 0 }
  readonly #changes = new Map<string, CountedChange>()
  readonly #units = new Map<string, { -readonly [Name in keyof ReplayedUnit]: ReplayedUnit[Name] }>()
  readonly #unreproducible: ReplayPlace[] = []
  #moreChanges = 0

  unreadable(why: Unreadable): void {
    this.#unreadable[why]++
  }

  notJudged(why: NotJudged): void {
    this.#notJudged[why]++
  }

  unreproducible({ entry, exchange }: ReplayPlace): void {
    this.#judged.total++
    this.#judged.unreproducible++
    if (this.#unreproducible.length < limits.places) this.#unreproducible.push({ entry, exchange })
  }

  rejudged(one: Rejudged): void {
    const { before, now } = one
    const unit = this.#unitOf(one.unit)
    for (const counts of [this.#judged, unit]) {
      counts.total++
      counts[isSame(before, now) ? 'same' : counterOf[now.verdict]]++
    }
    if (isSame(before, now)) {
      if (String(clausesOf(before)) !== String(clausesOf(now))) this.#judged.sameByOthers++
    } else this.#change(one)
  }

  result(): Omit<ReplayReport, 'agreement' | 'before' | 'under' | 'period' | 'covered'> {
    const count = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((sum, each) => sum + each, 0)
    return {
      decisions: this.#judged.total + count(this.#unreadable) + count(this.#notJudged),
      judged: { ...this.#judged },
      unreadable: { ...this.#unreadable },
      notJudged: { ...this.#notJudged },
      changes: [...this.#changes.values()]
        .map(({ units, ...change }) => ({ ...change, units: Object.fromEntries(units) }))
        .sort((a, b) => b.count - a.count),
      moreChanges: this.#moreChanges,
      units: [...this.#units.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1)),
      unreproducible: this.#unreproducible,
    }
  }

  #unitOf(unit: string) {
    const known = this.#units.get(unit)
    if (known) return known
    const counts = { unit, total: 0, same: 0, nowAllowed: 0, nowHeld: 0, nowDenied: 0 }
    this.#units.set(unit, counts)
    return counts
  }

  #change({ before, now, unit, entry, exchange }: Rejudged): void {
    const [from, to] = [judgementOf(before), judgementOf(now)]
    const key = JSON.stringify([from, to])
    const known = this.#changes.get(key)
    if (!known && this.#changes.size >= limits.changes) {
      this.#moreChanges++
      return
    }
    const change = known ?? { from, to, count: 0, units: new Map<string, number>(), places: [] }
    this.#changes.set(key, change)
    change.count++
    change.units.set(unit, (change.units.get(unit) ?? 0) + 1)
    if (change.places.length < limits.places) change.places.push({ entry, exchange })
  }
}

interface CountedChange extends Pick<ReplayChange, 'from' | 'to'> {
  count: number
  readonly units: Map<string, number>
  readonly places: ReplayPlace[]
}

const counterOf = { allow: 'nowAllowed', hold: 'nowHeld', deny: 'nowDenied' } as const satisfies Record<
  Verdict,
  keyof Judged
>

function isSame(a: Decision, b: Decision): boolean {
  return a.verdict === b.verdict && String(a.asks) === String(b.asks)
}

function judgementOf(decision: Decision): Judgement {
  return { verdict: decision.verdict, clauses: clausesOf(decision) }
}

function clausesOf({ citations }: Decision): string[] {
  return [...new Set(citations.map(({ clause }) => clause))].sort()
}
