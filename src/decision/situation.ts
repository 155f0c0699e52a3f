/** Facts as rules see them: every word listed or `unlisted`, the chain with all its ancestors. */
import { unlisted } from '../agreement/index.ts'
import type { Agreement } from '../agreement/index.ts'
import type { Approvals, Facts, Signals, Stage } from './decision.ts'

export interface Situation {
  readonly stage: Stage
  readonly unit: string
  /** The unit and its ancestors. */
  readonly units: ReadonlySet<string>
  /** Everyone of the chain and the unit, each with all ancestors. */
  readonly chain: ReadonlySet<string>
  readonly action: string
  readonly model: string
  readonly provider: string
  readonly purpose: string
  readonly surface: string
  readonly consumer: string
  readonly provenance: ReadonlySet<string>
  readonly findings: Signals
  readonly time: number
  readonly committed: number
  readonly persons: number
}

/** Raised inside this room for facts that no rule can judge; `decide` turns it into a deny. */
export class UnjudgeableError extends Error {
  override readonly name = 'UnjudgeableError'
}

/** The calendar of Cedar's `datetime` literals, years 1 to 9999; no exchange happens outside it. */
const timeMin = Date.parse('0001-01-01T00:00:00.000Z')
const timeMax = Date.parse('9999-12-31T23:59:59.999Z')

const nobody: ReadonlySet<string> = new Set([unlisted])
const noOrigin: ReadonlySet<string> = new Set()

export type SituationReader = (facts: Facts, findings: Signals, approvals: Approvals) => Situation

/**
 * Prepares the reading of facts under one agreement. The reader throws `UnjudgeableError` on facts that are not
 * of their types, for whoever verified them did not.
 */
export function situationReader(agreement: Agreement): SituationReader {
  const { schedule } = agreement
  const ancestors = new Map([...agreement.ancestors].map(([unit, path]) => [unit, new Set(path)]))
  const providers = new Map(schedule.models.map((model) => [model.id, model.provider]))
  const words = {
    action: idsOf(schedule.actions),
    purpose: idsOf(schedule.purposes),
    surface: idsOf(schedule.surfaces),
    consumer: idsOf(schedule.consumers),
    provenance: idsOf(schedule.provenances),
  }
  return function readSituation(facts, findings, approvals) {
    requireWords(findings, 'findings')
    requireWords(approvals, 'approvals')
    const units = ancestors.get(requireWord(facts.unit, 'unit'))
    const model = requireWord(facts.model, 'model')
    const provider = providers.get(model)
    return {
      stage: requireStage(facts.stage),
      unit: units === undefined ? unlisted : facts.unit,
      units: units ?? nobody,
      chain: chainOf(units ?? nobody, facts.chain, ancestors),
      action: wordOf(facts.action, words.action, 'action'),
      model: provider === undefined ? unlisted : model,
      provider: provider ?? unlisted,
      purpose: wordOf(facts.purpose, words.purpose, 'purpose'),
      surface: wordOf(facts.surface, words.surface, 'surface'),
      consumer: wordOf(facts.consumer, words.consumer, 'consumer'),
      provenance: provenanceOf(facts.provenance, words.provenance),
      findings,
      time: requireInteger(facts.time, timeMin, timeMax, 'time'),
      committed: requireInteger(facts.committedMicros, 0, Number.MAX_SAFE_INTEGER, 'committed'),
      persons: requireInteger(facts.persons, 0, Number.MAX_SAFE_INTEGER, 'persons'),
    }
  }
}

function chainOf(
  units: ReadonlySet<string>,
  chain: readonly string[],
  ancestors: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  requireList(chain, 'chain')
  let whole: Set<string> | null = null
  for (const member of chain) {
    const path = ancestors.get(requireWord(member, 'chain')) ?? nobody
    if (path === units) continue
    whole ??= new Set(units)
    for (const unit of path) whole.add(unit)
  }
  return whole ?? units
}

function provenanceOf(provenance: readonly string[], words: ReadonlySet<string>): ReadonlySet<string> {
  requireList(provenance, 'provenance')
  if (provenance.length === 0) return noOrigin
  return new Set(provenance.map((word) => wordOf(word, words, 'provenance')))
}

function wordOf(value: unknown, words: ReadonlySet<string>, name: string): string {
  const word = requireWord(value, name)
  return words.has(word) ? word : unlisted
}

function requireWord(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new UnjudgeableError(`\`${name}\` is not text`)
  return value
}

function requireList(value: unknown, name: string): void {
  if (!Array.isArray(value)) throw new UnjudgeableError(`\`${name}\` is not a list`)
}

function requireWords(value: unknown, name: string): void {
  if (!(value instanceof Set)) throw new UnjudgeableError(`\`${name}\` is not a set`)
  for (const word of value) requireWord(word, name)
}

function requireStage(value: unknown): Stage {
  if (value === 'request' || value === 'tool' || value === 'answer') return value
  throw new UnjudgeableError('`stage` is none of the three')
}

function requireInteger(value: unknown, min: number, max: number, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new UnjudgeableError(`\`${name}\` is not a whole number from ${min} to ${max}`)
}

function idsOf(lines: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(lines.map((line) => line.id))
}
