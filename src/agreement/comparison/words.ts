/** A comparison in sentences that counsel reads: the verdict, every changed region by the clause that changes it. */
import type { Agreement } from '../agreement.ts'
import type { ChangedRegion, Comparison, TermChange } from './comparison.ts'
import { coded, listed } from './schedule-changes-lines.ts'
import { boxInWords, essenceInWords, vocabularyOfBoth } from './words-box.ts'
import { headingOf } from './words-clauses.ts'
import { groupInWords } from './words-groups.ts'
import type { ChangeGroup } from './words-groups.ts'
import type { Versions } from './schedule-changes-lines.ts'

export type { ChangeGroup, RegionWords } from './words-groups.ts'

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
  'Where a sentence names no time and no money, it speaks of the term and of what is allotted under both versions; where it names no model, purpose or surface, of all that are listed.',
  'A day stands for its beginning, 00:00 UTC: what is told until a day does not hold on that day. Units belong to each other as the new version has it.',
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
    essence: region.essence.map((box) => essenceInWords(box, vocabulary)),
  }))
  const groupsOf = (change: ChangedRegion['change']): ChangeGroup[] => {
    const own = inWords.filter(({ region }) => region.change === change)
    const byHeading = Map.groupBy(own, ({ region }) => headingOf(region, versions).text)
    return [...byHeading.values()]
      .map((members) => groupInWords(members, versions))
      .sort((a, b) => byNumber.compare(a.clause, b.clause))
  }
  const groups = { weaker: groupsOf('weaker'), both: groupsOf('both'), stronger: groupsOf('stronger') }
  const { terms } = comparison
  return { verdict: verdictInWords(comparison, groups, versions), ...groups, terms }
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
    const others = clausesWithOtherRules(before, after)
    const rules = others.length === 0 ? '' : `, with other rules in ${placesInWords(others)}`
    return `${young} is equivalent to ${old}: both decide every call alike, and ${text}${rules}`
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

/** Clauses whose rules say something else, or are gone or new: what decides no call today may be missed later. */
function clausesWithOtherRules(before: Agreement, after: Agreement): string[] {
  const [old, young] = [rulesByClause(before), rulesByClause(after)]
  const clauses = [...new Set([...old.keys(), ...young.keys()])]
  return clauses.filter((clause) => old.get(clause) !== young.get(clause)).sort(byNumber.compare)
}

function rulesByClause({ rules }: Agreement): ReadonlyMap<string, string> {
  const said = Map.groupBy(rules, ({ clause }) => clause)
  return new Map(
    [...said].map(([clause, all]) => [
      clause,
      JSON.stringify(
        all.map(({ effect, test, liftedBy }) => JSON.stringify([effect, test, liftedBy])).sort(),
      ),
    ]),
  )
}

/** `4.2` before `4.10`. */
const byNumber = new Intl.Collator('en', { numeric: true })

function namesOf(before: Agreement, after: Agreement): [string, string] {
  const [old, young] = [before.schedule, after.schedule]
  const name = ({ id, version }: { id: string; version: number }): string => `${coded(id)} version ${version}`
  if (old.id !== young.id) return [name(old), name(young)]
  if (old.version === young.version) return ['the first', `the second file of ${name(young)}`]
  return [`version ${old.version}`, name(young)]
}

const placesToldMax = 12

function placesInWords(places: readonly string[]): string {
  const count = places.length === 1 ? '1 place' : `${places.length} places`
  if (places.length > placesToldMax) return count
  return `${count} (${listed(places)})`
}
