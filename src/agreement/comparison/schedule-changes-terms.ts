/** How the single lines of the schedule compare: term, money, retention, protection, duties, purposes' limits. */
import { coolingOffDaysDefault } from '../read-terms.ts'
import { protectedData } from '../schedule.ts'
import type { Amounts, Duty, PersonsCap, Protection, Purpose, Retention, Term } from '../schedule.ts'
import {
  beginning,
  counted,
  directionOf,
  instant,
  largerIsWeaker,
  listed,
  listedRules,
  money,
  quoted,
  smallerIsWeaker,
} from './schedule-changes-lines.ts'
import type { Difference, Direction, ListRules, MemberRule, MemberRules } from './schedule-changes-lines.ts'

/** A clause that a single line stands under. */
function clauseRule<L>(): MemberRule<string, L> {
  return (before, after, { name }) => ({
    change: 'neutral',
    says: `${name} stands under clause ${after}; it stood under ${before}`,
  })
}

export const termRules: MemberRules<Term> = {
  clause: clauseRule(),
  from: (before, after) => ({
    change: smallerIsWeaker(before, after),
    says: `the term begins on ${instant(after)}; it was ${instant(before)}`,
  }),
  until: (before, after) => ({
    change: largerIsWeaker(before, after),
    says: `the term ends at ${beginning(after)}; it was ${beginning(before)}`,
  }),
}

export const amountsRules: MemberRules<Amounts> = {
  clause: clauseRule(),
  currency: (before, after) => ({
    change: 'both',
    says: `amounts are in ${after}; they were in ${before}`,
  }),
  ceilingMicros: amountRule('ceiling'),
  allottedMicros: amountRule('allotted amount'),
  warningPercent: (before, after) => ({
    change: largerIsWeaker(before, after),
    says: `the parties are warned ${warningInWords(after)}; it was ${warningInWords(before)}`,
  }),
}

function amountRule(what: string): MemberRule<number, Amounts> {
  return (before, after, line) => ({
    change: largerIsWeaker(before, after),
    says: `the ${what} ${after > before ? 'rises' : 'falls'} from ${money(before)} to ${money(after)} ${line.after.currency}`,
  })
}

export function amountsInWords({ currency, ceilingMicros, allottedMicros }: Amounts): string {
  return `a ceiling of ${money(ceilingMicros)} ${currency}, of which ${money(allottedMicros)} are allotted`
}

function warningInWords(percent: number | undefined): string {
  return percent === undefined ? 'at no share' : `at ${percent} % of what is allotted`
}

export const retentionRules: MemberRules<Retention> = {
  clause: clauseRule(),
  days: (before, after) => ({
    change: smallerIsWeaker(before, after),
    says: `records are kept ${counted(after, 'day')}; it was ${before}`,
  }),
}

export function retentionInWords({ days }: Retention): string {
  return counted(days, 'day')
}

export const protectionRules: MemberRules<Protection> = {
  clause: clauseRule(),
  persons: (before, after) => ({
    change: protectedDirection(before, after),
    says: `${protectedInWords[after]} are protected; it was ${protectedInWords[before]}`,
  }),
  data: (before, after) => {
    const [more, less] = protectedData.reduce<[string[], string[]]>(
      ([gained, lost], kind) => [
        after.includes(kind) && !before.includes(kind) ? [...gained, kind] : gained,
        before.includes(kind) && !after.includes(kind) ? [...lost, kind] : lost,
      ],
      [[], []],
    )
    const parts = [
      ...(less.length > 0 ? [`${listed(less)} data about persons are no longer protected`] : []),
      ...(more.length > 0 ? [`${listed(more)} data about persons are protected`] : []),
    ]
    if (parts.length === 0) return null
    return {
      change: directionOf({ stronger: more.length > 0, weaker: less.length > 0 }),
      says: parts.join(', and '),
    }
  },
}

const protectedInWords: Readonly<Record<Protection['persons'], string>> = {
  'us-persons': 'U.S. persons',
  'persons-in-territory': 'persons in the territory',
  'all-natural-persons': 'all natural persons',
}

export function protectionInWords({ persons, data }: Protection): string {
  return `${protectedInWords[persons]}, and ${listed(data)} data about them`
}

/** All persons are more than either of the others, which are not part of one another. */
function protectedDirection(before: Protection['persons'], after: Protection['persons']): Direction {
  if (after === 'all-natural-persons') return 'stronger'
  return before === 'all-natural-persons' ? 'weaker' : 'both'
}

