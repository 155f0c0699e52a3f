/** A comparison in sentences that counsel reads: the verdict, every changed region by the clause that changes it. */
import type { Agreement } from '../agreement.ts'
import type { ChangedRegion, Comparison, TermChange } from './comparison.ts'
import { coded, listed } from './schedule-changes-lines.ts'
import { boxInWords, vocabularyOfBoth } from './words-box.ts'
import type { BoxWords } from './words-box.ts'
import { headingOf, sideInWords, verbOf } from './words-clauses.ts'
import type { Versions } from './schedule-changes-lines.ts'

/** One changed region: its sentences say who may do what, one for each box. */
export interface RegionWords {
  readonly region: ChangedRegion
  /** Without the clauses, and without the circumstances that the whole group shares. */
  readonly cases: readonly string[]
  /** `was denied by 4.2 (…), is allowed by 2.1 (…)`. */
  readonly clauses: string
  /** The same without the side that the heading of its group names for all. */
  readonly clausesLeft: string
  /** Each case with its clauses: a sentence that stands alone. */
  readonly sentences: readonly string[]
  /** Whether there are further cases of the same kind that no sentence tells. */
  readonly more: boolean
}

/** Regions that one clause changes. */
export interface ChangeGroup {
  /** `4.7 (No tracking of persons) now denies, where … is found`. */
  readonly heading: string
  /** What else all cases that are told share, which they leave out: `for any listed purpose`. */
  readonly shared: readonly string[]
  readonly clause: string
  readonly regions: readonly RegionWords[]
}

export interface ComparisonWords {
  /** One plain sentence. */
  readonly verdict: string
  readonly weaker: readonly ChangeGroup[]
  readonly both: readonly ChangeGroup[]
  readonly stronger: readonly ChangeGroup[]
  readonly terms: readonly TermChange[]
}

/** How to read every sentence; printed once. */
export const readingNotes: readonly string[] = [
  'Each sentence holds unless another rule speaks: what a further clause refuses or holds in both versions stays refused or held.',
  'Where a sentence names no time and no money, it speaks of the term and of what is allotted under both versions; where it names no model and no surface, of all that are listed.',
  'A call goes from a surface, and its answer goes through what consumes it, such as the seat of a person. Tools are called by the class of act that they perform.',
]

/** Deterministic: the same two versions give the same words in the same order. */
export function comparisonInWords(
  comparison: Comparison,
  before: Agreement,
  after: Agreement,
): ComparisonWords {
  const vocabulary = vocabularyOfBoth(before, after)
  const versions = { before, after }
  const inWords = comparison.regions.map((region) => ({
    region,
    boxes: region.boxes.map((box) => boxInWords(box, vocabulary)),
  }))
  const groupsOf = (change: ChangedRegion['change']): ChangeGroup[] => {
    const own = inWords.filter(({ region }) => region.change === change)
    const byHeading = Map.groupBy(own, ({ region }) => headingOf(region, versions).text)
    return [...byHeading]
      .map(([text, members]) => groupInWords(text, members, versions))
      .sort((a, b) => byNumber.compare(a.clause, b.clause))
  }
  const groups = { weaker: groupsOf('weaker'), both: groupsOf('both'), stronger: groupsOf('stronger') }
  const { terms } = comparison
  return { verdict: verdictInWords(comparison, groups, versions), ...groups, terms }
}

interface RegionBoxes {
  readonly region: ChangedRegion
  readonly boxes: readonly BoxWords[]
}

function groupInWords(heading: string, members: readonly RegionBoxes[], versions: Versions): ChangeGroup {
  const boxes = members.flatMap((member) => member.boxes)
  const sharedOf = (part: 'conditions' | 'circumstances'): string[] =>
    (boxes[0]?.[part] ?? []).filter((each) => boxes.every((box) => box[part].includes(each)))
  const conditions = sharedOf('conditions')
  // Where boxes do not cover a region, nobody has looked whether the rest of it is under the same conditions.
  const known = members.every(({ region }) => region.covered)
  const [without, told] = [conditions.filter(saysWithout), conditions.filter((each) => !saysWithout(each))]
  const shared = [...sharedOf('circumstances'), ...without]
  const leaving = new Set([...shared, ...(known ? told : [])])
  const [first] = members
  const of = (tense: 'was' | 'is'): ReadonlySet<string> =>
    new Set(members.map(({ region }) => sideOf(region, tense, versions)))
  const left = of('is').size === 1 ? 'was' : of('was').size === 1 ? 'is' : 'both'
  const conditionsOfAll = told.length > 0 ? told : alternatives(boxes)
  const lead = known || conditionsOfAll.length === 0 ? [] : ['for example']
  // What weakens is said whole where it is said first.
  const whole = known && first?.region.change === 'weaker'
  const said = [heading, ...lead, ...conditionsOfAll, ...(whole ? shared : [])]
  return {
    heading: said.join(', ').replace('for example, ', 'for example '),
    clause: first === undefined ? '' : headingOf(first.region, versions).clause,
    shared: whole ? [] : shared,
    regions: members.map((member) => regionInWords(member, leaving, left, versions)),
  }
}

