/** Changed regions in words, grouped by the clause that changes them: what makes the difference, then case by case. */
import type { ChangedRegion } from './comparison.ts'
import { listed } from './schedule-changes-lines.ts'
import type { Versions } from './schedule-changes-lines.ts'
import type { BoxWords } from './words-box.ts'
import { headingOf, sideInWords, verbOf } from './words-clauses.ts'

/** One changed region: its sentences say who may do what, one for each box. */
export interface RegionWords {
  readonly region: ChangedRegion
  /** `was allowed by 3.1 (…)`: what its group's heading leaves open. */
  readonly summary: string
  /** Without the clauses, and without what the whole group shares. */
  readonly cases: readonly string[]
  /** Each case with its clauses: a sentence that stands alone. */
  readonly sentences: readonly string[]
  /** Whether there are further cases of the same kind that no sentence tells. */
  readonly more: boolean
}

/** Regions that one clause changes. */
export interface ChangeGroup {
  /** `4.7 (No tracking of persons) now denies, where … is found`. */
  readonly heading: string
  readonly clause: string
  /** What else all cases that are told share, which they leave out: `for any listed purpose`. */
  readonly shared: readonly string[]
  readonly regions: readonly RegionWords[]
}

type Parts = readonly string[]

export interface RegionParts {
  readonly region: ChangedRegion
  readonly boxes: readonly BoxWords[]
  /** What makes the difference: each a list of parts; one without parts leaves nothing out. */
  readonly essence: readonly Parts[]
}

/** Phrases that a heading names; what has more is told region by region. */
const essenceMax = 4

/** At least one region, all with the same heading. */
export function groupInWords(members: readonly RegionParts[], versions: Versions): ChangeGroup {
  const [first] = members.map(({ region }) => headingOf(region, versions))
  const { said, essence } = essenceOfAll(members)
  const shared = sharedBy(members.flatMap(({ boxes }) => boxes))
  const left = sideLeft(members, versions)
  return {
    heading: [first?.text ?? '', ...said].join(', '),
    clause: first?.clause ?? '',
    shared: shared.filter((each) => !essence.flat().includes(each) && !saysNothing(each)),
    regions: members.map((member) => regionInWords(member, { shared, essence, left, versions })),
  }
}

/** `said` stands in the heading; it claims no more than an example where a region is about something else. */
function essenceOfAll(members: readonly RegionParts[]): { said: string[]; essence: readonly Parts[] } {
  const all = members.flatMap(({ essence }) => essence)
  const essence = widestOf(all)
  if (essence.length === 0 || essence.length > essenceMax) return { said: [], essence: [] }
  const whole = members.every((member) => member.region.told && isWithin(member, all))
  return { said: [`${whole ? '' : 'for example '}${listed(phrasesOf(essence), 'or')}`], essence }
}

/** Whether a region that singles nothing out lies within what others single out all the same. */
function isWithin({ region, boxes, essence }: RegionParts, all: readonly Parts[]): boolean {
  if (essence.every((parts) => parts.length > 0)) return true
  const some = all.filter((parts) => parts.length > 0)
  return region.covered && boxes.every((box) => some.some((parts) => parts.every((each) => has(box, each))))
}

function has({ who, circumstances, conditions }: BoxWords, part: string): boolean {
  return part === `by ${who}` || circumstances.includes(part) || conditions.includes(part)
}

/** Each once, and none that has all the parts of another and more. */
function widestOf(essence: readonly Parts[]): Parts[] {
  const some = new Map(essence.filter((parts) => parts.length > 0).map((parts) => [parts.join(' '), parts]))
  return [...some].flatMap(([phrase, parts]) =>
    [...some].some(([other, wider]) => other !== phrase && isPartOf(wider, parts)) ? [] : [parts],
  )
}

function phrasesOf(essence: readonly Parts[]): string[] {
  return essence.map((parts) => parts.join(' '))
}

function isPartOf(one: Parts, other: Parts): boolean {
  return one.every((part) => other.includes(part))
}

/** What all boxes have in common; where they do not cover a region, nobody has looked at the rest of it. */
function sharedBy(boxes: readonly BoxWords[]): string[] {
  const [first, ...others] = boxes
  if (first === undefined) return []
  return [...first.circumstances, ...first.conditions].filter((each) =>
    others.every((box) => box.circumstances.includes(each) || box.conditions.includes(each)),
  )
}

/** The notes on reading say as much. */
function saysNothing(circumstance: string): boolean {
  return circumstance === 'for any listed purpose'
}

type Tense = 'was' | 'is'

/** The side that differs from region to region; both where both do, and where one hold takes the place of another. */
function sideLeft(members: readonly RegionParts[], versions: Versions): readonly Tense[] {
  const asksOthers = members.some(({ region }) => region.before.verdict === region.after.verdict)
  const differs = (tense: Tense): boolean =>
    new Set(members.map(({ region }) => sideOf(region, tense, versions))).size > 1
  if (asksOthers) return ['was', 'is']
  if (!differs('is')) return ['was']
  return differs('was') ? ['was', 'is'] : ['is']
}

function sideOf(region: ChangedRegion, tense: Tense, { before, after }: Versions): string {
  return tense === 'was' ? sideInWords(region.before, before, 'was') : sideInWords(region.after, after, 'is')
}

interface OfGroup {
  readonly shared: readonly string[]
  readonly essence: readonly Parts[]
  readonly left: readonly Tense[]
  readonly versions: Versions
}

function regionInWords(member: RegionParts, { shared, essence, left, versions }: OfGroup): RegionWords {
  const { region, boxes } = member
  const clauses = (['was', 'is'] as const).map((tense) => sideOf(region, tense, versions)).join(', ')
  const inWords = (without: ReadonlySet<string>): string[] => [
    ...new Set(boxes.map((box) => caseInWords(box, without, region))),
  ]
  const sides = left.map((tense) => sideOf(region, tense, versions)).join(', ')
  return {
    region,
    summary: [sides, ...ownEssence(member, essence)].join(', '),
    cases: inWords(new Set(shared)),
    sentences: inWords(new Set()).map((each) => `${each}: ${clauses}`),
    more: !region.covered,
  }
}

/** Told where the heading names what this region is not about. */
function ownEssence({ essence }: RegionParts, ofGroup: readonly Parts[]): string[] {
  if (essence.some((parts) => parts.length === 0)) return ofGroup.length > 0 ? ['in every case'] : []
  const own = widestOf(essence)
  if (own.length > essenceMax) return []
  const named = ofGroup.filter((wide) => own.some((parts) => isPartOf(wide, parts)))
  return named.length === ofGroup.length ? [] : [listed(phrasesOf(own), 'or')]
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