interface DutyRule {
  readonly name: string
  /** A period that leaves more time to what should end is weaker when it is longer. */
  readonly period?: 'shorter is weaker' | 'longer is weaker'
}

const dutyRules: Readonly<Record<Duty['id'], DutyRule>> = {
  suspension: { name: 'the duty to suspend' },
  notice: { name: 'the notice', period: 'shorter is weaker' },
  cure: { name: 'the time to cure', period: 'longer is weaker' },
  'wind-down': { name: 'the wind-down', period: 'longer is weaker' },
  'cooling-off': { name: 'the cooling-off before a loosening', period: 'shorter is weaker' },
  evidence: { name: 'the duty to keep evidence' },
}

/** One duty of both versions, absent where a version does not name it. Null where nothing differs but its place. */
export function dutyDifference(
  id: Duty['id'],
  before: Duty | undefined,
  after: Duty | undefined,
): Difference | null {
  const rule = dutyRules[id]
  if (id === 'cooling-off') return coolingOffDifference(rule, before, after)
  if (before === undefined || after === undefined) {
    if (before === after) return null
    return after === undefined
      ? { change: 'weaker', says: `${rule.name} is gone` }
      : { change: 'stronger', says: `${rule.name} is new${periodOf(after, ': ')}` }
  }
  if (before.days === after.days) return null
  return {
    change: periodDirection(rule, before.days, after.days),
    says: `${rule.name} is ${periodOf(after)}; it was ${periodOf(before)}`,
  }
}

/** Where no line stands, the default acts: a line below it is weaker than none. */
function coolingOffDifference(
  rule: DutyRule,
  before: Duty | undefined,
  after: Duty | undefined,
): Difference | null {
  if (before?.days === after?.days && (before === undefined) === (after === undefined)) return null
  const [was, is] = [before?.days ?? coolingOffDaysDefault, after?.days ?? coolingOffDaysDefault]
  const said = (duty: Duty | undefined, days: number): string =>
    `${counted(days, 'day')}${duty?.days === undefined ? ', since nothing is written' : ''}`
  return {
    change: smallerIsWeaker(was, is),
    says: `${rule.name} is ${said(after, is)}; it was ${said(before, was)}`,
  }
}

function periodDirection(
  { period }: DutyRule,
  before: number | undefined,
  after: number | undefined,
): Direction {
  if (period === undefined || before === undefined || after === undefined) return 'both'
  return period === 'shorter is weaker' ? smallerIsWeaker(before, after) : largerIsWeaker(before, after)
}

function periodOf({ days }: Duty, lead = ''): string {
  return days === undefined ? (lead === '' ? 'without a period' : '') : `${lead}${counted(days, 'day')}`
}

export const purposeRules: ListRules<Purpose> = {
  noun: 'purpose',
  gone: (_, name) => ({ change: 'neutral', says: `${name} is no longer listed` }),
  added: (_, name) => ({ change: 'neutral', says: `${name} is new` }),
  members: {
    ...listedRules,
    owner: (before, after, { name }) => ({
      change: 'neutral',
      says: `${quoted(after)} answers for ${name}; it was ${quoted(before)}`,
    }),
    authority: (before, after, { name }) => ({
      change: 'neutral',
      says: `${name} rests on ${quoted(after)}; it was ${quoted(before)}`,
    }),
    until: (before, after, { name }) => ({
      change: largerIsWeaker(before, after),
      says: `${name} ${endInWords(after)}; it ${pastEndInWords(before)}`,
    }),
    persons: (before, after, { name }) => ({
      change: capDirection(before, after),
      says: `calls for ${name} may touch ${capInWords(after)}; it was ${capInWords(before)}`,
    }),
  },
}

function endInWords(until: number | undefined): string {
  return until === undefined ? 'has no end of its own' : `ends at ${beginning(until)}`
}

function pastEndInWords(until: number | undefined): string {
  return until === undefined ? 'had no end of its own' : `was to end at ${beginning(until)}`
}

/** Fewer persons over a longer window is stronger. */
function capDirection(before: PersonsCap | undefined, after: PersonsCap | undefined): Direction {
  if (before === undefined) return 'stronger'
  if (after === undefined) return 'weaker'
  return directionOf({
    stronger: after.max < before.max || after.days > before.days,
    weaker: after.max > before.max || after.days < before.days,
  })
}

function capInWords(cap: PersonsCap | undefined): string {
  if (cap === undefined) return 'any number of persons'
  return `${counted(cap.max, 'person')} within ${counted(cap.days, 'day')}`
}
