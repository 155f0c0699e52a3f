/** A box of situations in words: who, what, for what, and under which circumstances. What is free is left out. */
import type { Agreement } from '../agreement.ts'
import type { Schedule } from '../schedule.ts'
import { coded, counted, instant, listed, money } from './schedule-changes-lines.ts'
import type { Members, SituationBox, Span, Words } from './situation-box.ts'
import { actsInWords, callsInWords, toolClassesOf } from './words-acts.ts'
import type { ToolClasses } from './words-acts.ts'
import { lighteningMembers, memberKey } from './words-lightening.ts'
import { anyUnit, everyUnit, unitTreeOf, unitsInWords } from './words-units.ts'
import type { UnitTree } from './words-units.ts'

/** What both versions together can name, prepared once for all boxes. */
export interface Vocabulary {
  readonly tree: UnitTree
  readonly tools: ToolClasses
  readonly models: readonly string[]
  readonly purposes: readonly string[]
  readonly surfaces: readonly string[]
  readonly consumers: readonly string[]
  readonly provenances: readonly string[]
  readonly currency: string
  /** Within these a sentence names neither time nor money: the term and the allotted amount of both versions. */
  readonly termFrom: number
  /** The last moment of the term of both versions, and of each purpose that ends before it. */
  readonly lastMoments: ReadonlySet<number>
  readonly allottedMicros: number | undefined
  /** Whether the presence of a member may lighten a decision of either version. */
  readonly lightens: (attribute: 'chain' | 'provenance', word: string) => boolean
}

export function vocabularyOfBoth(before: Agreement, after: Agreement): Vocabulary {
  const [old, young] = [before.schedule, after.schedule]
  const both = (list: 'models' | 'purposes' | 'surfaces' | 'consumers' | 'provenances'): string[] => [
    ...new Set([...young[list], ...old[list]].map(({ id }) => id)),
  ]
  const lightening = new Set([...lighteningMembers(before), ...lighteningMembers(after)])
  const pathOf = (unit: string): readonly string[] => [
    unit,
    ...(before.ancestors.get(unit) ?? []),
    ...(after.ancestors.get(unit) ?? []),
  ]
  const allotted = [old, young].flatMap(({ amounts }) => amounts?.allottedMicros ?? [])
  return {
    tree: unitTreeOf(before, after),
    tools: toolClassesOf(before, after),
    models: both('models'),
    purposes: both('purposes'),
    surfaces: both('surfaces'),
    consumers: both('consumers'),
    provenances: both('provenances'),
    currency: [...new Set([old, young].flatMap(({ amounts }) => amounts?.currency ?? []))].join(' or '),
    termFrom: Math.max(old.term.from, young.term.from),
    lastMoments: lastMomentsOf(old, young),
    allottedMicros: allotted.length === 0 ? undefined : Math.min(...allotted),
    lightens: (attribute, word) =>
      (attribute === 'chain' ? pathOf(word) : [word]).some((each) =>
        lightening.has(memberKey(attribute, each)),
      ),
  }
}

function lastMomentsOf(old: Schedule, young: Schedule): ReadonlySet<number> {
  const ends = [...old.purposes, ...young.purposes].flatMap(({ until }) => until ?? [])
  return new Set([Math.min(old.term.until, young.term.until), ...ends].map((end) => end - 1))
}

export interface BoxWords {
  /** `intelligence` and every unit within it. */
  readonly who: string
  /** `have a model answer`. */
  readonly does: string
  /** What singles the case out: `where … is found`, `on behalf of …`. */
  readonly conditions: readonly string[]
  /** The rest: `for any listed purpose`, `through `seat``. */
  readonly circumstances: readonly string[]
}

export function boxInWords(box: SituationBox, vocabulary: Vocabulary): BoxWords {
  const { models, purposes, surfaces, consumers, tree } = vocabulary
  return {
    who: box.units === undefined ? 'any unit' : unitsInWords(box.units, tree, everyUnit),
    does: actsInWords(box, vocabulary.tools),
    circumstances: [
      ...unlessAll(box.models, models, 'model', 'with'),
      ...(box.purposes === undefined ? [] : [`for ${wordsInWords(box.purposes, purposes, 'purpose')}`]),
      ...unlessAll(box.surfaces, surfaces, 'surface', 'from'),
      ...unlessAll(box.consumers, consumers, 'consumer', 'through'),
    ],
    conditions: [
      ...provenanceInWords(box.provenance, vocabulary),
      ...chainInWords(box.chain, vocabulary),
      ...findingsInWords(box.findings),
      ...timesInWords(box.times, vocabulary),
      ...committedInWords(box.committed, vocabulary),
      ...spansInWords(box.persons, personsSpan),
    ],
  }
}

