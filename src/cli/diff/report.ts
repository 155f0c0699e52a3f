/** What a comparison says, put in order and numbered, for all three forms of it: text, JSON and a page. */
import { comparisonInWords } from '../../agreement/index.ts'
import type { Agreement, ChangeGroup, Comparison, RegionWords, TermChange } from '../../agreement/index.ts'
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
    witness: witnessRequest(region.region.witness),
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

/** `4.7 (…) now denies, where … is found`, and what all cases of it share. */
export function sharedInWords({ shared }: Pick<NumberedGroup, 'shared'>): string | null {
  return shared.length === 0 ? null : `In each of these cases: ${shared.join(', ')}`
}

/** Lines of the schedule that a summary names for one direction; those that weaken are named all. */
const shortTermsMax = 6

/** Each clause and term that changes something, in a sentence; `see` says where it is told whole. */
export function shortOf({ groups, terms }: DiffReport, direction: Direction): ShortLine[] {
  const own = terms.filter(({ change }) => change === direction)
  const told = direction === 'stronger' ? own.slice(0, shortTermsMax) : own
  const left = own.length - told.length
  return [
    ...groups
      .filter((group) => group.direction === direction)
      .map((group) => ({ says: group.heading, see: numbersOf(group) })),
    ...told.map(({ clause, says }) => ({
      says: clause === '' ? says : `${clause} ${says}`,
      see: termsPlace,
    })),
    ...(left > 0 ? [{ says: `and ${left} more ${left === 1 ? 'term' : 'terms'}`, see: termsPlace }] : []),
  ]
}

/** Where the lines of the schedule are told. */
export const termsPlace = 'terms'

export interface ShortLine {
  readonly says: string
  readonly see: string
}

function numbersOf({ changes }: NumberedGroup): string {
  const [from, to] = [changes[0]?.number ?? 0, changes.at(-1)?.number ?? 0]
  return from === to ? String(from) : `${from} to ${to}`
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
