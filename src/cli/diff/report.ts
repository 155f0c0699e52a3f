/** What a comparison says, put in order and numbered, for all three forms of it: text, JSON and a page. */
import { comparisonInWords } from '../../agreement/index.ts'
import type {
  Agreement,
  ChangeGroup,
  Comparison,
  RegionWords,
  Situation,
  TermChange,
} from '../../agreement/index.ts'
import type { TextOfFile } from './text-difference.ts'
import { witnessRequest } from './witness.ts'
import type { WitnessRequest } from './witness.ts'

export interface ComparedFile {
  readonly file: string
  readonly agreement: Agreement
}

export type Direction = Exclude<TermChange['change'], 'neutral'>
/** What counsel must see first stands first. */
export const directions: readonly Direction[] = ['weaker', 'both', 'stronger']

export interface NumberedChange {
  readonly number: number
  readonly words: RegionWords
  readonly witness: WitnessRequest
}

export interface NumberedGroup extends Omit<ChangeGroup, 'regions'> {
  readonly direction: Direction
  readonly changes: readonly NumberedChange[]
}

export interface DiffReport {
  readonly before: ComparedFile
  readonly after: ComparedFile
  readonly comparison: Comparison
  /** One plain sentence. */
  readonly verdict: string
  readonly groups: readonly NumberedGroup[]
  /** Lines of the schedule, those that weaken first, those that bind nobody last. */
  readonly terms: readonly TermChange[]
  /** Situations in which Cedar has confirmed what is said here. */
  readonly confirmed: number
}

export interface DiffReportParts {
  readonly before: ComparedFile
  readonly after: ComparedFile
  readonly comparison: Comparison
  readonly confirmed: number
}

export function diffReport({ before, after, comparison, confirmed }: DiffReportParts): DiffReport {
  const words = comparisonInWords(comparison, before.agreement, after.agreement)
  let number = 0
  const numbered = (region: RegionWords): NumberedChange => ({
    number: ++number,
    words: region,
    witness: witnessOf(region.region.witness),
  })
  const groups = directions.flatMap((direction) =>
    words[direction].map(({ regions, ...group }) => ({
      ...group,
      direction,
      changes: regions.map(numbered),
    })),
  )
  const order: readonly TermChange['change'][] = [...directions, 'neutral']
  const terms = order.flatMap((change) => words.terms.filter((term) => term.change === change))
  return { before, after, comparison, verdict: words.verdict, groups, terms, confirmed }
}

function witnessOf(situation: Situation): WitnessRequest {
  return witnessRequest(situation)
}

/** `4.7 (…) now denies, where … is found`, and what all cases of it share. */
export function sharedInWords({ shared }: Pick<NumberedGroup, 'shared'>): string | null {
  return shared.length === 0 ? null : `In each of these cases: ${shared.join(', ')}`
}

export function isWeaker({ verdict }: Comparison): boolean {
  return verdict === 'weaker' || verdict === 'both'
}

export function textsOf({ before, after }: DiffReport): readonly [TextOfFile, TextOfFile] {
  return [textOf(before), textOf(after)]
}

function textOf({ file, agreement: { text } }: ComparedFile): TextOfFile {
  return { file, text }
}

export function nameOf({ agreement: { schedule } }: ComparedFile): string {
  return `${schedule.id} version ${schedule.version}`
}
