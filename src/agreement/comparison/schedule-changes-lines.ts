/** How the lines of a list of the schedule are compared: what is gone, what is new, and each member that differs. */
import type { Agreement } from '../agreement.ts'
import { formatMicros } from '../money.ts'
import type { Listed } from '../schedule.ts'
import type { TermChange } from './comparison.ts'

export type Direction = TermChange['change']

/** What differs, without the place where it stands. */
export interface Difference {
  readonly change: Direction
  readonly says: string
}

export interface Versions {
  readonly before: Agreement
  readonly after: Agreement
}

/** The line whose members are compared. */
export interface LinePair<L> {
  /** For a sentence: "purpose `health-care`". */
  readonly name: string
  readonly before: L
  readonly after: L
  readonly versions: Versions
}

/** Asked only where the two values differ; null where another member tells it. */
export type MemberRule<V, L> = (before: V, after: V, line: LinePair<L>) => Difference | null

/** A rule for every member, so that a member without one does not compile. */
export type MemberRules<L> = { readonly [K in keyof L]-?: MemberRule<L[K], L> }

export interface ListRules<L extends Listed> {
  /** `purpose`: what one line of the list is called. */
  readonly noun: string
  /** For a line that the other version has no line of the same key for. */
  readonly gone: (line: L, name: string, versions: Versions) => Difference
  readonly added: (line: L, name: string, versions: Versions) => Difference
  readonly members: MemberRules<L>
  /** What is told of a line as a whole, where several members bear on one question. */
  readonly whole?: (line: LinePair<L>) => readonly Difference[]
}

/** The changes of a list: the lines of the first version in their order, then those that the second adds. */
export function compareLines<L extends Listed>(
  list: string,
  before: readonly L[],
  after: readonly L[],
  rules: ListRules<L>,
  versions: Versions,
): TermChange[] {
  const [old, young] = [byId(before), byId(after)]
  const placed = (line: L, differences: readonly Difference[]): TermChange[] =>
    differences.map(({ change, says }) => ({
      change,
      line: `${list}/${line.id}`,
      clause: line.clause,
      says,
    }))
  return [
    ...before.flatMap((line) => {
      const other = young.get(line.id)
      const name = nameOf(rules, line)
      if (other === undefined) return placed(line, [rules.gone(line, name, versions)])
      return placed(other, compareLine({ name, before: line, after: other, versions }, rules))
    }),
    ...after
      .filter(({ id }) => !old.has(id))
      .flatMap((line) => placed(line, [rules.added(line, nameOf(rules, line), versions)])),
  ]
}

function compareLine<L extends Listed>(line: LinePair<L>, rules: ListRules<L>): Difference[] {
  return [...(rules.whole?.(line) ?? []), ...compareMembers(line, rules.members)]
}

/** The differences of all members that are not the same. */
export function compareMembers<L extends object>(line: LinePair<L>, rules: MemberRules<L>): Difference[] {
  return membersOf(rules).flatMap((member) => compareMember(line, rules, member))
}

function compareMember<L>(line: LinePair<L>, rules: MemberRules<L>, member: keyof L): Difference[] {
  const { before, after } = line
  if (sameValue(before[member], after[member])) return []
  const difference = rules[member](before[member], after[member], line)
  return difference === null ? [] : [difference]
}

function membersOf<L extends object>(rules: MemberRules<L>): (keyof L)[] {
  return Object.keys(rules) as (keyof L)[]
}

function nameOf<L extends Listed>({ noun }: ListRules<L>, { id }: L): string {
  return `${noun} \`${id}\``
}

function byId<L extends Listed>(lines: readonly L[]): ReadonlyMap<string, L> {
  return new Map(lines.map((line) => [line.id, line]))
}

/** Whether two values of a schedule are the same; the order of members does not matter, that of a list does. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))]
  return left.length === right.size && left.every(([key, value]) => sameValue(value, right.get(key)))
}

/** Rules for what every line has. A title is what people call a thing, and binds nobody. */
export const listedRules: MemberRules<Listed> = {
  id: () => null,
  clause: (before, after, { name }) => ({
    change: 'neutral',
    says: `${name} stands under clause ${after}; it stood under ${before}`,
  }),
  title: (before, after, { name }) => ({
    change: 'neutral',
    says: `the title of ${name} is ${quoted(after)}; it was ${quoted(before)}`,
  }),
}

/** For what binds nobody more or less. */
export function neutral(says: string): Difference {
  return { change: 'neutral', says }
}

/** A value in a sentence; what is absent is none. */
export function quoted(value: string | undefined): string {
  return value === undefined ? 'none' : `“${value}”`
}

/** An id in a sentence. */
export function coded(id: string | undefined): string {
  return id === undefined ? 'none' : `\`${id}\``
}

/** What the direction is where it goes one way, the other, or both. */
export function directionOf({
  stronger,
  weaker,
}: {
  readonly stronger: boolean
  readonly weaker: boolean
}): Direction {
  if (stronger && weaker) return 'both'
  if (stronger) return 'stronger'
  return weaker ? 'weaker' : 'neutral'
}

/** For a number of which a smaller one is weaker, such as days of notice; what is absent is less than any. */
export function smallerIsWeaker(before: number | undefined, after: number | undefined): Direction {
  return directionOf({
    stronger: (after ?? -Infinity) > (before ?? -Infinity),
    weaker: (after ?? -Infinity) < (before ?? -Infinity),
  })
}

/** For a number of which a larger one is weaker, such as a ceiling; what is absent is more than any. */
export function largerIsWeaker(before: number | undefined, after: number | undefined): Direction {
  return directionOf({
    stronger: (after ?? Infinity) < (before ?? Infinity),
    weaker: (after ?? Infinity) > (before ?? Infinity),
  })
}

/** `1 day`, `30 days`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], joint = 'and'): string {
  return words.length > 1
    ? `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1) ?? ''}`
    : (words[0] ?? 'nothing')
}

/** An amount of money without its currency: `1,500,000`. */
export function money(micros: number): string {
  const [whole = '', fraction] = formatMicros(micros).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** What ends when a moment comes, which does not belong to it: the last day of `2027-01-01` is the day before. */
export function beginning(time: number): string {
  const said = instant(time)
  return said.includes('T') ? said : `the beginning of ${said}`
}

/** `2026-03-01`, with the hour where it is not midnight. */
export function instant(time: number): string {
  const iso = new Date(time).toISOString()
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.replace('.000Z', 'Z')
}
