/** A compiled agreement: what the parties signed, checked whole and ready to decide by. */
import type { Schedule } from './schedule.ts'
import type { Rule } from './rule.ts'

export interface Clause {
  /** `4.2` for a numbered heading; `system.no-grant` and its siblings for what holds under any agreement. */
  readonly id: string
  readonly title: string
  /** The prose that governs the parties, as plain text. */
  readonly text: string
}

export interface Agreement {
  readonly schedule: Schedule
  /** Clauses by id, those of the system included. */
  readonly clauses: ReadonlyMap<string, Clause>
  readonly rules: readonly Rule[]
  /** Ancestors of each unit, the unit itself first; units outside the schedule have none. */
  readonly ancestors: ReadonlyMap<string, readonly string[]>
  /** The exact text of the file. */
  readonly text: string
  /** `sha256:<hex>` of that text's UTF-8 bytes: what the next version names and every entry refers to. */
  readonly hash: string
  /** The generated Cedar schema and all policies by rule id, as the oracle reads them. */
  readonly cedar: { readonly schema: string; readonly policies: Readonly<Record<string, string>> }
}