/** A box that says what makes a difference, part by part; none where nothing is singled out. */
export function essenceInWords(box: SituationBox, vocabulary: Vocabulary): string[] {
  const { who, circumstances, conditions } = boxInWords(box, vocabulary)
  const calls =
    box.acts === undefined && box.stages === undefined ? [] : [callsInWords(box, vocabulary.tools)]
  return [...(box.units === undefined ? [] : [`by ${who}`]), ...calls, ...circumstances, ...conditions]
}

/** All that is listed says nothing: what is not listed is refused anyway. */
function unlessAll(words: Words | undefined, all: readonly string[], noun: string, lead: string): string[] {
  if (words === undefined) return []
  const every = !words.includes(null) && all.every((word) => words.includes(word))
  return every ? [] : [`${lead} ${wordsInWords(words, all, noun)}`]
}

function wordsInWords(words: Words, all: readonly string[], noun: string): string {
  const set = new Set(words)
  const outside = set.has(null) ? [`a ${noun} that neither version lists`] : []
  const named = words.filter((word) => word !== null)
  const missing = all.filter((word) => !set.has(word))
  if (named.length > 1 && missing.length === 0) return listed([`any listed ${noun}`, ...outside], 'or')
  const shorter =
    missing.length <= 2 && named.length >= 4
      ? [`any listed ${noun} except ${listed(missing.map(coded))}`]
      : named.map(coded)
  return listed([...shorter, ...outside], 'or')
}

/** One of several words that no rule tells apart. */
function oneOf(words: Words, noun: string): string {
  return listed(
    words.map((word) => (word === null ? `${noun} that neither version lists` : coded(word))),
    'or',
  )
}

function provenanceInWords(members: Members | undefined, { lightens }: Vocabulary): string[] {
  if (members === undefined) return []
  const without = members.not.filter((word) => word !== null && lightens('provenance', word))
  return [
    ...members.has.map((words) => `with data of origin ${oneOf(words, 'one')}`),
    ...(without.length > 0 ? [`without data of origin ${oneOf(without, 'one')}`] : []),
  ]
}

function chainInWords(members: Members | undefined, { tree, lightens }: Vocabulary): string[] {
  if (members === undefined) return []
  const without = members.not.filter((word) => word !== null && lightens('chain', word))
  return [
    ...members.has.map((words) => `on behalf of ${unitsInWords(words, tree, anyUnit)}`),
    ...(without.length > 0 ? [`not on behalf of ${unitsInWords(without, tree, anyUnit)}`] : []),
  ]
}

function findingsInWords(members: Members | undefined): string[] {
  if (members === undefined || members.has.length === 0) return []
  const found = members.has.map((words) => oneOf(words, 'one'))
  return [`where ${listed(found)} ${found.length === 1 ? 'is' : 'are'} found`]
}

function timesInWords(spans: readonly Span[] | undefined, { termFrom, lastMoments }: Vocabulary): string[] {
  const [only, ...others] = spans ?? []
  if (others.length === 0 && only?.min === termFrom && lastMoments.has(only.max ?? NaN)) return []
  return spansInWords(spans, ({ min, max }) => {
    if (min === undefined) return max === undefined ? '' : `before ${instant(max + 1)}`
    return max === undefined ? `from ${instant(min)} on` : `from ${instant(min)} until ${instant(max + 1)}`
  })
}

function committedInWords(spans: readonly Span[] | undefined, vocabulary: Vocabulary): string[] {
  const { allottedMicros, currency } = vocabulary
  const [only, ...others] = spans ?? []
  if (others.length === 0 && only?.min === undefined && only?.max === allottedMicros) return []
  return spansInWords(spans, ({ min, max }) => {
    const above = min === undefined ? [] : [`more than ${money(min - 1)}`]
    const most = max === undefined ? [] : [`at most ${money(max)}`]
    return `while ${[...above, ...most].join(' and ')} ${currency} are committed`
  })
}

function personsSpan({ min, max }: Span): string {
  const above = min === undefined ? [] : [`more than ${counted(min - 1, 'person')}`]
  const most = max === undefined ? [] : [`at most ${counted(max, 'person')}`]
  return `touching ${[...above, ...most].join(' and ')}`
}

function spansInWords(spans: readonly Span[] | undefined, format: (span: Span) => string): string[] {
  return spans === undefined || spans.length === 0 ? [] : [listed(spans.map(format), 'or')]
}