function sideOf(region: ChangedRegion, tense: 'was' | 'is', { before, after }: Versions): string {
  return tense === 'was' ? sideInWords(region.before, before, 'was') : sideInWords(region.after, after, 'is')
}

/** `not on behalf of …` says little of a whole group. */
function saysWithout(condition: string): boolean {
  return /^(not|without) /.test(condition)
}

const alternativesMax = 3

/** A few conditions of which each box has one, chosen greedily: `with …, or where … is found`. Else none. */
function alternatives(boxes: readonly BoxWords[]): string[] {
  const chosen: string[] = []
  let left = boxes
  while (left.length > 0 && chosen.length < alternativesMax) {
    const counts = Map.groupBy(
      left.flatMap(({ conditions }) => conditions.filter((each) => !saysWithout(each))),
      (each) => each,
    )
    const best = [...counts.values()].reduce<readonly string[]>(
      (most, each) => (each.length > most.length ? each : most),
      [],
    )[0]
    if (best === undefined) return []
    chosen.push(best)
    left = left.filter(({ conditions }) => !conditions.includes(best))
  }
  return left.length > 0 ? [] : [listed(chosen, 'or')]
}

function regionInWords(
  { region, boxes }: RegionBoxes,
  leaving: ReadonlySet<string>,
  left: 'was' | 'is' | 'both',
  versions: Versions,
): RegionWords {
  const clauses = `${sideOf(region, 'was', versions)}, ${sideOf(region, 'is', versions)}`
  const inWords = (without: ReadonlySet<string>): string[] => [
    ...new Set(boxes.map((box) => caseInWords(box, without, region))),
  ]
  return {
    region,
    cases: inWords(leaving),
    clauses,
    clausesLeft: left === 'both' ? clauses : sideOf(region, left, versions),
    sentences: inWords(new Set()).map((each) => `${each}: ${clauses}`),
    more: !region.covered,
  }
}

/** "`intelligence` and every unit within it may no longer have a model answer for …, where …". */
function caseInWords(
  { who, does, circumstances, conditions }: BoxWords,
  leaving: ReadonlySet<string>,
  { before, after }: ChangedRegion,
): string {
  const { verb, ending } = verbOf(before, after)
  const told = (parts: readonly string[]): string[] => parts.filter((each) => !leaving.has(each))
  const main = [who, verb, does, ...told(circumstances)].join(' ')
  return `${[main, ...told(conditions)].join(', ')}${ending}`
}

type Groups = Pick<ComparisonWords, 'weaker' | 'both' | 'stronger'>

function verdictInWords(
  { verdict, terms, textChanged }: Comparison,
  groups: Groups,
  { before, after }: Versions,
): string {
  const [old, young] = namesOf(before, after)
  if (verdict === 'equivalent') {
    const text = textChanged ? 'the text changed' : 'the text is the same'
    return `${young} and ${old} are equivalent: they decide every call alike, and ${text}`
  }
  const places = (change: 'weaker' | 'stronger'): string[] => {
    const changed = [...groups[change], ...groups.both].map(({ clause }) => clause)
    const lines = terms.filter((term) => term.change === change || term.change === 'both')
    const all = [...changed, ...lines.map(({ clause, line }) => (clause === '' ? line : clause))]
    return [...new Set(all)].sort(byNumber.compare)
  }
  const [weaker, stronger] = [places('weaker'), places('stronger')]
  const told = [
    ...(weaker.length > 0 ? [`weaker than ${old} in ${placesInWords(weaker)}`] : []),
    ...(stronger.length > 0
      ? [`stronger ${weaker.length > 0 ? '' : `than ${old} `}in ${placesInWords(stronger)}`]
      : []),
  ]
  return `${young} is ${told.join(' and ')}`
}

/** `4.2` before `4.10`. */
const byNumber = new Intl.Collator('en', { numeric: true })

function namesOf(before: Agreement, after: Agreement): [string, string] {
  const [old, young] = [before.schedule, after.schedule]
  const name = ({ id, version }: { id: string; version: number }): string => `${coded(id)} version ${version}`
  if (old.id !== young.id) return [name(old), name(young)]
  if (old.version === young.version) return ['the first file', `the second file, ${name(young)} too,`]
  return [`version ${old.version}`, name(young)]
}

const placesToldMax = 12

function placesInWords(places: readonly string[]): string {
  const count = places.length === 1 ? '1 place' : `${places.length} places`
  if (places.length > placesToldMax) return count
  return `${count} (${listed(places)})`
}
